import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { IntegrityError, NotFoundError } from "../../../../src/errors.ts";
import { S3Storage } from "../../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../../src/settings/options.ts";
import { modesOfNewFiles } from "../../new_file_modes.ts";
import { patternBytes } from "../../random.ts";
import { inTempFolder } from "../../temp_folder.ts";
import { RangeServer } from "../../transfer/range_server.ts";

const BYTES = patternBytes(1000);
const IN_HUNDREDS = { partSize: 100, maxConcurrency: 3 };

function storageOn(server: RangeServer, options: S3StorageOptions = {}): S3Storage {
  return new S3Storage({
    bucketName: "bucket",
    accessKey: "AKID",
    secretKey: "secret",
    fetch: server.fetch,
    ...options,
  });
}

/** A server whose bytes do not match the checksum that it returns. */
function damaged(): RangeServer {
  const server = new RangeServer(BYTES);
  server.checksum = { "x-amz-checksum-crc32": "AAAAAA==" };
  return server;
}

Deno.test("downloadTo() a path publishes only a complete file, and keeps the old file on failure", async () => {
  await inTempFolder(async (names, folder) => {
    const path = `${folder}/a.bin`;
    assertEquals(await storageOn(new RangeServer(BYTES)).downloadTo("a.bin", path, IN_HUNDREDS), 1000);
    assertEquals(await Deno.readFile(path), BYTES);
    await Deno.writeTextFile(path, "before");
    const failing = damaged();
    await assertRejects(() => storageOn(failing).downloadTo("a.bin", path, IN_HUNDREDS), IntegrityError);
    assertEquals([await Deno.readTextFile(path), names(), failing.openBodies], ["before", ["a.bin"], 0]);
    const headers = { "x-amz-request-id": "1" };
    const { fetch } = new RangeServer(BYTES, () => ({ instead: new Response(null, { status: 404, headers }) }));
    const missing = storageOn({ fetch } as RangeServer);
    await assertRejects(() => missing.downloadTo("b.bin", `${folder}/b.bin`), NotFoundError);
    assertEquals(names(), ["a.bin"]);
    await Deno.remove(path);
  });
});

Deno.test("downloadTo() a path keeps the permissions of the replaced file, and ignores all but the path of a URL", async () => {
  await inTempFolder(async (names, folder) => {
    const path = `${folder}/a.bin`;
    await Deno.writeTextFile(path, "before", { mode: 0o600 });
    const url = new URL(`file://${path}?version=1#part`);
    let seen: string[] = [];
    const onProgress = (): void => void (seen = names());
    assertEquals(
      await storageOn(new RangeServer(BYTES)).downloadTo("a.bin", url, { ...IN_HUNDREDS, onProgress }),
      1000,
    );
    assertEquals([await Deno.readFile(path), names(), seen.length], [BYTES, ["a.bin"], 2]);
    if (Deno.build.os !== "windows") assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    await Deno.remove(path);
  });
});

Deno.test({
  name: "downloadTo() a path never creates a file with more permissions than the one it replaces",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    await inTempFolder(async (_, folder) => {
      const path = `${folder}/a.bin`;
      const storage = storageOn(new RangeServer(BYTES));
      for (const mode of [0o600, 0o666, 0o440]) {
        await Deno.writeTextFile(path, "before");
        await Deno.chmod(path, mode);
        const made = await modesOfNewFiles(async () => void await storage.downloadTo("a.bin", path));
        assertEquals(made.map((made) => made & ~mode), [0]);
        assertEquals((await Deno.stat(path)).mode! & 0o777, mode);
        await Deno.remove(path);
      }
      await Deno.writeTextFile(path, "before");
      await new Deno.Command("chmod", { args: ["4755", path] }).output();
      await storage.downloadTo("a.bin", path); // the download must not inherit the owner's set-user-ID bit
      assertEquals((await Deno.stat(path)).mode! & 0o7777, 0o755);
      await Deno.remove(path);
    });
  },
});

Deno.test("downloadTo() a path in a missing folder fails with the system's error, and ends the download", async () => {
  await inTempFolder(async (_, folder) => {
    const server = new RangeServer(BYTES);
    await assertRejects(
      () => storageOn(server).downloadTo("a.bin", `${folder}/no/a.bin`, IN_HUNDREDS),
      Error,
      "ENOENT",
    );
    assertEquals(server.openBodies, 0);
  });
});

Deno.test("downloadTo() memory refuses a file that does not fit before reading it, and names both sizes", async () => {
  const server = new RangeServer(BYTES);
  const memory = new Uint8Array(1005);
  assertEquals(await storageOn(server).downloadTo("a.bin", memory, IN_HUNDREDS), 1000);
  assertEquals([memory.subarray(0, 1000), memory.subarray(1000)], [BYTES, new Uint8Array(5)]);
  const short = storageOn(server).downloadTo("a.bin", new Uint8Array(999), IN_HUNDREDS);
  await assertRejects(() => short, RangeError, "Cannot download 'a.bin' into 999 bytes: the file has 1000");
  assertEquals(server.openBodies, 0);
});

Deno.test("downloadTo() a stream closes it at the end and aborts it on failure; its failure ends the download", async () => {
  const events: unknown[] = [];
  const sink = (fails?: Error): WritableStream<Uint8Array> =>
    new WritableStream({
      write: () => {
        if (fails) throw fails;
      },
      close: () => void events.push("closed"),
      abort: (reason) => void events.push(reason.name),
    });
  const server = new RangeServer(BYTES);
  assertEquals(await storageOn(server).downloadTo("a.bin", sink(), IN_HUNDREDS), 1000);
  const failing = damaged();
  await assertRejects(() => storageOn(failing).downloadTo("a.bin", sink(), IN_HUNDREDS), IntegrityError);
  assertEquals(events, ["closed", "IntegrityError"]);
  const full = new Error("disk full");
  assertStrictEquals(await assertRejects(() => storageOn(server).downloadTo("a.bin", sink(full), IN_HUNDREDS)), full);
  assertEquals([server.openBodies, failing.openBodies], [0, 0]);
});

Deno.test("downloadTo() refuses an invalid target, and honours onProgress and signal", async () => {
  const server = new RangeServer(BYTES);
  const wrong = 5 as unknown as string;
  await assertRejects(() => storageOn(server).downloadTo("a.bin", wrong), TypeError, "target must be a path");
  let last = 0;
  const onProgress = ({ bytes }: { bytes: number }): void => void (last = bytes);
  await storageOn(server).downloadTo("a.bin", new Uint8Array(1000), { ...IN_HUNDREDS, onProgress });
  assertEquals([last, server.openBodies], [1000, 0]);
  const reason = new Error("enough");
  const stopped = storageOn(server).downloadTo("a.bin", new Uint8Array(1000), { signal: AbortSignal.abort(reason) });
  assertStrictEquals(await assertRejects(() => stopped), reason);
});
