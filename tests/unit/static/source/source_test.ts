import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { NotSupportedError, SuspiciousNameError } from "../../../../src/errors.ts";
import { bytesOf, checkStaticName, sourcesOf } from "../../../../src/static/source/source.ts";
import { source } from "../stage.ts";

const stream = (): ReadableStream<Uint8Array> => new Blob(["abc"]).stream();

Deno.test("sourcesOf() takes one source or several, and refuses other values", () => {
  const files = source({});
  assertEquals([sourcesOf("a"), sourcesOf(["a", files]), sourcesOf(files)], [["a"], ["a", files], [files]]);
  for (const value of [7, null, ["a", {}]]) {
    assertThrows(() => sourcesOf(value as unknown as string), TypeError, "from");
  }
});

Deno.test("checkStaticName() refuses names that the storage would change", () => {
  checkStaticName("a/b.css", "a/b.0123456789ab.css", "static");
  for (const name of ["a//b.css", "../a.css", "a\\b.css", "/a.css"]) {
    assertThrows(() => checkStaticName(name, name, ""), SuspiciousNameError);
  }
  assertThrows(() => checkStaticName("a", "a".repeat(1025), ""), SuspiciousNameError);
});

Deno.test("bytesOf() prefers bytes() to stream(), and refuses more than 32 MiB", async () => {
  const text = async (file: Parameters<typeof bytesOf>[0]): Promise<string> =>
    new TextDecoder().decode(await bytesOf(file));
  assertEquals(await text({ name: "a", size: 3, stream }), "abc");
  assertEquals(await text({ name: "a", size: 3, stream, bytes: () => Promise.resolve(new Uint8Array([100])) }), "d");
  const large = { name: "a", size: 32 * 1024 ** 2 + 1, stream };
  await assertRejects(() => bytesOf(large), NotSupportedError, "32 MiB");
});
