// deno-lint-ignore-file no-console -- results are passed to the test on standard output
/**
 * Reads, writes, aborts and fails in all ways on a runtime: Deno runs this file directly, Bun and Node run a bundle of it.
 * The last argument has the task, as JSON. The process closes no connection, and only exits if the task says so.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { S3Storage, type S3StorageOptions } from "../../mod.ts";
import { serve } from "../../src/serve/mod.ts";
import { handleUpload } from "../../src/upload/mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";

export interface LeakWish {
  readonly endpointUrl: string;
  /**
   * `orderly` closes or aborts everything that it opens; `abandon` leaves readers and writers open and ends; `collect` also
   * waits until they are garbage-collected; the others end during all operations, or `wait` until they are killed.
   */
  readonly ending: "orderly" | "abandon" | "collect" | "exit" | "throw" | "wait";
}

export interface LeakResult {
  readonly name: string;
  /** The number of open temporary files; `undefined` if unknown. */
  readonly openFiles?: number | undefined;
  /** The number of timers that keep the process alive; `undefined` if unknown. */
  readonly timers?: number | undefined;
  readonly error?: string | undefined;
}

interface Fs {
  readdirSync(path: string): string[];
  readlinkSync(path: string): string;
}

interface Process {
  readonly argv: string[];
  readonly env: Record<string, string | undefined>;
  exit(code: number): never;
  getBuiltinModule(name: "node:fs"): Fs;
  getActiveResourcesInfo?(): string[];
}

const { process } = globalThis as unknown as { process: Process };
const { endpointUrl, ending } = JSON.parse(process.argv.at(-1)!) as LeakWish;
const folder = process.env.TMPDIR!;
const MEBIBYTE = 1024 ** 2;
const LARGE = new Uint8Array(2 * MEBIBYTE);

/** A timeout longer than the test, so that a leaked timer is noticed. */
const PATIENT_SECONDS = 3600;

function storageWith(options: S3StorageOptions = {}): S3Storage {
  return new S3Storage({
    bucketName: "media",
    endpointUrl,
    accessKey: "testkey",
    secretKey: "testsecret",
    maxMemorySize: 65_536,
    clientConfig: { timeout: PATIENT_SECONDS },
    transferConfig: { multipartThreshold: 5 * MEBIBYTE, partSize: 5 * MEBIBYTE },
    ...options,
  });
}

const storage = storageWith();

/** Aborts an operation that would otherwise wait forever. */
async function abortedMeanwhile(run: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
  const controller = new AbortController();
  const running = run(controller.signal);
  const timer = setTimeout(() => controller.abort(), 100);
  await assertRejects(() => running, DOMException).finally(() => clearTimeout(timer));
}

/** Opens a file, uses it and closes it; Node 20 has no `await using`. */
async function withFile<F extends AsyncDisposable>(
  opening: Promise<F>,
  use: (file: F) => Promise<void>,
): Promise<void> {
  const file = await opening;
  await use(file).finally(() => file[Symbol.asyncDispose]());
}

/** A body that stalls after some bytes. */
function stalling(bytes: Uint8Array): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.enqueue(bytes) });
}

/** A form with a file that stalls in its middle. */
function stallingForm(signal?: AbortSignal): Request {
  const head = '--limit\r\ncontent-disposition: form-data; name="file"; filename="form.bin"\r\n\r\n';
  const body = stalling(new Uint8Array([...new TextEncoder().encode(head), ...LARGE]));
  const headers = { "content-type": "multipart/form-data; boundary=limit" };
  const init = { method: "POST", headers, body, duplex: "half", ...(signal ? { signal } : {}) };
  return new Request("https://example.com/upload", init as RequestInit);
}

