/**
 * What this project relies on in `@std/streams`, run against whatever that name resolves to: the published package, a checkout
 * of the standard library, or the stand-in beside this file.
 */
import { LimitedBytesTransformStream } from "@std/streams/limited-bytes-transform-stream";
import { toText } from "@std/streams/to-text";
import { same } from "./same.ts";

const bytes = (...chunks: number[][]): ReadableStream<Uint8Array<ArrayBuffer>> =>
  ReadableStream.from(chunks.map((chunk) => new Uint8Array(chunk)));

Deno.test("@std/streams reads streams to their ends", async () => {
  same(await toText(bytes([0xc3], [0xa9])), "é", "toText of a character cut in two");
  same(await toText(ReadableStream.from(["a", "b"])), "ab", "toText of strings");
});

Deno.test("@std/streams passes bytes on up to a limit", async () => {
  const letters = (): ReadableStream<Uint8Array<ArrayBuffer>> => bytes([0x61, 0x62], [0x63], [0x64]);
  const limited = (size: number, error?: boolean): Promise<string> =>
    toText(letters().pipeThrough(new LimitedBytesTransformStream(size, error === undefined ? undefined : { error })));
  same(await limited(4, true), "abcd", "as many as allowed");
  same(await limited(3), "abc", "a limit that ends the stream");
  same(await limited(3, true).catch((error) => `${error}`), "RangeError: Exceeded byte size limit of '3'", "an error");
});
