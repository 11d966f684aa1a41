/** A failed part is noticed immediately, not only when the source delivers the next chunk. */
import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { PermissionDeniedError } from "../../../src/errors.ts";
import type { S3Storage } from "../../../src/s3/s3_storage.ts";
import { createS3Server, type S3Server } from "../../../src/testing/mod.ts";
import { s3On } from "../storage/storages.ts";
import { errorAnswer } from "../transport.ts";

const PART_BYTES = 5 * 1024 ** 2;

/** A storage whose first parts are rejected. */
function refusing(options: { gzip?: boolean } = {}): { storage: S3Storage; server: S3Server } {
  const server = createS3Server({ buckets: ["media"] });
  const fetch = async (request: Request): Promise<Response> => {
    if (new URL(request.url).searchParams.get("partNumber") === "1") return errorAnswer(403, "AccessDenied");
    return await server.fetch(request);
  };
  const transferConfig = { multipartThreshold: PART_BYTES, partSize: PART_BYTES };
  return { storage: s3On({ fetch }, { transferConfig, ...options }), server };
}

/** A stream that delivers enough for a part, and then stalls forever. */
function silentStream(): { stream: ReadableStream<Uint8Array>; cancelled: Promise<unknown> } {
  const { promise: cancelled, resolve } = Promise.withResolvers<unknown>();
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => {
      // Random, so that gzip cannot compress it.
      for (let i = 0; i < 100; i++) controller.enqueue(crypto.getRandomValues(new Uint8Array(64 * 1024)));
    },
    pull: () => new Promise(() => {}),
    cancel: resolve,
  });
  return { stream, cancelled };
}

for (const gzip of [false, true]) {
  Deno.test(`save() fails if a part fails while its stream is stalled, and releases the stream${gzip ? ", with gzip" : ""}`, async () => {
    const { storage, server } = refusing({ gzip });
    const { stream, cancelled } = silentStream();
    const error = await assertRejects(() => storage.save("a.css", stream), PermissionDeniedError);
    assertEquals(error.operation, "UploadPart");
    await cancelled;
    assertEquals([server.objects("media"), server.openUploads("media")], [[], []]);
  });
}

Deno.test("a file is aborted if a part fails, and the next call reports why", async () => {
  const { storage, server } = refusing();
  const file = await storage.open("a.bin", "wb");
  await file.write(new Uint8Array(PART_BYTES));
  while (!file.closed) await new Promise((resolve) => setTimeout(resolve, 1));
  await assertRejects(() => file.write("more"), PermissionDeniedError);
  await assertRejects(() => file.close(), PermissionDeniedError);
  assertEquals(server.openUploads("media"), []);
});

Deno.test("a stream piped into a file fails if a part fails while the stream is stalled", async () => {
  const { storage, server } = refusing();
  const { stream, cancelled } = silentStream();
  const file = await storage.open("a.bin", "wb");
  const error = await assertRejects(() => stream.pipeTo(file.writable), PermissionDeniedError);
  assertStrictEquals(await cancelled, error);
  await file.abort();
  assertEquals(server.openUploads("media"), []);
});
