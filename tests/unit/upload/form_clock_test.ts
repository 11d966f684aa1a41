import { assertEquals, assertRejects, assertStrictEquals, assertStringIncludes } from "@std/assert";
import { unlessAborted } from "../../../src/kit/async/unless_aborted.ts";
import { MemoryStorage, type SaveContent, type Storage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { handleUpload, UploadError, type UploadOptions } from "../../../src/upload/mod.ts";
import { HeldTime, until } from "../held_time.ts";
import { s3On, STORAGES } from "../storage/storages.ts";
import { BOUNDARY, formBytes, postForm } from "./forms.ts";

/** A form whose client sends one complete file and the beginning of a second one. */
const BEGINNING = formBytes([{ name: "file", fileName: "a.txt", content: "a" }, {
  name: "file",
  fileName: "b.bin",
  content: "b".repeat(1000),
}]).slice(0, -BOUNDARY.length - 100);

interface Client {
  readonly body: ReadableStream<Uint8Array>;
  readonly send: (bytes: Uint8Array) => void;
  /** The number of chunks that were read. */
  readonly reads: () => number;
  readonly isCancelled: () => boolean;
}

/** A client that sends what the test tells it to. */
function client(): Client {
  let controller!: ReadableStreamDefaultController<Uint8Array>;
  let [reads, isCancelled, wanted] = [-1, false, Promise.withResolvers<void>()];
  const body = new ReadableStream<Uint8Array>({
    start: (own) => void (controller = own),
    pull: () => {
      reads++;
      return wanted.promise;
    },
    cancel: () => void (isCancelled = true),
  }, { highWaterMark: 0 });
  const send = (bytes: Uint8Array): void => {
    controller.enqueue(bytes);
    const next = wanted;
    wanted = Promise.withResolvers();
    next.resolve();
  };
  return { body, send, reads: () => reads, isCancelled: () => isCancelled };
}

/** Starts an upload whose rejection the test awaits later. */
function begin(storage: Storage, body: ReadableStream<Uint8Array>, options?: UploadOptions): Promise<unknown> {
  const upload = handleUpload(storage, postForm(body), options);
  upload.catch(() => {}); // reported when awaited
  return upload;
}

async function timedOut(upload: Promise<unknown>): Promise<UploadError> {
  const error = await assertRejects(() => upload, UploadError);
  assertEquals([error.status, error.code, (error.toResponse()).status], [408, "Timeout", 408]);
  return error;
}

for (const [kind, make] of Object.entries(STORAGES)) {
  Deno.test(`a client that sends nothing for a minute gets 408, and ${kind} keeps none of its files`, async () => {
    using time = new HeldTime(1000);
    const [storage, { body, send, reads, isCancelled }] = [make(), client()];
    await storage.save("other.txt", "other");
    const upload = begin(storage, body);
    await until(() => reads() === 0, "the first read");
    send(BEGINNING);
    await until(() => reads() === 1, "the second read");
    await time.pass(59_000);
    send(new Uint8Array(10));
    await until(() => reads() === 2, "the third read");
    await time.pass(60_000);
    const error = await timedOut(upload);
    assertEquals(error.message, "Cannot read form: no bytes arrived for 60 seconds");
    assertEquals([isCancelled(), error.stored], [true, []]);
    await until(() => time.pending === 0, "the end of all timers");
    assertEquals((await Array.fromAsync(storage.list("", { recursive: true }))).map(({ name }) => name), ["other.txt"]);
  });
}

Deno.test("a form that times out leaves no multipart upload", async () => {
  const server = createS3Server({ buckets: ["media"] });
  using time = new HeldTime(1000);
  const { body, send, reads } = client();
  const upload = begin(s3On(server), body);
  await until(() => reads() === 0, "the first read");
  send(BEGINNING);
  for (let number = 1; number <= 20; number++) {
    await until(() => reads() === number, `read ${number + 1}`);
    send(new Uint8Array(1024 ** 2));
  }
  await until(() => server.openUploads("media").length === 1, "the multipart upload");
  await until(() => reads() === 21, "the last read");
  await time.pass(60_000);
  await timedOut(upload);
  assertEquals([server.objects("media"), server.openUploads("media")], [[], []]);
});

Deno.test("a client that sends a byte now and then gets 408 after totalTimeout, and earlier only after a pause", async () => {
  using time = new HeldTime(1000);
  const [storage, { body, send, reads }] = [new MemoryStorage(), client()];
  const upload = begin(storage, body, { totalTimeout: 600 });
  await until(() => reads() === 0, "the first read");
  send(BEGINNING);
  for (let second = 0; second < 550; second += 50) {
    const before = reads();
    await time.pass(50_000);
    send(Uint8Array.of(120));
    await until(() => reads() > before, "the next read");
  }
  await time.pass(50_000);
  let isSettled = false;
  upload.catch(() => void (isSettled = true));
  await until(async () => { // a client that still sends gets its answer
    await time.pass(10_000);
    return isSettled;
  }, "the answer");
  assertEquals((await timedOut(upload)).message, "Cannot read form: it took longer than 600 seconds");
  assertEquals(await storage.listdir(), [[], []]);
  await until(() => time.pending === 0, "the end of all timers");
});

Deno.test("empty chunks do not count as bytes of the form", async () => {
  using time = new HeldTime(1000);
  const { body, send, reads } = client();
  const upload = begin(new MemoryStorage(), body, { idleTimeout: 5 });
  for (let second = 0; second < 5; second++) {
    await until(() => reads() === second, "a read");
    await time.pass(1000);
    if (second < 4) send(new Uint8Array(0));
  }
  await timedOut(upload);
});

/** A storage whose saves wait for the test. */
class SlowStorage extends MemoryStorage {
  readonly gate = Promise.withResolvers<void>();
  saves = 0;
  override async save(...[name, content, options]: unknown[]): Promise<never> {
    this.saves++;
    const { signal } = options as { signal: AbortSignal };
    await unlessAborted(signal, () => this.gate.promise).catch((cause) => {
      throw new DOMException("The connection was closed", { name: "NetworkError", cause } as never);
    });
    return await super.save(name as string, content as SaveContent, options as { identify: true }) as never;
  }
}

Deno.test("time in which the storage writes does not count as idle", async () => {
  using time = new HeldTime(1000);
  const storage = new SlowStorage();
  const { body, send, reads } = client();
  const upload = begin(storage, body);
  await until(() => reads() === 0, "the first read");
  send(formBytes([{ name: "file", fileName: "a.txt", content: "a" }]));
  await until(() => storage.saves === 1, "the save");
  await time.pass(3_600_000);
  storage.gate.resolve();
  await until(() => reads() === 1, "the read after the save");
  await time.pass(59_000);
  send(Uint8Array.of(32)); // after the last boundary
  await until(() => reads() === 2, "the last read");
  await time.pass(60_000);
  await timedOut(upload); // the client never ends its body
});

Deno.test("totalTimeout ends a form whose storage stalls, with the error of the storage as its cause", async () => {
  using time = new HeldTime(1000);
  const storage = new SlowStorage();
  const upload = begin(storage, ReadableStream.from([formBytes([{ name: "f", fileName: "a.txt", content: "a" }])]));
  await until(() => storage.saves === 1, "the save");
  await time.pass(7_200_000);
  const error = await timedOut(upload);
  assertEquals((error.cause as Error).message, "The connection was closed");
  await until(() => time.pending === 0, "the end of all timers");
  assertEquals(await storage.listdir(), [[], []]);
});

Deno.test("totalTimeout ends a form whose option name never returns", async () => {
  using time = new HeldTime(1000);
  let isAsked = false;
  const name = (): Promise<string> => {
    isAsked = true;
    return new Promise(() => {});
  };
  const form = ReadableStream.from([formBytes([{ name: "f", fileName: "a.txt", content: "a" }])]);
  const upload = begin(new MemoryStorage(), form, { name, totalTimeout: 30 });
  await until(() => isAsked, "the call of name");
  await time.pass(30_000);
  await timedOut(upload);
});

/** Storages whose saves fail. */
class BrokenStorage extends MemoryStorage {
  override save(): Promise<never> {
    return Promise.reject(new Error("the disk is full"));
  }
}

for (
  const [what, storage, options, expected] of [
    ["a refusal", new MemoryStorage(), { accept: ["image/*"] }, "Cannot accept 'a.txt'"],
    ["a limit", new MemoryStorage(), { maxFileBytes: 500 }, "A file has more than 500 bytes"],
    ["a failure of the storage", new BrokenStorage(), {}, "the disk is full"],
  ] as const
) {
  Deno.test(`${what} is reported although totalTimeout ends while the rest of the form is read`, async () => {
    using time = new HeldTime(1000);
    const { body, send, reads } = client();
    const upload = begin(storage, body, { ...options, totalTimeout: 5 });
    await until(() => reads() === 0, "the first read");
    send(BEGINNING);
    await until(() => reads() === 1, "a read of the rest");
    await time.pass(5000);
    let isSettled = false;
    upload.catch(() => void (isSettled = true));
    await until(async () => {
      await time.pass(1000);
      return isSettled;
    }, "the answer");
    assertStringIncludes(String(await assertRejects(() => upload)), expected);
    await until(() => time.pending === 0, "the end of all timers");
  });
}

Deno.test("handleUpload() leaves no timer and no listener after a form, with a signal that lives long", async () => {
  using time = new HeldTime(1000);
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  Object.assign(signal, {
    addEventListener: (...given: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(signal, given);
    },
    removeEventListener: (...given: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(signal, given);
    },
  });
  for (let count = 0; count < 3; count++) {
    const body = ReadableStream.from([formBytes([{ name: "f", fileName: "a.txt", content: "a" }])]);
    await handleUpload(new MemoryStorage(), postForm(body), { signal });
  }
  await until(() => time.pending === 0, "the end of all timers");
  assertEquals(listeners, 0);
});

Deno.test("handleUpload() with an aborted signal rejects with its reason", async () => {
  const reason = new Error("changed my mind");
  const body = ReadableStream.from([BEGINNING]);
  const upload = handleUpload(new MemoryStorage(), postForm(body), { signal: AbortSignal.abort(reason) });
  assertStrictEquals(await assertRejects(() => upload), reason);
});
