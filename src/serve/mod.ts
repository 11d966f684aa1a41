/**
 * Answers requests for stored files, with all that browsers, players and caches ask of a web server: ranges, conditions,
 * names for downloads; and so that no script of a stranger's file runs. It works on any `Storage`, and on anything that has
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
 * const response = await serve(request, storage);
 * assertEquals([response.status, await response.text()], [206, "storage"]);
 * ```
 *
 * @module
 */
export { contentDisposition } from "./content_disposition.ts";
export { serve } from "./serve.ts";
export type { ServeOptions } from "./serve_options.ts";
