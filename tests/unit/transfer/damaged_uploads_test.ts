/** Over plain HTTP the service verifies every kind of body: damaged bytes are an error, and are not stored. */
import { assert, assertEquals } from "@std/assert";
import { IntegrityError } from "../../../src/errors.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On } from "../storage/storages.ts";
import { patternBytes } from "../random.ts";
import { withoutWaiting } from "../transport.ts";

const MIB = 1024 ** 2;
const SMALL = patternBytes(100_000);
const LARGE = patternBytes(6 * MIB);

/** Every kind of body of an upload. */
const BODIES: Readonly<Record<string, () => Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>>> = {
  "bytes": () => SMALL,
  "a Blob": () => new Blob([SMALL]),
  "bytes in parts": () => LARGE,
  "a Blob in parts": () => new Blob([LARGE]),
  "a stream": () => new Blob([SMALL]).stream(),
  "a stream in parts": () => new Blob([LARGE]).stream(),
};

for (const [kind, make] of Object.entries(BODIES)) {
  for (
    const [way, options] of Object.entries<S3StorageOptions>({
      "version 4": {},
      "version 2": { signatureVersion: "s3" },
      "temporary files": { maxMemorySize: 65_536 },
    })
  ) {
    Deno.test(`${kind}, damaged over plain HTTP, raises IntegrityError and is not stored (${way})`, async () => {
      const server = createS3Server({ buckets: ["media"] });
      let damages = Infinity;
      const storage = s3On({
        fetch: async (request) => {
          if (request.method !== "PUT" || damages-- <= 0) return await server.fetch(request);
          const body = await request.bytes();
          body[body.length >> 1]! ^= 1;
          return await server.fetch(new Request(request.url, { method: "PUT", headers: request.headers, body }));
        },
      }, {
        endpointUrl: "http://localhost:9000",
        clientConfig: { maxAttempts: 2 },
        transferConfig: { multipartThreshold: 5 * MIB, partSize: 5 * MIB, maxConcurrency: 2 },
        ...options,
      });
      await withoutWaiting(async () => {
        const error = await storage.save("a.bin", make()).then(() => undefined, (error) => error);
        assert(error instanceof IntegrityError, `${error}`);
        assertEquals([server.objects("media"), server.openUploads("media")], [[], []]);
        damages = 1; // the second attempt arrives as it was sent
        await storage.save("a.bin", make());
        const [object] = server.objects("media");
        const sent = new Uint8Array(await new Response(make() as BodyInit).arrayBuffer());
        assert(object!.bytes.every((byte, index) => byte === sent[index]), "other bytes are stored");
      });
    });
  }
}
