import { assert, assertEquals } from "@std/assert";
import { IntegrityError, NotSupportedError, PreconditionFailedError, type TransferProgress } from "../../mod.ts";
import { pattern, rejection, type S3Case, streamOf } from "./case.ts";
import type { S3Peer } from "./s3_peer.ts";

const MEBIBYTE = 1024 * 1024;

/** Browsers and Vercel's edge runtime compute SHA only of bytes that are all in memory. */
const HASHES_STREAMS = "DigestStream" in crypto || ("process" in globalThis && !("EdgeRuntime" in globalThis));

const SMALL_PARTS = { multipartThreshold: 5 * MEBIBYTE, partSize: 5 * MEBIBYTE, maxConcurrency: 2 };

/** A fetch that flips a bit of selected bodies. */
function flipping(peer: S3Peer, which: "sent" | "got"): (request: Request) => Promise<Response> {
  const send = peer.settings.fetch ?? fetch;
  return async (request) => {
    if (which === "sent" && request.method === "PUT") {
      const body = await request.arrayBuffer();
      flip(body);
      return await send(new Request(request.url, { method: "PUT", headers: request.headers, body }));
    }
    const response = await send(request);
    if (which === "sent" || request.method !== "GET" || !response.ok) return response;
    const body = await response.arrayBuffer();
    flip(body);
    return new Response(body, { status: response.status, headers: response.headers });
  };
}

function flip(body: ArrayBuffer): void {
  const bytes = new Uint8Array(body);
  if (bytes.length > 0) bytes[bytes.length >> 1]! ^= 1;
}

/** A fetch with a server that refuses CopyObject. */
function copyingNothing(peer: S3Peer): (request: Request) => Promise<Response> {
  const send = peer.settings.fetch ?? fetch;
  const document = "<Error><Code>EntityTooLarge</Code><Message>Your proposed copy is too large</Message></Error>";
  return async (request) => {
    const isCopy = request.headers.has("x-amz-copy-source") && !request.headers.has("x-amz-copy-source-range");
    return isCopy ? new Response(document, { status: 400 }) : await send(request);
  };
}

function assertSame(read: Uint8Array, expected: Uint8Array): void {
  assertEquals(read.byteLength, expected.byteLength);
  assert(read.every((byte, index) => byte === expected[index]), "other bytes than were saved");
}

