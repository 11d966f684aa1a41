// deno-lint-ignore-file no-console -- results are passed to the test on standard output
/**
 * Reads, writes and deletes on a server that answers as odd ones do, on any runtime. The last argument is the endpoint; each
 * bucket is a case of the server.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { IntegrityError, NotSupportedError, S3Storage, ServiceError } from "../../mod.ts";
import { serve } from "../../src/serve/mod.ts";
import type { S3StorageOptions } from "../../src/settings/options.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";

export interface AnswerResult {
  readonly name: string;
  readonly error?: string;
}

const globals = globalThis as { readonly process?: { readonly argv: readonly string[] } };
const endpointUrl = globals.process!.argv.at(-1)!;

/** The text of the objects that the server keeps as gzip. */
export const TEXT = "storage contents, ".repeat(200);

function storageOf(bucketName: string, options: S3StorageOptions = {}): S3Storage {
  return new S3Storage({
    bucketName,
    endpointUrl,
    accessKey: "testkey",
    secretKey: "testsecret",
    clientConfig: { maxAttempts: 3, timeout: 60, initialBackoff: 0.01, maxBackoff: 0.02 },
    transferConfig: { multipartThreshold: 5 * 1024 ** 2, partSize: 5 * 1024 ** 2 },
    ...options,
  });
}

const LARGE = new Uint8Array(6 * 1024 ** 2).fill(7);

