/**
 * A Cloudflare Worker: clients with the token upload into a bucket, and everyone downloads from there, with ranges.
 * Its settings are variables of the Worker: in `wrangler.toml`, and for secrets by `wrangler secret put`.
 *
 * @module
 */
import { S3Storage } from "@storages/s3";
import { serve } from "@storages/s3/serve";
import { handleUpload, UploadError } from "@storages/s3/upload";

/** The settings of the Worker. */
export interface Env {
  readonly BUCKET: string;
  readonly ENDPOINT: string;
  readonly ACCESS_KEY: string;
  readonly SECRET_KEY: string;
  /** The token that a client needs to upload. */
  readonly UPLOAD_TOKEN: string;
}

/** What a Worker gives to each request, as far as this one uses it. */
export interface Context {
  waitUntil(work: Promise<unknown>): void;
}

export default {
  async fetch(request: Request, env: Env, ctx: Context): Promise<Response> {
    const storage = new S3Storage({
      bucketName: env.BUCKET,
      endpointUrl: env.ENDPOINT,
      accessKey: env.ACCESS_KEY,
      secretKey: env.SECRET_KEY,
      transferConfig: { partSize: 5 * 1024 ** 2, maxConcurrency: 2 }, // a Worker has 128 MiB of memory
    });
    if (request.method !== "POST") return await serve(storage, request, { cacheControl: "public, max-age=300" });
    if (request.headers.get("authorization") !== `Bearer ${env.UPLOAD_TOKEN}`) {
      return new Response("Not allowed\n", { status: 401, headers: { "www-authenticate": "Bearer" } });
    }
    try {
      // A client that disconnects leaves no files, and no parts of them.
      const waitUntil = (work: Promise<unknown>): void => ctx.waitUntil(work);
      const { files } = await handleUpload(storage, request, { maxFiles: 10, waitUntil });
      return Response.json(files.map(({ name }) => name), { status: 201 });
    } catch (error) {
      if (error instanceof UploadError) return error.toResponse();
      throw error;
    }
  },
};
