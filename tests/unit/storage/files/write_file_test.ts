// deno-lint-ignore-file no-console -- the warnings on the console are tested
import type { ByteSink } from "../../../../src/storage/contract/bytes.ts";
import { assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { WriteFile } from "../../../../src/storage/files/write_file.ts";

/** A sink that records bytes and calls, and fails on demand. */
class RecordingSink implements ByteSink {
  readonly calls: string[] = [];
  overlapping = false;
  #busy = false;

  constructor(readonly failAt?: string, readonly error: Error = new Error("full")) {}

  write(chunk: Uint8Array): Promise<void> {
    return this.#record(new TextDecoder().decode(chunk.slice()));
  }

  close(): Promise<void> {
    return this.#record("close");
  }

  abort(): Promise<void> {
    this.calls.push("abort");
    return this.failAt === "abort" ? Promise.reject(this.error) : Promise.resolve();
  }

  async #record(call: string): Promise<void> {
    this.overlapping ||= this.#busy;
    this.#busy = true;
    await new Promise((resolve) => setTimeout(resolve, this.calls.length === 0 ? 3 : 0));
    this.#busy = false;
    if (call === this.failAt) throw this.error;
    this.calls.push(call);
  }
}

const fileOn = (sink: ByteSink, signal?: AbortSignal): WriteFile => new WriteFile("a.txt", sink, signal);

/** Runs with console.warn intercepted; returns the warnings. */
async function warnings(run: () => Promise<void>): Promise<string[]> {
  const { warn } = console;
  const seen: string[] = [];
  console.warn = (...parts: unknown[]): void => void seen.push(parts.join(" "));
  try {
    await run();
  } finally {
    console.warn = warn;
  }
  return seen;
}

Deno.test("write() delivers bytes in order, and close() publishes them", async () => {
  const sink = new RecordingSink();
  const file = fileOn(sink);
  assertEquals(await file.write("é"), 2);
  assertEquals(await file.write(new Uint8Array([0x62])), 1);
  assertEquals(await file.write(new TextEncoder().encode("c").buffer), 1);
  assertEquals([file.name, file.size, file.closed], ["a.txt", 4, false]);
  await file.close();
  assertEquals([sink.calls, file.closed], [["é", "b", "c", "close"], true]);
});

Deno.test("writes that are not awaited keep their order and never overlap", async () => {
  const sink = new RecordingSink();
  const file = fileOn(sink);
  for (const text of ["a", "b", "c", "d"]) void file.write(text);
  await file.close();
  assertEquals([sink.calls, sink.overlapping, file.size], [["a", "b", "c", "d", "close"], false, 4]);
});

Deno.test("close() may be called twice, also before the first call ends", async () => {
  const sink = new RecordingSink();
  const file = fileOn(sink);
  await Promise.all([file.close(), file.close()]);
  await file.close();
  assertEquals(sink.calls, ["close"]);
});

Deno.test("write() after close() is refused, and changes nothing", async () => {
  const sink = new RecordingSink();
  const file = fileOn(sink);
  await file.close();
  await assertRejects(() => file.write("x"), TypeError, "Cannot write 'a.txt': the file is closed");
  await assertRejects(() => file.write("x"), TypeError);
  assertEquals(sink.calls, ["close"]);
});

for (const wrong of [5, null, undefined, {}, ["a"], new Date()]) {
  Deno.test(`write() refuses ${Deno.inspect(wrong)}, which django-storages converts to text`, async () => {
    const sink = new RecordingSink();
    const file = fileOn(sink);
    await assertRejects(() => file.write(wrong as unknown as string), TypeError, "data must be a string or bytes");
    await file.write("x");
    await file.close();
    assertEquals(sink.calls, ["x", "close"]);
  });
}

Deno.test("a failed write aborts the file: every later call fails with its error, and nothing is published", async () => {
  const sink = new RecordingSink("b");
  const file = fileOn(sink);
  await file.write("a");
  for (const call of [() => file.write("b"), () => file.write("c"), () => file.close(), () => file.close()]) {
    assertStrictEquals(await assertRejects(call), sink.error);
  }
  assertEquals([sink.calls, file.closed], [["a", "abort"], true]);
});

Deno.test("close() reports failed writes that were not awaited, and nothing else does", async () => {
  const sink = new RecordingSink("b");
  const file = fileOn(sink);
  for (const text of ["a", "b", "c"]) void file.write(text);
  assertStrictEquals(await assertRejects(() => file.close()), sink.error);
  assertEquals(sink.calls, ["a", "abort"]);
});

Deno.test("a failed close() aborts the file", async () => {
  const sink = new RecordingSink("close");
  const file = fileOn(sink);
  await file.write("a");
  assertStrictEquals(await assertRejects(() => file.close()), sink.error);
  assertStrictEquals(await assertRejects(() => file.close()), sink.error);
  assertEquals(sink.calls, ["a", "abort"]);
});