const CASES: Record<string, () => Promise<void>> = {
  "a write that is spooled to disk": async () => {
    const file = await storage.open("written.bin", "wb");
    for (let piece = 0; piece < 6; piece++) await file.write(LARGE);
    await file.close();
  },
  "a write that is never closed": () =>
    withFile(storage.open("unclosed.bin", "wb"), async (file) => {
      for (let piece = 0; piece < 4; piece++) await file.write(LARGE);
    }),
  "a write that is aborted with a part on the server": async () => {
    const file = await storage.open("aborted.bin", "wb");
    for (let piece = 0; piece < 4; piece++) await file.write(LARGE);
    await file.abort();
    assertEquals(await storage.exists("aborted.bin"), false);
  },
  "a write whose parts the server never answers, aborted by a signal": () =>
    abortedMeanwhile(async (signal) => {
      const file = await storage.open("silence-part.bin", "wb", { signal });
      for (let piece = 0; piece < 6; piece++) await file.write(LARGE);
      await file.close();
    }),
  "a write that the server refuses": async () => {
    const busy = storageWith({ clientConfig: { maxAttempts: 1 } });
    await assertRejects(async () => {
      const file = await busy.open("busy-write.bin", "wb");
      for (let piece = 0; piece < 6; piece++) await file.write(LARGE);
      await file.close();
    });
  },
  "a save whose stream fails": async () => {
    let pulls = 0;
    const failing = new ReadableStream<Uint8Array>({
      pull: (controller) => pulls++ < 4 ? controller.enqueue(LARGE) : controller.error(new Error("enough")),
    });
    await assertRejects(() => storage.save("failing.bin", failing), Error, "enough");
  },
  "a save whose stream stalls, aborted": () =>
    abortedMeanwhile((signal) => storage.save("stalling.bin", stalling(LARGE), { signal })),
  "a read that is spooled to disk and read again": () =>
    withFile(storage.open("large.bin", "rb", { spool: true }), async (file) => {
      assertEquals((await file.bytes()).byteLength, 16 * MEBIBYTE);
      await file.seek(5);
      assertEquals((await file.read(7)).byteLength, 7);
    }),
  "a read that is spooled to disk and closed before its end": async () => {
    const file = await storage.open("large.bin", "rb", { spool: true });
    await file.read(MEBIBYTE);
    await file.close();
  },
  "loops with break": async () => {
    for (const options of [{}, { spool: true }]) {
      await withFile(storage.open("large.bin", "rb", options), async (file) => {
        for await (const _ of file.chunks()) break;
      });
      await withFile(storage.open("large.bin", "rb", options), async (file) => {
        for await (const _ of file.readable) break;
      });
    }
    await withFile(storage.open("lines.txt"), async (file) => {
      for await (const _ of file.lines()) break;
    });
    for await (const _ of storage.list("")) break;
    for await (const _ of await storage.download("large.bin")) break;
  },
  "downloads that are cancelled, immediately and later": async () => {
    await (await storage.download("large.bin", { partSize: MEBIBYTE })).cancel();
    const reader = (await storage.download("large.bin", { partSize: MEBIBYTE })).getReader();
    await reader.read();
    await reader.cancel();
  },
  "a download to a file, and one that is aborted": async () => {
    const path = `${folder}/downloaded.bin`;
    assertEquals(await storage.downloadTo("large.bin", path), 16 * MEBIBYTE);
    const fs = process.getBuiltinModule("node:fs") as unknown as { rmSync(path: string): void };
    fs.rmSync(path);
    const controller = new AbortController();
    const { signal } = controller;
    const onProgress = (): void => controller.abort();
    await assertRejects(() => storage.downloadTo("large.bin", path, { signal, onProgress, partSize: MEBIBYTE }));
  },
  "a read that stalls, aborted": () =>
    abortedMeanwhile(async (signal) => await (await storage.open("stall.bin", "rb", { signal })).bytes()),
  "a request without a response, timed out": async () => {
    const hasty = storageWith({ clientConfig: { timeout: 0.1, maxAttempts: 2 } });
    await assertRejects(() => hasty.stat("silence"), Error, "no response");
  },
  "a request without a response, aborted": () => abortedMeanwhile((signal) => storage.stat("silence", { signal })),
  "a pause before a retry, aborted": () => abortedMeanwhile((signal) => storage.stat("busy", { signal })),
  "a response whose body is cancelled": async () => {
    const response = await serve(storage, new Request("https://example.com/"), { name: "large.bin" });
    await response.body!.cancel();
    const reader = (await serve(storage, new Request("https://example.com/"), { name: "large.bin" })).body!.getReader();
    await reader.read();
    await reader.cancel();
    await serve(storage, new Request("https://example.com/", { method: "HEAD" }), { name: "large.bin" });
  },
  "a form that is cancelled": () =>
    abortedMeanwhile((signal) => handleUpload(storage, stallingForm(signal), { signal })),
};

