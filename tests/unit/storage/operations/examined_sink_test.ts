import { assertEquals, assertRejects } from "@std/assert";
import type { ByteSink } from "../../../../src/storage/contract/bytes.ts";
import { examinedSink } from "../../../../src/storage/operations/examined_sink.ts";

/** Sinks that record what happens to them. */
class Recorded {
  readonly events: string[] = [];
  readonly failures: AbortController[] = [];

  readonly begin = (
    { fallbackContentType, fallbackContentEncoding }: {
      fallbackContentType: string;
      fallbackContentEncoding?: string | undefined;
    },
  ): ByteSink => {
    const failure = new AbortController();
    const at = this.failures.push(failure);
    this.events.push(`${at}: ${fallbackContentType} ${fallbackContentEncoding ?? "plain"}`);
    return {
      failed: failure.signal,
      write: (chunk) => void this.events.push(`${at}: ${chunk.byteLength} bytes`),
      close: () => Promise.resolve(void this.events.push(`${at}: close`)),
      abort: () => Promise.resolve(void this.events.push(`${at}: abort`)),
    };
  };
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("text that is written in pieces is described by its bytes when it is closed", async () => {
  const recorded = new Recorded();
  const sink = examinedSink("a.txt", undefined, recorded.begin);
  const chunk = bytes("abc");
  await sink.write(chunk);
  chunk.fill(0xff); // the caller may reuse it
  await sink.write(bytes("ü"));
  await sink.close();
  assertEquals(recorded.events, [
    "1: text/plain plain",
    "2: text/plain; charset=utf-8 plain",
    "2: 5 bytes",
    "1: abort",
    "2: close",
  ]);
});

Deno.test("64 KiB are kept at most, and further chunks pass through without a promise", async () => {
  const recorded = new Recorded();
  const sink = examinedSink("a.txt", undefined, recorded.begin);
  const writes = [bytes("ü".repeat(20_000)), bytes("ü".repeat(20_000)), bytes("ü")].map((chunk) => sink.write(chunk));
  assertEquals(writes.map((write) => write instanceof Promise), [false, true, false]);
  await Promise.all(writes);
  await sink.close();
  assertEquals(recorded.events.slice(2), ["2: 80000 bytes", "2: 2 bytes", "1: abort", "2: close"]);
});

Deno.test("a file whose bytes change nothing is begun once", async () => {
  const recorded = new Recorded();
  const sink = examinedSink("a.txt", undefined, recorded.begin);
  await sink.write(Uint8Array.of(0xfc));
  await sink.close();
  assertEquals(recorded.events, ["1: text/plain plain", "1: 1 bytes", "1: close"]);
});

Deno.test("a name without text gets the sink itself", async () => {
  const recorded = new Recorded();
  const sink = examinedSink("a.png", undefined, recorded.begin);
  await sink.write(bytes("abc"));
  assertEquals(recorded.events, ["1: image/png plain", "1: 3 bytes"]);
});

Deno.test("a compressed part of a page gets its encoding once its bytes show it", async () => {
  const recorded = new Recorded();
  const sink = examinedSink("a.css.gz", undefined, recorded.begin);
  await sink.write(Uint8Array.of(0x1f, 0x8b, 8));
  await sink.close();
  assertEquals(recorded.events.slice(0, 2), ["1: application/gzip plain", "2: text/css gzip"]);
});

Deno.test("an abort before the description is known drops the bytes", async () => {
  const recorded = new Recorded();
  const sink = examinedSink("a.txt", undefined, recorded.begin);
  await sink.write(bytes("abc"));
  await sink.abort("gone");
  assertEquals(recorded.events, ["1: text/plain plain", "1: abort"]);
});

Deno.test("a failure of the object that is written is a failure of the sink", async () => {
  const recorded = new Recorded();
  const sink = examinedSink("a.txt", undefined, recorded.begin);
  await sink.write(bytes("ü".repeat(40_000)));
  const reason = new Error("lost");
  recorded.failures[1]!.abort(reason);
  assertEquals(sink.failed?.reason, reason);
});

Deno.test("a write that fails is reported, and the unused object is aborted", async () => {
  const recorded = new Recorded();
  const sink = examinedSink("a.txt", undefined, (by) => ({
    ...recorded.begin(by),
    write: () => Promise.reject(new Error("the disk is full")),
  }));
  await sink.write(bytes("ü"));
  await assertRejects(() => sink.close(), Error, "the disk is full");
  assertEquals(recorded.events.at(-1), "1: abort");
});
