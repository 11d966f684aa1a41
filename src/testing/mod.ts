/**
 * An S3 server in memory, for tests and demonstrations: a function from a standard `Request` to a standard `Response`.
 *
 * It is strict: it checks signatures (version 4 and 2, in headers, in presigned URLs, in forms and chunk by chunk), expiry,
 * hashes, checksums and the rules of S3, and responds to violations with the error documents of S3. Code that works with it
 * can therefore be expected to work with S3. Objects are kept in memory only.
 *
 * Pass its `fetch` to a client in place of the global one, or serve it over HTTP for any client:
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
  S3ServerBucketOptions,
  S3ServerCredentials,
  S3ServerObject,
  S3ServerOptions,
  S3ServerRequest,
  S3ServerUpload,
  S3ServerVersion,
} from "./server_options.ts";
