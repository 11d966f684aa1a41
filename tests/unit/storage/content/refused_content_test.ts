import { assertEquals, assertRejects } from "@std/assert";
import { open } from "node:fs/promises";
import { MemoryStorage } from "../../../../src/storage/mod.ts";

const REFUSED: Readonly<Record<string, readonly [make: () => unknown, got: string]>> = {
  "null": [() => null, "got null. A form without the field returns null"],
  "undefined": [() => undefined, "got undefined. Check that the value exists"],
  "a number": [() => 5, "got number. Save String(value)"],
  "a function": [() => () => "text", "got a function. Call it"],
  "a promise": [() => Promise.resolve("text"), "got Promise. Await it first"],
  "a form": [() => new FormData(), 'got FormData. Save one of its files: form.get("file")'],
  "parameters": [() => new URLSearchParams("a=1"), "got URLSearchParams. Save String(parameters)"],
  "a map": [() => new Map([["a", 1]]), "got Map. Save JSON.stringify(Object.fromEntries(map))"],
  "an object": [() => ({ a: 1 }), "got Object. Save JSON.stringify(value)"],
  "a URL": [() => new URL("https://example.com"), "got URL. Save String(url)"],
  "headers": [() => new Headers({ a: "1" }), "got Headers. Save its values as text"],
};

for (const [what, [make, got]] of Object.entries(REFUSED)) {
  Deno.test(`save() refuses ${what}, and names it`, async () => {
    const storage = new MemoryStorage();
    const error = await assertRejects(() => storage.save("a.txt", make() as string), TypeError, got);
    assertEquals(error.message.startsWith("Cannot save 'a.txt': content must be text, bytes"), true);
    assertEquals(await storage.exists("a.txt"), false);
  });
}

Deno.test("save() refuses an open file of Deno or Node, and says what to save instead", async () => {
  const storage = new MemoryStorage();
  const path = await Deno.makeTempFile();
  using file = await Deno.open(path);
  await assertRejects(() => storage.save("a", file as unknown as string), TypeError, "got FsFile. Save its readable");
  const handle = await open(path);
  await assertRejects(() => storage.save("a", handle as unknown as string), TypeError, "got FileHandle. Save handle.");
  await handle.close();
  await Deno.remove(path);
});

Deno.test("save() takes iterables of text and bytes, and the entries of a form", async () => {
  const storage = new MemoryStorage();
  await storage.save("list.txt", ["first ", new TextEncoder().encode("second")]);
  await storage.save(
    "generated.txt",
    function* (): Generator<string> {
      yield "a";
      yield "b";
    }(),
  );
  const form = new FormData();
  form.set("file", new File(["of a form"], "form.txt"));
  form.set("text", "a field");
  await storage.save("form.txt", form.get("file")!);
  await storage.save("field.txt", form.get("text")!);
  const names = ["list.txt", "generated.txt", "form.txt", "field.txt"];
  const texts = await Promise.all(names.map((name) => storage.readText(name)));
  assertEquals(texts, ["first second", "ab", "of a form", "a field"]);
  await assertRejects(() => storage.save("n", [1, 2] as unknown as string[]), TypeError, "got number");
});
