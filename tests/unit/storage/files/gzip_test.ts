import type { ByteSink } from "../../../../src/storage/contract/bytes.ts";
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { gunzipSync } from "node:zlib";
import { concatBytes } from "../../../../src/kit/bytes/bytes.ts";
import { gzipSink } from "../../../../src/storage/files/gzip.ts";
import { isGzip } from "../../../../src/storage/files/coding.ts";
import { writeAll, WriteFile } from "../../../../src/storage/files/write_file.ts";
import { patternBytes, SeededRandom } from "../../random.ts";

/** A slow sink that records bytes. */
class CollectingSink implements ByteSink {
  readonly chunks: Uint8Array[] = [];
  readonly ends: string[] = [];
  underWay = 0;
  mostUnderWay = 0;

  constructor(readonly failure?: Error) {}

  get bytes(): Uint8Array<ArrayBuffer> {
    return concatBytes(this.chunks);
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.mostUnderWay = Math.max(this.mostUnderWay, ++this.underWay);
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.underWay--;
    if (this.failure !== undefined) throw this.failure;
    this.chunks.push(chunk.slice());
  }

  close(): Promise<void> {
    return Promise.resolve(void this.ends.push("close"));
  }

  abort(): Promise<void> {
    return Promise.resolve(void this.ends.push("abort"));
  }
}

async function compress(content: Uint8Array, sizes: readonly number[]): Promise<Uint8Array<ArrayBuffer>> {
  const target = new CollectingSink();
  const sink = gzipSink(target);
  for (let offset = 0, turn = 0; offset < content.byteLength; turn++) {
    const size = sizes[turn % sizes.length]!;
    const chunk = content.slice(offset, offset + size);
    await sink.write(chunk);
    chunk.fill(0); // a caller may reuse its buffer
    offset += size;
  }
  await sink.close();
  assertEquals([target.ends, target.mostUnderWay <= 1], [["close"], true]);
  return target.bytes;
}

Deno.test("gzipSink() compresses to the same bytes for any split of the content", async () => {
  const random = new SeededRandom(4);
  const words = Array.from({ length: 300 }, () => random.text([..."abcdefghij "], 1, 12));
  for (const length of [0, 1, 65_535, 65_536, 65_537, 131_072, 400_000]) {
    const content = new TextEncoder().encode(random.text(words, length / 5, length / 5)).slice(0, length);
    const whole = await compress(content, [Math.max(1, content.byteLength)]);
    assertEquals(new Uint8Array(gunzipSync(whole)), content);
    for (const sizes of [[1000], [65_536], [65_537, 3], [1 + random.below(100_000), 1 + random.below(5000)]]) {
      assertEquals(await compress(content, sizes), whole);
    }
  }
});

Deno.test("gzipSink() writes a header without time and name: level 9, Unix", async () => {
  assertEquals((await compress(patternBytes(10), [3])).slice(0, 10), new Uint8Array([31, 139, 8, 0, 0, 0, 0, 0, 2, 3]));
});

Deno.test("gzipSink() lets other tasks run while it compresses much", async () => {
  const sink = gzipSink({
    write: () => Promise.resolve(),
    close: () => Promise.resolve(),
    abort: () => Promise.resolve(),
  });
  await sink.write(new Uint8Array(1)); // loads the compressor
  let turns = 0;
  const timer = setInterval(() => turns++, 0);
  await sink.write(patternBytes(4 * 1024 ** 2));
  clearInterval(timer);
  await sink.close();
  assert(turns >= 4, `${turns}`);
});

Deno.test("gzipSink() forwards a failure of the sink, and an abort to it", async () => {
  const failure = new Error("full");
  const target = new CollectingSink(failure);
  const random = new SeededRandom(1);
  const file = new WriteFile("a.css", gzipSink(target));
  assertStrictEquals(await assertRejects(() => writeAll(file, [random.bytes(300_000)])), failure);
  assertEquals(target.ends, ["abort"]);
  const unused = new CollectingSink();
  await gzipSink(unused).abort(failure);
  assertEquals(unused.ends, ["abort"]);
  const { signal } = new AbortController();
  assertStrictEquals(gzipSink(Object.assign(unused, { failed: signal })).failed, signal);
});

Deno.test("isGzip() accepts gzip alone", () => {
  for (const encoding of ["gzip", "GZIP", "x-gzip", "aws-chunked,gzip", "aws-chunked, gzip"]) assert(isGzip(encoding));
  for (const encoding of [undefined, "", "identity", "br", "gzip, br", "br,gzip", "gzip,gzip", "aws-chunked"]) {
    assert(!isGzip(encoding), encoding);
  }
});
