/**
 * What this project relies on in `@std/streams`, run against whatever that name resolves to: the published package, a checkout
 * of the standard library, or the stand-in beside this file.
 */
import { toText } from "@std/streams/to-text";
import { same } from "./same.ts";

Deno.test("@std/streams reads streams to their ends", async () => {
  const bytes = (...chunks: number[][]): ReadableStream<Uint8Array<ArrayBuffer>> =>
    ReadableStream.from(chunks.map((chunk) => new Uint8Array(chunk)));
  same(await toText(bytes([0xc3], [0xa9])), "é", "toText of a character cut in two");
  same(await toText(ReadableStream.from(["a", "b"])), "ab", "toText of strings");
});
