/**
 * Answers HTTP requests for stored files, with what browsers, players and caches need: ranges, conditional requests, names for
 * downloads, and a policy that keeps scripts in uploaded files from running. Works with any `Storage`, and on any runtime with
 * `Request` and `Response`.
 *
 * @example
 * ```ts
 * import { serve } from "@storages/s3/serve";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("hello.txt", "storage contents");
 *
 * const request = new Request("https://example.com/hello.txt", { headers: { range: "bytes=0-6" } });
 * const response = await serve(storage, request);
 * assertEquals([response.status, await response.text()], [206, "storage"]);
 * ```
 *
 * @module
 */
export { contentDisposition } from "../kit/text/content_disposition.ts";
export { serve } from "./serve.ts";
export type { ServeOptions } from "./serve_options.ts";
