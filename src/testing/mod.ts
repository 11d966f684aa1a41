/**
 * An S3 server in memory, for tests and demonstrations: a standard `Request` goes in, a standard `Response` comes out.
 *
 * It is strict. Signatures (version 4 and 2, in headers, in presigned URLs, in forms and chunk by chunk), expiry, hashes,
 * checksums and S3's own rules are checked, and answered with S3's error documents, so that code that works against it can
 * be expected to work against S3. Nothing is stored but in memory, and nothing is versioned.
 *
 * Give its `fetch` to a client in place of the global one, or serve it over HTTP for any client to use:
 * `Deno.serve((request) => server.fetch(request))`.
 *
 * @example A server over HTTP
 * ```ts
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createS3Server({
 *   buckets: ["media"],
 *   credentials: [{ accessKeyId: "example", secretAccessKey: "secret" }],
 * });
 * assertEquals(server.objects("media"), []);
 * assertEquals(server.openUploads("media"), []);
 * ```
 *
 * @module
 */
export { createS3Server } from "./server.ts";
export type {
  S3Server,
  S3ServerCredentials,
  S3ServerObject,
  S3ServerOptions,
  S3ServerRequest,
  S3ServerUpload,
} from "./server_options.ts";
