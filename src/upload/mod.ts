/**
 * Stores the files of an HTML form as they arrive: streamed from the request into a `Storage`, within limits and under safe
 * names. A form that fails leaves no files. Forms that a browser sends from another site are refused.
 *
 * @example
 * ```ts
 * import { handleUpload, UploadError } from "@storages/s3/upload";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 *
 * async function handler(request: Request): Promise<Response> {
 *   try {
 *     const { fields, files } = await handleUpload(storage, request, { accept: ["image/*"], maxFileBytes: 10_000_000 });
 *     return Response.json({ title: fields.get("title"), names: files.map(({ name }) => name) });
 *   } catch (error) {
 *     if (error instanceof UploadError) return error.toResponse();
 *     throw error;
 *   }
 * }
 *
 * const form = new FormData();
 * form.set("title", "A picture");
 * form.set("file", new File(["GIF89a…"], "a picture.gif"));
 * const response = await handler(new Request("https://example.com/upload", { method: "POST", body: form }));
 * assertEquals(await response.json(), { title: "A picture", names: ["a_picture.gif"] });
 * ```
 *
 * @module
 */
export { isCrossOrigin } from "./cross_origin.ts";
export { handleUpload } from "./handle_upload.ts";
export { UploadError, type UploadErrorCode } from "./upload_error.ts";
export type { StoredUpload, UploadedFile, UploadOptions, UploadResult } from "./upload_options.ts";
