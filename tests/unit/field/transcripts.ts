/** The transcripts of the reference document line by line: each line of Python is above its TypeScript. */
import { assertEquals, assertRejects } from "@std/assert";
import { NotFoundError } from "../../../src/errors.ts";
import { type FileField, fileField, type StoredFile } from "../../../src/field/mod.ts";
import type { Storage } from "../../../src/storage/storage.ts";

/** The section "Storage" of the reference document. */
export async function storageSection(defaultStorage: Storage): Promise<void> {
  // >>> default_storage.exists('storage_test')
  // False
  assertEquals(await defaultStorage.exists("storage_test"), false);
  // >>> file = default_storage.open('storage_test', 'w')
  let written = await defaultStorage.open("storage_test", "w");
  // >>> file.write('storage contents')
  await written.write("storage contents");
  // >>> file.close()
  await written.close();

  // >>> default_storage.exists('storage_test')
  // True
  assertEquals(await defaultStorage.exists("storage_test"), true);
  // >>> file = default_storage.open('storage_test', 'r')
  const file = await defaultStorage.open("storage_test", "r");
  // >>> file.read()
  // 'storage contents'
  assertEquals(await file.read(), "storage contents");
  // >>> file.close()
  await file.close();

  // >>> default_storage.delete('storage_test')
  await defaultStorage.delete("storage_test");
  // >>> default_storage.exists('storage_test')
  // False
  assertEquals(await defaultStorage.exists("storage_test"), false);

  // Not in the document: a deleted file can be written again.
  written = await defaultStorage.open("storage_test", "w");
  await written.close();
  assertEquals(await defaultStorage.size("storage_test"), 0);
}

// class MyModel(models.Model):
//   normal = models.FileField()
class MyModel {
  declare readonly normal: StoredFile;

  constructor(field: FileField) {
    field.attach(this, "normal");
  }
}

/** Bytes as the document shows them. */
function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

/** The section "Model" of the reference document. */
export async function modelSection(storage: Storage): Promise<void> {
  const normal = fileField(storage, { uploadTo: "tests" });
  // >>> obj1 = MyModel()
  const obj1 = new MyModel(normal);
  // >>> obj1.normal
  // <FieldFile: None>
  assertEquals(Deno.inspect(obj1.normal), "StoredFile { name: undefined }");
  // >>> obj1.normal.size
  // Traceback (most recent call last):
  // ...
  // ValueError: The 'normal' attribute has no file associated with it.
  const { message } = await assertRejects(() => obj1.normal.size(), NotFoundError);
  assertEquals(message, "The 'normal' attribute has no file associated with it.");

  // >>> obj1.normal.save('django_test.txt', ContentFile(b'content'))
  await obj1.normal.save("django_test.txt", new TextEncoder().encode("content"));
  // >>> obj1.normal
  // <FieldFile: tests/django_test.txt>
  assertEquals(Deno.inspect(obj1.normal), 'StoredFile { name: "tests/django_test.txt" }');
  // >>> obj1.normal.size
  // 7
  assertEquals(await obj1.normal.size(), 7);
  // >>> obj1.normal.read()
  // 'content'
  assertEquals(textOf(await obj1.normal.read()), "content");

  // >>> obj1.normal.open()
  await obj1.normal.open();
  // >>> obj1.normal.read(3)
  // 'con'
  assertEquals(textOf(await obj1.normal.read(3)), "con");
  // >>> obj1.normal.read()
  // 'tent'
  assertEquals(textOf(await obj1.normal.read()), "tent");
  // >>> '-'.join(obj1.normal.chunks(chunk_size=2))
  // 'co-nt-en-t'
  assertEquals((await Array.fromAsync(obj1.normal.chunks(2), textOf)).join("-"), "co-nt-en-t");

  // >>> obj2 = MyModel()
  const obj2 = new MyModel(normal);
  // >>> obj2.normal.save('django_test.txt', ContentFile(b'more content'))
  await obj2.normal.save("django_test.txt", new TextEncoder().encode("more content"));
  // >>> obj2.normal
  // <FieldFile: tests/django_test.txt>
  assertEquals(obj2.normal.name, "tests/django_test.txt");
  // >>> obj2.normal.size
  // 12
  assertEquals(await obj2.normal.size(), 12);

  const cache = new Map<string, unknown>();
  // >>> cache.set('obj1', obj1)
  cache.set("obj1", structuredClone(obj1));
  // >>> cache.set('obj2', obj2)
  cache.set("obj2", JSON.stringify(obj2));
  // >>> cache.get('obj2').normal
  // <FieldFile: tests/django_test.txt>
  const fromCache = Object.assign(new MyModel(normal), JSON.parse(cache.get("obj2") as string));
  assertEquals(Deno.inspect(fromCache.normal), 'StoredFile { name: "tests/django_test.txt" }');
  assertEquals(await fromCache.normal.size(), 12);
  const cloned = Object.assign(new MyModel(normal), cache.get("obj1"));
  assertEquals(cloned.normal.equals(obj1.normal), true);

  // >>> obj1.normal.delete()
  await obj1.normal.delete();
  // >>> obj2.normal.delete()
  await obj2.normal.delete();
  assertEquals(await storage.listdir("tests"), [[], []]);
}
