import { assert, assertEquals } from "@std/assert";
import { NotFoundError, NotSupportedError, PreconditionFailedError } from "../../mod.ts";
import { pattern, rejection, type S3Case } from "./case.ts";
import type { S3Peer } from "./s3_peer.ts";

const LENGTH = 3 * 1024 * 1024 + 17;

/** A fetch whose responses to GET end after a number of bytes: with an error, and every other time without one. */
function cutting(peer: S3Peer, bytes: number): (request: Request) => Promise<Response> {
  const send = peer.settings.fetch ?? fetch;
  let answers = 0;
  return async (request) => {
    const response = await send(request);
    if (request.method !== "GET" || !response.ok) return response;
    const fails = answers++ % 2 === 0;
    const reader = response.body!.getReader();
    let left = bytes;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller): Promise<void> {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        if (value.byteLength < left) {
          left -= value.byteLength;
          return controller.enqueue(value);
        }
        await reader.cancel();
        controller.enqueue(value.slice(0, left));
        if (!fails) return controller.close();
        await new Promise((resolve) => setTimeout(resolve)); // an error drops what was not read
        controller.error(new TypeError("the connection broke"));
      },
      cancel: (reason) => reader.cancel(reason),
    }, { highWaterMark: 0 });
    return new Response(body, { status: response.status, headers: response.headers });
  };
}

function assertSame(read: Uint8Array, expected: Uint8Array): void {
  assertEquals(read.byteLength, expected.byteLength);
  assert(read.every((byte, index) => byte === expected[index]), "other bytes than were saved");
}

interface Files {
  mkdtempSync(prefix: string): string;
  readFileSync(path: string): Uint8Array;
  readdirSync(path: string): string[];
  rmSync(path: string, options: { recursive: true }): void;
}

/** The runtime's files, if it has any that are not only in memory. */
function files(): Files | undefined {
  if (globalThis.navigator?.userAgent === "Cloudflare-Workers") return undefined;
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.("node:fs") as Files | undefined;
}

/** What reading over connections that break, and in parallel, must do on any S3 server. */
export const downloadCases: S3Case[] = [
  {
    name: "reads and downloads resume after interrupted answers",
    async run({ open, peer }): Promise<void> {
      const content = pattern(LENGTH);
      const storage = open({ fetch: cutting(peer, 400_000) });
      await storage.save("a.bin", content);
      const file = await storage.open("a.bin", "rb");
      assertSame(await file.read(1000), content.subarray(0, 1000));
      await file.seek(500_000);
      assertSame(await file.bytes(), content.subarray(500_000));
      await file.close();
      const stream = await storage.download("a.bin", { partSize: 1024 * 1024, maxConcurrency: 3 });
      assertSame(new Uint8Array(await new Response(stream).arrayBuffer()), content);
    },
  },
  {
    name: "a file that is replaced during a read or a download is an error, never a mix",
    async run({ open, peer }): Promise<void> {
      const replacing = open();
      const storage = open({ fetch: cutting(peer, 400_000), location: replacing.location });
      await storage.save("a.bin", pattern(LENGTH));
      const file = await storage.open("a.bin", "rb");
      await file.read(1000);
      await replacing.save("a.bin", pattern(LENGTH, 2)); // of the same size
      assert(await rejection(file.bytes()) instanceof PreconditionFailedError);
      await file.close();
      const stream = await storage.download("a.bin", { partSize: 600_000, maxConcurrency: 2 });
      await replacing.save("a.bin", pattern(1000)); // shorter than what was read already
      // Not by a Response: that of Chromium replaces the error by a TypeError.
      const error = await rejection(stream.pipeTo(new WritableStream()));
      assert(error instanceof PreconditionFailedError, `${error}`);
    },
  },
  {
    name: "a download to a file, to memory or to a stream is complete or fails",
    async run({ open }): Promise<void> {
      const content = pattern(LENGTH);
      const storage = open({ responseChecksumValidation: "when_supported" });
      await storage.save("a.bin", content);
      const options = { partSize: 1024 * 1024, maxConcurrency: 3 };
      const memory = new Uint8Array(LENGTH + 10);
      assertEquals(await storage.downloadTo("a.bin", memory, options), LENGTH);
      assertSame(memory.subarray(0, LENGTH), content);
      const { readable, writable } = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>();
      const [count, streamed] = await Promise.all([
        storage.downloadTo("a.bin", writable as WritableStream<Uint8Array>, options),
        new Response(readable).arrayBuffer(),
      ]);
      assertEquals(count, LENGTH);
      assertSame(new Uint8Array(streamed), content);
      const fs = files();
      if (fs === undefined) {
        const error = await rejection(storage.downloadTo("a.bin", "/a.bin", options));
        return assert(error instanceof NotSupportedError, `${error}`);
      }
      const folder = fs.mkdtempSync("/tmp/storages-download-");
      try {
        assertEquals(await storage.downloadTo("a.bin", `${folder}/a b.bin`, options), LENGTH);
        assertEquals(await storage.downloadTo("a.bin", new URL(`file://${folder}/c%20d.bin`)), LENGTH);
        for (const name of ["a b.bin", "c d.bin"]) assertSame(fs.readFileSync(`${folder}/${name}`), content);
        assert(await rejection(storage.downloadTo("missing.bin", `${folder}/a b.bin`)) instanceof NotFoundError);
        assertEquals(fs.readdirSync(folder).toSorted(), ["a b.bin", "c d.bin"]);
      } finally {
        fs.rmSync(folder, { recursive: true });
      }
    },
  },
  {
    name: "a download in ranges is correct for any size, and fails for a missing file",
    async run({ open }): Promise<void> {
      const storage = open();
      for (const length of [0, 1, 99_999, 100_000, 100_001, 1_000_003]) {
        const content = pattern(length);
        await storage.save("a.bin", content);
        const stream = await storage.download("a.bin", { partSize: 100_000 });
        assertSame(new Uint8Array(await new Response(stream).arrayBuffer()), content);
      }
      assert(await rejection(storage.download("missing.bin")) instanceof NotFoundError);
    },
  },
];