/** Damaged data is detected and unfinished operations are aborted, on any S3 server. */
export const integrityCases: S3Case[] = [
  {
    name: "ContentMD5 is sent with bytes, Blobs, streams and parts; corrupted data is an error and is not stored",
    async run({ open, peer }): Promise<void> {
      const content = pattern(6 * MEBIBYTE);
      const settings = { objectParameters: { ContentMD5: true }, transferConfig: SMALL_PARTS };
      const storage = open(settings);
      for (const length of [0, 1000, content.byteLength]) {
        const bytes = content.slice(0, length);
        for (const body of [bytes, new Blob([bytes]), streamOf(bytes, 100_001)]) {
          await storage.save("a.bin", body);
          assertSame(await (await storage.open("a.bin", "rb")).bytes(), bytes);
        }
      }
      const clientConfig = { maxAttempts: 1 };
      const failing = open({ ...settings, clientConfig, fetch: flipping(peer, "sent") });
      for (const length of [1000, content.byteLength]) {
        const error = await rejection(failing.save("b.bin", content.slice(0, length)));
        assert(error instanceof IntegrityError, `${error}`);
      }
      assertEquals(await failing.exists("b.bin"), false);
      assertEquals(await peer.openUploads(failing.location), []);
    },
  },
  {
    name: "read bytes are compared with the checksum of the server, if it has one",
    async run({ open, peer }): Promise<void> {
      const content = pattern(100_000);
      for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"] as const) {
        const settings = { objectParameters: { ChecksumAlgorithm }, responseChecksumValidation: "when_supported" };
        const storage = open(settings);
        await storage.save("a.bin", content);
        assertSame(await (await storage.open("a.bin", "rb")).bytes(), content);
        const stream = await storage.download("a.bin", { partSize: 30_000 });
        assertSame(new Uint8Array(await new Response(stream).arrayBuffer()), content);
        const head = await peer.fetch(await storage.url("a.bin", { parameters: { ChecksumMode: "ENABLED" } }), {
          headers: { "x-amz-checksum-mode": "ENABLED" },
        });
        await head.body?.cancel();
        if (head.headers.get(`x-amz-checksum-${ChecksumAlgorithm.toLowerCase()}`) === null) continue;
        if (ChecksumAlgorithm.startsWith("SHA") && !HASHES_STREAMS) continue;
        const damaged = open({ ...settings, location: storage.location, fetch: flipping(peer, "got") });
        const error = await rejection(damaged.open("a.bin", "rb").then((file) => file.bytes()));
        assert(error instanceof IntegrityError && error.message.includes(ChecksumAlgorithm), `${error}`);
      }
    },
  },
  {
    name: "a copy that is too large for one request is done in parts, with metadata and tags",
    async run({ open, peer }): Promise<void> {
      const content = pattern(11 * MEBIBYTE + 17);
      const whole = open({
        // Ceph RGW 16 does not return the tags of multipart objects.
        transferConfig: { multipartThreshold: 20 * MEBIBYTE },
        objectParameters: { Tagging: "team=a%20b&stage=live" },
      });
      await whole.save("a b.bin", content, {
        contentType: "video/x-own",
        cacheControl: "max-age=60",
        contentDisposition: "inline",
        metadata: { owner: "ada" },
      });
      const storage = open({ transferConfig: SMALL_PARTS, location: whole.location, fetch: copyingNothing(peer) });
      await storage.copy("a b.bin", "copy.bin");
      assertSame(await (await storage.open("copy.bin", "rb")).bytes(), content);
      const [from, to] = [await storage.stat("a b.bin"), await storage.stat("copy.bin")];
      assertEquals([to.contentType, to.cacheControl, to.contentDisposition, to.metadata], [
        from.contentType,
        from.cacheControl,
        from.contentDisposition,
        { owner: "ada" },
      ]);
      assertEquals(to.etag.endsWith('-3"'), true);
      assertEquals(await peer.openUploads(storage.location), []);
    },
  },
  {
    name: "uploads.abortIncomplete() aborts uploads by their age",
    async run({ open, peer }): Promise<void> {
      const storage = open();
      await storage.uploads.create("a b+ü.bin", { parts: 2 });
      await storage.uploads.create("folder/c.bin", { parts: 2 });
      assertEquals(await storage.uploads.abortIncomplete({ olderThanSeconds: 3600 }), []);
      const aborted = await storage.uploads.abortIncomplete({ olderThanSeconds: 0 });
      const keys = aborted.map(({ key }) => key.slice(storage.location.length)).toSorted();
      assertEquals(keys, ["a b+ü.bin", "folder/c.bin"]);
      assertEquals(await peer.openUploads(storage.location), []);
    },
  },
  {
    name: "ifMatch replaces only a file with that ETag, ifNoneMatch no file",
    async run({ open }): Promise<void> {
      const large = pattern(6 * MEBIBYTE);
      for (const content of ["new", large]) {
        const storage = open({ transferConfig: SMALL_PARTS });
        await storage.save("a.bin", "old");
        const { etag } = await storage.stat("a.bin");
        for (const options of [{ ifMatch: '"0123456789abcdef0123456789abcdef"' }, { ifNoneMatch: "*" as const }]) {
          const error = await rejection(storage.save("a.bin", content, options));
          assert(error instanceof PreconditionFailedError || error instanceof NotSupportedError, `${error}`);
          assertEquals((await storage.stat("a.bin")).etag, etag);
        }
        await storage.save("a.bin", content, { ifMatch: etag });
        await storage.save("b.bin", content, { ifNoneMatch: "*" });
        assertEquals(await storage.size("b.bin"), await storage.size("a.bin"));
      }
    },
  },
  {
    name: "progress of uploads and downloads never decreases, and ends with all bytes",
    async run({ open }): Promise<void> {
      const content = pattern(11 * MEBIBYTE);
      const storage = open({ transferConfig: SMALL_PARTS });
      let last: TransferProgress = { bytes: 0, parts: 0, total: undefined };
      const onProgress = (progress: TransferProgress): void => {
        assert(progress.bytes >= last.bytes && progress.parts >= last.parts, "it goes back");
        last = progress;
      };
      for (const body of [content, streamOf(content, 300_001)]) {
        last = { bytes: 0, parts: 0, total: undefined };
        await storage.save("a.bin", body, { onProgress });
        assertEquals(last, { bytes: content.byteLength, parts: 3, total: content.byteLength });
      }
      last = { bytes: 0, parts: 0, total: undefined };
      const stream = await storage.download("a.bin", { partSize: 4 * MEBIBYTE, onProgress });
      await stream.pipeTo(new WritableStream());
      assertEquals(last, { bytes: content.byteLength, parts: 3, total: content.byteLength });
    },
  },
];