const CASES: Readonly<Record<string, () => Promise<void>>> = {
  "pages that come once are retried by every operation": async () => {
    for (const bucket of ["page-once", "empty-once", "redirect-once", "missing-once"]) {
      const storage = storageOf(bucket);
      await storage.save("a.txt", "hello");
      await storage.save("large.bin", LARGE);
      assertEquals(await storage.readText("a.txt"), "hello", bucket);
      assertEquals((await storage.stat("a.txt")).size, 5, bucket);
      await storage.copy("a.txt", "b.txt");
      assertEquals((await storage.listdir(""))[1].length, 3, bucket);
      await storage.delete("a.txt");
      assertEquals(await storage.exists("a.txt"), false, bucket);
      await storage.deleteMany(["b.txt", "large.bin"]);
      assertEquals((await storage.listdir(""))[1], [], bucket);
    }
  },
  "pages that stay are errors of every operation": async () => {
    for (const bucket of ["page", "empty", "redirect", "missing"]) {
      const storage = storageOf(bucket);
      const calls: (() => Promise<unknown>)[] = [
        () => storage.save("a.txt", "hello"),
        () => storage.save("large.bin", LARGE),
        () => storage.open("a.txt"),
        () => storage.download("a.txt"),
        () => storage.exists("a.txt"),
        () => storage.delete("a.txt"),
        () => storage.listdir(""),
      ];
      for (const call of calls) await assertRejects(call, ServiceError, "Invalid response", bucket);
      await assertRejects(() => storage.deleteMany(["a.txt", "b.txt"]), AggregateError);
    }
  },
  "gzip with aws-chunked in any place is read and served": async () => {
    for (const bucket of ["gzip-chunked", "chunked-gzip"]) {
      const storage = storageOf(bucket, { gzip: true });
      assertEquals((await storage.stat("a.txt")).contentEncoding, "gzip", bucket);
      assertEquals(await storage.readText("a.txt"), TEXT, bucket);
      const headers = { "accept-encoding": "gzip" };
      const response = await serve(storage, new Request("http://localhost/", { headers }), { name: "a.txt" });
      assertEquals(response.headers.get("content-encoding"), "gzip", bucket);
      await response.body?.cancel();
    }
  },
  "objects that Google keeps as gzip are read as text, and refused as bytes": async () => {
    for (const bucket of ["google-decoded", "google-encoded"]) {
      const storage = storageOf(bucket, { gzip: true });
      assertEquals(await storage.readText("a.txt"), TEXT, bucket);
      assertEquals((await storage.stat("a.txt")).contentEncoding, "gzip", bucket);
      for (const headers of [{}, { "accept-encoding": "gzip" }, { range: "bytes=5-9" }]) {
        const response = await serve(storage, new Request("http://localhost/", { headers }), { name: "a.txt" });
        assertEquals([response.status, await response.text()], [200, TEXT], bucket);
      }
      await assertRejects(() => storage.open("a.txt", "rb", { decompress: false }), NotSupportedError);
      await assertRejects(() => storage.open("a.txt", "rb", { start: 2, end: 5 }), NotSupportedError);
    }
  },
  "bytes that a proxy compresses are read as they are stored, or refused": async () => {
    for (const bucket of ["gzip-always", "gzip-if-accepted"]) {
      for (const bytes of [new Uint8Array(50).map((_, index) => index * 37), LARGE]) {
        const storage = storageOf(bucket);
        await storage.save("a.bin", bytes);
        const file = await storage.open("a.bin", "rb");
        assertEquals([file.size, file.stat.contentEncoding], [bytes.byteLength, undefined], bucket);
        assertEquals(await file.bytes(), bytes, bucket);
        assertEquals(await storage.readBytes("a.bin"), bytes, bucket);
        for (const options of [{}, { partSize: 5 * 1024 ** 2 }]) {
          const download = await storage.download("a.bin", options);
          assertEquals(new Uint8Array(await new Response(download).arrayBuffer()), bytes, bucket);
        }
        const response = await serve(storage, new Request("http://localhost/"), { name: "a.bin" });
        assertEquals(new Uint8Array(await response.arrayBuffer()), bytes, bucket);
        const sought = await storage.open("a.bin", "rb");
        sought.seek(10);
        if (bucket === "gzip-if-accepted") assertEquals(await sought.bytes(), bytes.subarray(10));
        else await assertRejects(() => sought.bytes(), ServiceError, "received Content-Encoding gzip");
        await sought.close();
      }
    }
  },
  "files are deleted one by one where DeleteObjects is not there": async () => {
    for (const bucket of ["no-delete-501", "no-delete-405", "no-delete-400"]) {
      const storage = storageOf(bucket);
      for (const name of ["a", "b", "c"]) await storage.save(name, name);
      await storage.deleteMany(["a", "b", "c"]);
      assertEquals((await storage.listdir(""))[1], [], bucket);
    }
  },
  "keys that fail in passing are deleted": async () => {
    const storage = storageOf("delete-later");
    for (const name of ["a", "b", "c"]) await storage.save(name, name);
    await storage.deleteMany(["a", "b", "c"]);
    assertEquals((await storage.listdir(""))[1], []);
  },
  "a completion that meets another write begins anew": async () => {
    const storage = storageOf("conflict-once");
    for (const content of [LARGE, new Blob([LARGE])]) {
      await storage.save("large.bin", content, { onExisting: "replace", ifNoneMatch: "*" });
      assertEquals(await storage.size("large.bin"), LARGE.byteLength);
      await storage.delete("large.bin");
    }
  },
  "all of a file is served where ranges are ignored": async () => {
    const storage = storageOf("no-ranges");
    await storage.save("a.txt", "storage contents");
    const request = new Request("http://localhost/", { headers: { range: "bytes=8-11" } });
    const response = await serve(storage, request, { name: "a.txt" });
    assertEquals([response.status, await response.text()], [200, "storage contents"]);
  },
  "bits that flip on plain HTTP are errors": async () => {
    const up = storageOf("flip-up", { maxMemorySize: 65_536 });
    const stream = (): ReadableStream<Uint8Array> => new Blob([LARGE]).stream();
    for (const content of [new Blob(["hello"]), new Blob([LARGE]), stream()]) {
      await assertRejects(() => up.save("a.bin", content), IntegrityError);
    }
    assertEquals((await up.listdir(""))[1], []);
    const down = storageOf("flip-down");
    await down.save("a.txt", "storage contents");
    await assertRejects(() => down.readText("a.txt"), IntegrityError);
    await assertRejects(async () => await new Response(await down.download("a.txt")).text(), IntegrityError);
  },
};

const results: AnswerResult[] = [];
for (const [name, run] of Object.entries(CASES)) {
  try {
    await run();
    results.push({ name });
  } catch (error) {
    assert(error instanceof Error);
    results.push({ name, error: error.stack ?? error.message });
  }
}
console.log(RESULTS_MARKER + JSON.stringify(results));