Deno.test("the first failure is reported, not one of the abort that follows", async () => {
  class Stubborn extends RecordingSink {
    override abort(): Promise<void> {
      return Promise.reject(new Error("cannot even abort"));
    }
  }
  const sink = new Stubborn("a");
  assertStrictEquals(await assertRejects(() => fileOn(sink).write("a")), sink.error);
});

Deno.test("abort() aborts the file, and later calls reject with its reason", async () => {
  const sink = new RecordingSink();
  const file = fileOn(sink);
  await file.write("a");
  const reason = new Error("enough");
  await file.abort(reason);
  await file.abort(new Error("again"));
  for (const call of [() => file.write("b"), () => file.close()]) {
    assertStrictEquals(await assertRejects(call), reason);
  }
  assertEquals(sink.calls, ["a", "abort"]);
});

Deno.test("abort() without a reason rejects with an AbortError, and does nothing after close()", async () => {
  const aborted = fileOn(new RecordingSink());
  await aborted.abort();
  assertEquals((await assertRejects(() => aborted.close()) as DOMException).name, "AbortError");
  const sink = new RecordingSink();
  const closed = fileOn(sink);
  await closed.close();
  await closed.abort();
  await closed.close();
  assertEquals(sink.calls, ["close"]);
});

Deno.test("a signal aborts the file, and is ignored after close()", async () => {
  const controller = new AbortController();
  const sink = new RecordingSink();
  const file = fileOn(sink, controller.signal);
  await file.write("a");
  const reason = new Error("enough");
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => file.close()), reason);
  assertEquals(sink.calls, ["a", "abort"]);

  const later = new AbortController();
  const closedSink = new RecordingSink();
  const closed = fileOn(closedSink, later.signal);
  await closed.close();
  later.abort();
  assertEquals(closedSink.calls, ["close"]);
});

Deno.test("an `await using` block without close() publishes nothing, and warns on the console", async () => {
  const sink = new RecordingSink();
  const seen = await warnings(async () => {
    await using file = fileOn(sink);
    await file.write("a");
  });
  assertEquals(sink.calls, ["a", "abort"]);
  assertEquals(seen.length, 1);
  assertStringIncludes(seen[0]!, "'a.txt' was not stored");
});

Deno.test("an `await using` block that throws publishes nothing, and its own error is thrown", async () => {
  const sink = new RecordingSink("abort");
  const seen = await warnings(async () => {
    await assertRejects(
      async () => {
        await using file = fileOn(sink);
        await file.write("a");
        throw new Error("the block's");
      },
      Error,
      "the block's",
    );
  });
  assertEquals([sink.calls, seen.length], [["a", "abort"], 1]);
});

Deno.test("an `await using` block that closes, writes nothing or fails causes no warning", async () => {
  const seen = await warnings(async () => {
    {
      await using closed = fileOn(new RecordingSink());
      await closed.write("a");
      await closed.close();
    }
    {
      await using empty = fileOn(new RecordingSink());
      assertEquals(empty.size, 0);
    }
    {
      await using failed = fileOn(new RecordingSink("b"));
      await failed.write("a");
      await failed.write("b").catch(() => {});
    }
  });
  assertEquals(seen, []);
});

Deno.test("writable publishes the file at the end of a piped stream", async () => {
  const sink = new RecordingSink();
  const file = fileOn(sink);
  await ReadableStream.from(["a", new TextEncoder().encode("b")]).pipeTo(file.writable);
  assertEquals([sink.calls, file.closed, file.size], [["a", "b", "close"], true, 2]);
  assertStrictEquals(file.writable, file.writable);
});

Deno.test("writable publishes nothing if the piped stream fails", async () => {
  const sink = new RecordingSink();
  const file = fileOn(sink);
  const cut = new Error("cut");
  let turn = 0;
  const source = new ReadableStream({
    pull: (controller) => turn++ === 0 ? controller.enqueue("a") : controller.error(cut),
  });
  assertStrictEquals(await assertRejects(() => source.pipeTo(file.writable)), cut);
  assertStrictEquals(await assertRejects(() => file.close()), cut);
  assertEquals(sink.calls.includes("close"), false);
  assertEquals(sink.calls.at(-1), "abort");
});

Deno.test("a failing sink fails the piped stream, and cancels its source", async () => {
  const sink = new RecordingSink("b");
  let cancelled: unknown;
  const texts = ["a", "b", "c", "d"];
  const source = new ReadableStream({
    pull: (controller) => controller.enqueue(texts.shift() ?? "z"),
    cancel: (reason) => void (cancelled = reason),
  });
  assertStrictEquals(await assertRejects(() => source.pipeTo(fileOn(sink).writable)), sink.error);
  assertStrictEquals(cancelled, sink.error);
  assertEquals(sink.calls, ["a", "abort"]);
});

Deno.test("the first failure is reported if the sink throws synchronously, also from abort()", async () => {
  const sink: ByteSink = {
    write: () => {
      throw new Error("first");
    },
    close: () => Promise.resolve(),
    abort: () => {
      throw new Error("second");
    },
  };
  const file = new WriteFile("a.txt", sink);
  await assertRejects(() => file.write("x"), Error, "first");
  await assertRejects(() => file.close(), Error, "first");
});
