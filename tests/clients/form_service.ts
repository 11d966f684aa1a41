/** A service for forms on each runtime; a header has the address of the S3 server. */
import { S3Storage, type S3StorageOptions } from "../../mod.ts";
import { handleUpload, UploadError } from "../../src/upload/mod.ts";

export async function answerForm(request: Request): Promise<Response> {
  const options: S3StorageOptions = JSON.parse(request.headers.get("x-test-storage")!);
  try {
    const { fields, files } = await handleUpload(new S3Storage(options), request, {
      maxFileBytes: 30_000_000,
      idleTimeout: Number(request.headers.get("x-test-idle") ?? 60),
      onExisting: "replace",
    });
    return Response.json({ fields: [...fields], files });
  } catch (error) {
    if (error instanceof UploadError) return error.toResponse();
    throw error;
  }
}

export default { fetch: answerForm };
