import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { NotFoundError, type StorageError, UnauthenticatedError } from "../../mod.ts";
import { collect, pattern, rejection, type S3Case, streamOf } from "./case.ts";
import { gzipped } from "./runtime_gzip.ts";
import { ODD_NAMES } from "./names_and_folders.ts";

const MEBIBYTE = 1024 * 1024;

const OWN_KEY = "a key of exactly 32 bytes, or so";

/** The smallest parts S3 takes, so that a few megabytes make several. */
const SMALL_PARTS = { multipartThreshold: 5 * MEBIBYTE, partSize: 5 * MEBIBYTE, maxConcurrency: 2 };

/** What S3Storage must do on any S3 server, beside what any storage must. */
export const s3Cases: S3Case[] = [
  {
    name: "large bytes, Blobs, streams and handles are uploaded in parts",
    async run({ open, peer }): Promise<void> {
      const storage = open({ transferConfig: SMALL_PARTS });
      const content = pattern(11 * MEBIBYTE + 17);
      await storage.save("bytes", content);
      await storage.save("blob", new Blob([content]));
      await storage.save("stream", streamOf(content, 1_000_003));
      const file = await storage.open("handle", "wb");
      for (let offset = 0; offset < content.byteLength; offset += 700_001) {
        await file.write(content.subarray(offset, offset + 700_001));
      }
      await file.close();
      for (const name of ["bytes", "blob", "stream", "handle"]) {
        assertMatch((await storage.stat(name)).etag, /-3"$/, name);
        const stored = await (await storage.open(name, "rb")).bytes();
        assertEquals(stored.byteLength, content.byteLength);
        assert(stored.every((byte, index) => byte === content[index]), `${name}: other bytes than were saved`);
      }
      assertEquals(await peer.openUploads(storage.location), []);
    },
  },
  {
    name: "an aborted multipart upload leaves neither an object nor an open upload",
    async run({ open, peer }): Promise<void> {
      const storage = open({ transferConfig: SMALL_PARTS });
      const part = pattern(5 * MEBIBYTE);
      const file = await storage.open("aborted", "wb");
      await file.write(part);
      await file.write(part);
      await file.abort();
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield part;
        yield await Promise.resolve(part);
        throw new Error("the source broke");
      }
      assertEquals((await rejection(storage.save("failed", failing()))).message, "the source broke");
      const stop = new AbortController();
      async function* stopping(): AsyncGenerator<Uint8Array> {
        yield part;
        yield await Promise.resolve(part);
        stop.abort(new Error("changed my mind"));
        yield part;
      }
      const stopped = storage.save("stopped", stopping(), { signal: stop.signal });
      assertEquals((await rejection(stopped)).message, "changed my mind");
      assertEquals(await storage.listdir(""), [[], []]);
      assertEquals(await peer.openUploads(storage.location), []);
    },
  },
  {
    name: "a presigned URL returns the file with the requested response headers",
    async run({ open, peer }): Promise<void> {
      const storage = open();
      for (const name of ODD_NAMES) {
        await storage.save(name, `content of ${name}`);
        const response = await peer.fetch(await storage.url(name));
        assertEquals([response.status, await response.text()], [200, `content of ${name}`], name);
      }
      const url = await storage.url("a b.txt", {
        expiresIn: 60,
        parameters: { ResponseContentDisposition: 'attachment; filename="x y.txt"', ResponseContentType: "text/x-own" },
      });
      const response = await peer.fetch(url);
      await response.body?.cancel();
      assertEquals(response.headers.get("content-disposition"), 'attachment; filename="x y.txt"');
      assertEquals(response.headers.get("content-type"), "text/x-own");
    },
  },
  {
    name: "a presigned URL is valid for its method only",
    async run({ open, peer }): Promise<void> {
      const storage = open();
      const attempt = async (url: string, method: string, body?: string): Promise<number> => {
        const response = await peer.fetch(url, { method, ...(body === undefined ? {} : { body }) });
        await response.body?.cancel();
        return response.status;
      };
      const put = await storage.url("a.txt", { method: "PUT" });
      assertEquals(await attempt(put, "PUT", "uploaded"), 200);
      assertEquals(await (await storage.open("a.txt")).text(), "uploaded");
      assertEquals(await attempt(await storage.url("a.txt", { method: "HEAD" }), "HEAD"), 200);
      assertEquals(await attempt(await storage.url("a.txt"), "PUT", "overwritten"), 403);
      assertEquals(await attempt(await storage.url("a.txt"), "DELETE"), 403);
      assertEquals(await attempt(await storage.url("a.txt", { method: "DELETE" }), "DELETE"), 204);
      assertEquals(await storage.exists("a.txt"), false);
    },
  },
  {
    name: "a changed or expired presigned URL is refused",
    async run({ open, peer }): Promise<void> {
      const storage = open();
      await storage.save("a.txt", "hello");
      await storage.save("b.txt", "secret");
      const url = await storage.url("a.txt");
      const anHourAgo = open({ now: () => new Date(Date.now() - 3_600_000), location: storage.location });
      const urls = {
        "another file": url.replace("a.txt", "b.txt"),
        "a longer life": url.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200"),
        "another signature": url.replace(/.$/, (digit) => digit === "0" ? "1" : "0"),
        "one more parameter": `${url}&response-content-type=text%2Fhtml`,
        "expired": await anHourAgo.url("a.txt", { expiresIn: 60 }),
      };
      for (const [what, tampered] of Object.entries(urls)) {
        assertNotEquals(tampered, url);
        const response = await peer.fetch(tampered);
        await response.body?.cancel();
        assertEquals(response.status, 403, what);
      }
    },
  },
  {
    name: "a wrong secret and an unknown key have clear errors without secrets",
    async run({ open }): Promise<void> {
      for (const wrong of [{ secretKey: "not-the-secret" }, { accessKey: "nobody", secretKey: "not-the-secret" }]) {
        const error = await rejection(open(wrong).save("a.txt", "x")) as StorageError;
        assert(error instanceof UnauthenticatedError, String(error));
        assertEquals([error.status, error.operation], [403, "PutObject"]);
        assertMatch(error.s3Code ?? "", /^(SignatureDoesNotMatch|InvalidAccessKeyId)$/);
        assert(!`${error.message}${error.stack}${JSON.stringify(error)}`.includes("not-the-secret"));
      }
    },
  },
  {
    name: "a missing bucket and a missing file have different errors",
    async run({ open }): Promise<void> {
      const storage = open({ bucketName: "no-such-bucket-at-all" });
      for (const call of [() => storage.save("a.txt", "x"), () => storage.open("a.txt"), () => storage.listdir("")]) {
        const error = await rejection(call());
        assert(error instanceof NotFoundError, String(error));
        assertEquals(error.s3Code, "NoSuchBucket");
      }
    },
  },
  {
    name: "listing and deleting continue after a page of 1,000 names",
    async run({ open }): Promise<void> {
      const storage = open();
      const names = Array.from({ length: 1005 }, (_, index) => `pages/${String(index).padStart(4, "0")}.txt`);
      for (let start = 0; start < names.length; start += 32) {
        await Promise.all(names.slice(start, start + 32).map((name) => storage.save(name, "")));
      }
      assertEquals((await collect(storage.list("pages", { recursive: true }))).map(({ name }) => name), names);
      assertEquals((await storage.listdir("pages"))[1].length, names.length);
      await storage.deleteMany(names);
      assertEquals(await storage.listdir(""), [[], []]);
    },
  },
  {
    name: "folder markers are not listed as files",
    async run({ open, peer }): Promise<void> {
      const storage = open();
      await peer.putEmpty(`${storage.location}docs/`);
      await peer.putEmpty(`${storage.location}docs/deep/`);
      await storage.save("docs/a.txt", "x");
      assertEquals(await storage.listdir("docs"), [["deep"], ["a.txt"]]);
      assertEquals((await collect(storage.list("", { recursive: true }))).map(({ name }) => name), ["docs/a.txt"]);
    },
  },
  {
    name: "an object stored as gzip is read unchanged, completely and in parts",
    async run({ open }): Promise<void> {
      const storage = open();
      const packed = await gzipped("hello ".repeat(100));
      await storage.save("a.txt", packed, { contentEncoding: "gzip" });
      assertEquals((await storage.stat("a.txt")).contentEncoding, "gzip");
      const file = await storage.open("a.txt", "rb");
      assertEquals(file.size, packed.byteLength);
      assertEquals(await file.bytes(), packed);
      const within = await storage.open("a.txt", "rb");
      await within.seek(5);
      assertEquals(await within.bytes(), packed.slice(5));
    },
  },
  {
    name: "reading after the object has changed is an error, never a mix",
    async run({ open }): Promise<void> {
      const storage = open();
      await storage.save("a.bin", pattern(1000));
      const file = await storage.open("a.bin", "rb");
      await file.read(10);
      await storage.save("a.bin", pattern(1000, 2));
      await file.seek(500);
      const error = await rejection(file.read(10)) as StorageError;
      assertEquals(error.code, "PreconditionFailed");
      await file.close();
    },
  },
  {
    name: "object parameters are applied: ACL, cache, disposition, metadata, storage class",
    async run({ open, peer }): Promise<void> {
      const storage = open({
        defaultAcl: "public-read",
        objectParameters: { CacheControl: "max-age=86400", Metadata: { Owner: "ada" }, StorageClass: "STANDARD_IA" },
      });
      await storage.save("a.txt", "hello", { metadata: { stage: "live" } });
      const stat = await storage.stat("a.txt");
      assertEquals(stat.cacheControl, "max-age=86400");
      assertEquals(stat.metadata, { owner: "ada", stage: "live" });
      assertEquals(stat.storageClass, "STANDARD_IA");
      await storage.copy("a.txt", "b.txt");
      const open_ = open({ querystringAuth: false, location: storage.location });
      for (const name of ["a.txt", "b.txt"]) {
        const response = await peer.fetch(await open_.url(name));
        assertEquals([response.status, await response.text()], [200, "hello"], name);
      }
    },
  },
  {
    name: "an object encrypted with a customer key (SSE-C) is only readable with that key",
    async run({ open }): Promise<void> {
      const storage = open({ objectParameters: { SSECustomerKey: OWN_KEY }, transferConfig: SMALL_PARTS });
      const content = pattern(5 * MEBIBYTE + 17);
      await storage.save("a.bin", content.subarray(0, 1000));
      await storage.save("blob.bin", new Blob([content]));
      await storage.save("stream.bin", streamOf(content, 1_000_003));
      assertEquals([await storage.size("a.bin"), await storage.exists("a.bin")], [1000, true]);
      assertEquals((await storage.stat("stream.bin")).size, content.byteLength);
      for (const name of ["blob.bin", "stream.bin"]) {
        const file = await storage.open(name, "rb");
        assertEquals(await file.read(5), content.slice(0, 5));
        await file.seek(5 * MEBIBYTE - 5);
        assertEquals(await file.bytes(), content.slice(5 * MEBIBYTE - 5), name);
      }
      const free = open({
        objectParameters: { SSECustomerKey: OWN_KEY },
        fileOverwrite: false,
        location: storage.location,
      });
      assertNotEquals(await free.save("a.bin", "other"), "a.bin");
      for (const objectParameters of [{}, { SSECustomerKey: new Uint8Array(32) }]) {
        const stranger = open({ objectParameters, location: storage.location });
        for (
          const call of [() => stranger.open("a.bin"), () => stranger.size("a.bin"), () => stranger.open("blob.bin")]
        ) {
          const error = await rejection(call()) as StorageError;
          assert(error.status === 400 || error.status === 403, String(error));
        }
        assertEquals((await stranger.listdir(""))[1].length, 4);
      }
      await storage.deleteMany(["blob.bin", "stream.bin"]);
      await storage.delete("a.bin");
      assertEquals(await storage.exists("a.bin"), false);
    },
  },
  {
    name: "unsupported checksums are ignored by the server, supported ones are checked",
    async run({ open, peer }): Promise<void> {
      const content = pattern(5 * MEBIBYTE + 17);
      for (const ChecksumAlgorithm of ["CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"]) {
        const storage = open({ objectParameters: { ChecksumAlgorithm }, transferConfig: SMALL_PARTS });
        await storage.save("empty", "");
        await storage.save("bytes", content.subarray(0, 1000));
        await storage.save("blob", new Blob([content.subarray(0, 1000)]));
        await storage.save("parts", new Blob([content]));
        await storage.copy("bytes", "copy");
        for (const [name, length] of [["empty", 0], ["bytes", 1000], ["blob", 1000], ["copy", 1000]] as const) {
          assertEquals(await (await storage.open(name, "rb")).bytes(), content.slice(0, length), name);
        }
        assertEquals(await storage.size("parts"), content.byteLength);
        assertEquals(await peer.openUploads(storage.location), []);
      }
    },
  },
  {
    name: "all operations work with SigV2",
    async run({ open, peer }): Promise<void> {
      const objectParameters = { Metadata: { b: "2" } };
      const storage = open({ signatureVersion: "s3", transferConfig: SMALL_PARTS, objectParameters });
      const content = pattern(5 * MEBIBYTE + 17);
      for (const name of ODD_NAMES) {
        await storage.save(name, name, { metadata: { a: "1" } });
        assertEquals(await (await storage.open(name)).text(), name);
      }
      // Its type must not become that of the parts, which are signed without one.
      await storage.save("parts", new Blob([content], { type: "text/x-test" }));
      const file = await storage.open("parts", "rb");
      await file.seek(5 * MEBIBYTE);
      assertEquals(await file.bytes(), content.slice(5 * MEBIBYTE));
      await storage.copy("parts", "copy");
      const names = (await collect(storage.list("", { recursive: true }))).map(({ name }) => name);
      assertEquals(names.length, ODD_NAMES.length + 2);
      await storage.deleteMany(names);
      assertEquals(await storage.listdir(""), [[], []]);
      assertEquals(await peer.openUploads(storage.location), []);
    },
  },
];
