// deno-lint-ignore-file no-console -- what the console says is what is tested
import type { ByteSink } from "../../../../src/storage/contract/bytes.ts";
import { assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { WriteFile } from "../../../../src/storage/files/write_file.ts";

/** A sink that keeps what it is given and every call, and fails where it is told to. */
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

/** Runs without console.warn; returns what was warned of. */
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

Deno.test("what is written arrives in order and is published by close", async () => {
  const sink = new RecordingSink();
  const file = fileOn(sink);
  assertEquals(await file.write("é"), 2);
  assertEquals(await file.write(new Uint8Array([0x62])), 1);
  assertEquals(await file.write(new TextEncoder().encode("c").buffer), 1);
  assertEquals([file.name, file.size, file.closed], ["a.txt", 4, false]);
  await file.close();
  assertEquals([sink.calls, file.closed], [["é", "b", "c", "close"], true]);
});

Deno.test("writes that nobody waits for keep their order and never overlap", async () => {
  const sink = new RecordingSink();
  const file = fileOn(sink);
  for (const text of ["a", "b", "c", "d"]) void file.write(text);
  await file.close();
  assertEquals([sink.calls, sink.overlapping, file.size], [["a", "b", "c", "d", "close"], false, 4]);
});

Deno.test("closing twice is free, also before the first is done", async () => {
  const sink = new RecordingSink();
  const file = fileOn(sink);
  await Promise.all([file.close(), file.close()]);
  await file.close();
  assertEquals(sink.calls, ["close"]);
});

Deno.test("writing after close is refused, and changes nothing", async () => {
  const sink = new RecordingSink();
  const file = fileOn(sink);
  await file.close();
  await assertRejects(() => file.write("x"), TypeError, "Cannot write 'a.txt': the file is closed");
  await assertRejects(() => file.write("x"), TypeError);
  assertEquals(sink.calls, ["close"]);
});

for (const wrong of [5, null, undefined, {}, ["a"], new Date()]) {
  Deno.test(`writing ${Deno.inspect(wrong)} is refused, where django-storages writes its text`, async () => {
    const sink = new RecordingSink();
    const file = fileOn(sink);
    await assertRejects(() => file.write(wrong as unknown as string), TypeError, "data must be a string or bytes");
    await file.write("x");
    await file.close();
    assertEquals(sink.calls, ["x", "close"]);
  });
}

Deno.test("a write that fails takes the file with it: every later call fails alike, and nothing is published", async () => {
  const sink = new RecordingSink("b");
  const file = fileOn(sink);
  await file.write("a");
  for (const call of [() => file.write("b"), () => file.write("c"), () => file.close(), () => file.close()]) {
    assertStrictEquals(await assertRejects(call), sink.error);
  }
  assertEquals([sink.calls, file.closed], [["a", "abort"], true]);
});

Deno.test("failed writes that nobody waited for are told by close, and by nothing else", async () => {
  const sink = new RecordingSink("b");
  const file = fileOn(sink);
  for (const text of ["a", "b", "c"]) void file.write(text);
  assertStrictEquals(await assertRejects(() => file.close()), sink.error);
  assertEquals(sink.calls, ["a", "abort"]);
});

Deno.test("a close that fails gives the file up", async () => {
  const sink = new RecordingSink("close");
  const file = fileOn(sink);
  await file.write("a");
  assertStrictEquals(await assertRejects(() => file.close()), sink.error);
  assertStrictEquals(await assertRejects(() => file.close()), sink.error);
  assertEquals(sink.calls, ["a", "abort"]);
});

Deno.test("the first failure is told, not that giving up failed too", async () => {
  class Stubborn extends RecordingSink {
    override abort(): Promise<void> {
      return Promise.reject(new Error("cannot even abort"));
    }
  }
  const sink = new Stubborn("a");
  assertStrictEquals(await assertRejects(() => fileOn(sink).write("a")), sink.error);
});

Deno.test("abort gives the file up, and later calls reject with its reason", async () => {
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

Deno.test("abort without a reason rejects with an AbortError, and does nothing once the file is closed", async () => {
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

Deno.test("a signal gives the file up, and is listened to no longer once the file is closed", async () => {
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

Deno.test("a block that forgets to close publishes nothing, and the console says so", async () => {
  const sink = new RecordingSink();
  const seen = await warnings(async () => {
    await using file = fileOn(sink);
    await file.write("a");
  });
  assertEquals(sink.calls, ["a", "abort"]);
  assertEquals(seen.length, 1);
  assertStringIncludes(seen[0]!, "'a.txt' was not stored");
});

Deno.test("a block that throws publishes nothing, and its own error is the one to be seen", async () => {
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

Deno.test("a block that closes, writes nothing or was told of a failure is not warned of", async () => {
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

Deno.test("a stream piped to writable is published at its end", async () => {
  const sink = new RecordingSink();
  const file = fileOn(sink);
  await ReadableStream.from(["a", new TextEncoder().encode("b")]).pipeTo(file.writable);
  assertEquals([sink.calls, file.closed, file.size], [["a", "b", "close"], true, 2]);
  assertStrictEquals(file.writable, file.writable);
});

Deno.test("a stream that fails on its way to writable publishes nothing", async () => {
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

Deno.test("a failing sink fails the stream that is piped to it, and cancels the source", async () => {
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