/** The number of open temporary files, which are unlinked, on Linux. */
function openFiles(): number | undefined {
  try {
    const { readdirSync, readlinkSync } = process.getBuiltinModule("node:fs");
    return readdirSync("/proc/self/fd").filter((number) => {
      try {
        return readlinkSync(`/proc/self/fd/${number}`).startsWith(folder);
      } catch {
        return false; // the descriptor of the listing
      }
    }).length;
  } catch {
    return undefined; // another system
  }
}

async function runCases(): Promise<LeakResult[]> {
  const results: LeakResult[] = [];
  for (const [name, run] of Object.entries(CASES)) {
    const error = await run().then(() => undefined, (thrown) => `${thrown.stack ?? thrown}`);
    // The timer of idle connections ends shortly after the last request.
    await new Promise((resolve) => setImmediate(resolve));
    const timers = process.getActiveResourcesInfo?.().filter((kind) => kind === "Timeout").length;
    results.push({ name, openFiles: openFiles(), timers, error });
  }
  return results;
}

/** Opens readers and writers, and leaves them open. */
async function leaveOpen(): Promise<unknown[]> {
  const writer = await storage.open("left.bin", "wb");
  for (let piece = 0; piece < 4; piece++) await writer.write(LARGE);
  const spooled = await storage.open("large.bin", "rb", { spool: true });
  await spooled.read(MEBIBYTE);
  const plain = await storage.open("large.bin", "rb");
  await plain.read(10);
  const unread = await storage.open("large.bin", "rb");
  const chunks = (await storage.open("large.bin", "rb")).chunks();
  await chunks.next();
  const download = (await storage.download("large.bin", { partSize: MEBIBYTE })).getReader();
  await download.read();
  const response = await serve(storage, new Request("https://example.com/"), { name: "large.bin" });
  const listing = storage.list("")[Symbol.asyncIterator]();
  await listing.next();
  assert(openFiles() !== 0, "it wrote to the disk, or there was nothing to show");
  return [writer, spooled, plain, unread, chunks, download, response, listing];
}

/** Operations that never end. */
function startEndless(): Promise<unknown>[] {
  return [
    storage.stat("silence"),
    storage.stat("busy"),
    storage.save("stalling.bin", stalling(LARGE)),
    storage.open("stall.bin", "rb").then((file) => file.bytes()),
    handleUpload(storage, stallingForm()),
  ];
}

/** Waits until the files of unreferenced readers and writers are closed. */
async function collectGarbage(): Promise<void> {
  const { gc, Bun } = globalThis as unknown as { gc?(): void; Bun?: { gc(force: true): void } };
  const collect = Bun ? (): void => Bun.gc(true) : gc!;
  while (openFiles()! > 0) {
    collect();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

if (ending === "orderly") {
  console.log(RESULTS_MARKER + JSON.stringify(await runCases()));
} else {
  await leaveOpen();
  if (ending === "collect") await collectGarbage();
  if (ending !== "abandon" && ending !== "collect") {
    const endless = startEndless();
    await new Promise((resolve) => setTimeout(resolve, 100));
    console.log(RESULTS_MARKER + "[]");
    if (ending === "exit") process.exit(7);
    if (ending === "throw") {
      setTimeout(() => {
        throw new Error("thrown during operations");
      });
    }
    void endless; // not awaited, as Bun would not end with an error then
  } else console.log(RESULTS_MARKER + "[]");
}
