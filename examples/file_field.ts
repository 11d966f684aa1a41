// deno-lint-ignore-file no-console -- the example prints its results
/**
 * A file as an attribute of a record: the transcript of django-storages' documentation, in TypeScript.
 *
 * @module
 */
import { fileField, type StoredFile } from "@storages/s3/field";
import { MemoryStorage } from "@storages/s3/storage"; // instead of an S3Storage

const normal = fileField(new MemoryStorage(), { uploadTo: "tests" });

class MyModel {
  declare readonly normal: StoredFile;
  constructor() {
    normal.attach(this, "normal");
  }
}
const decoder = new TextDecoder();

// An object without a file has limited functionality.
const obj1 = new MyModel();
console.log(obj1.normal); // StoredFile { name: undefined }
await obj1.normal.size().catch((error) => console.log(`${error}`)); // The 'normal' attribute has no file …

// Saving a file enables full functionality.
await obj1.normal.save("django_test.txt", "content");
console.log(obj1.normal); // StoredFile { name: "tests/django_test.txt" }
console.log(await obj1.normal.size()); // 7
console.log(decoder.decode(await obj1.normal.read())); // content

// Files can be read in a little at a time, if necessary.
await obj1.normal.open();
console.log(decoder.decode(await obj1.normal.read(3))); // con
console.log(decoder.decode(await obj1.normal.read())); // tent
const chunks = await Array.fromAsync(obj1.normal.chunks(2), (chunk) => decoder.decode(chunk));
console.log(chunks.join("-")); // co-nt-en-t

// Save another file with the same name.
const obj2 = new MyModel();
await obj2.normal.save("django_test.txt", "more content");
console.log(obj2.normal); // StoredFile { name: "tests/django_test.txt" }
console.log(await obj2.normal.size()); // 12

// Push the objects into a cache, as JSON or as clones: the cache holds names, and attach() makes them files again.
const cache = new Map([["obj2", JSON.stringify(obj2)]]);
console.log(cache.get("obj2")); // {"normal":"tests/django_test.txt"}
const back = Object.assign(new MyModel(), JSON.parse(cache.get("obj2")!));
console.log(back.normal, await back.normal.size()); // StoredFile { name: "tests/django_test.txt" } 12

// Clean up.
await obj1.normal.delete();
await obj2.normal.delete();
