/** The operations of multipart uploads that are loaded on demand, together. */
export { abortDirectUpload, completeDirectUpload, createDirectUpload } from "./direct_uploads.ts";
export { abortIncomplete, listIncomplete } from "./incomplete_uploads.ts";
