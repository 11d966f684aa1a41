/**
 * A Cloudflare Worker: clients with the token upload into a bucket, and everyone downloads from there, with ranges.
 * The settings of the storage are variables of the Worker: `AWS_STORAGE_BUCKET_NAME`, `AWS_S3_ENDPOINT_URL` and others in
 * `wrangler.toml`, `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` by `wrangler secret put`.
 *
 * @module
 */
import { S3Storage } from "@storages/s3/edge";
import { serve } from "@storages/s3/serve";
import { handleUpload, UploadError } from "@storages/s3/upload";

/** The variables of the Worker besides those of the storage. */
export interface Env {
  /** The token that a client needs to upload. */
  readonly UPLOAD_TOKEN: string;
}

/** What a Worker gives to each request, as far as this one uses it. */
export interface Context {
  waitUntil(work: Promise<unknown>): void;
}

export default {
  async fetch(request: Request, env: Env, ctx: Context): Promise<Response> {
    // A client that disconnects leaves no files, and no parts of them.
    const storage = S3Storage.fromEnv(env, { waitUntil: (work) => ctx.waitUntil(work) });
    if (request.method !== "POST") return await serve(storage, request, { cacheControl: "public, max-age=300" });
    if (request.headers.get("authorization") !== `Bearer ${env.UPLOAD_TOKEN}`) {
      return new Response("Not allowed\n", { status: 401, headers: { "www-authenticate": "Bearer" } });
    }
    try {
      const { files } = await handleUpload(storage, request, { maxFiles: 10 });
      return Response.json(files.map(({ name }) => name), { status: 201 });
    } catch (error) {
      if (error instanceof UploadError) return error.toResponse();
      throw error;
    }
  },
};
