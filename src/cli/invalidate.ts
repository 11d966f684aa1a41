import { createInvalidation, invalidationPaths } from "../cloudfront/invalidation/mod.ts";
import { credentialsFromSettings } from "../credentials/from_settings.ts";
import type { S3Storage } from "../s3/s3_storage.ts";
import type { PendingInvalidation } from "../static/collect_options.ts";
import type { Call } from "./command.ts";
import { explain } from "./output/failure.ts";
import { count } from "./output/format.ts";

/** The result of an invalidation. */
export type InvalidationOutcome =
  | { readonly id: string; readonly status: string; readonly paths: number }
  | { readonly error: string };

/** Invalidates paths of the CloudFront distribution that serves a place on S3. */
export class CloudFrontCaches {
  readonly #call: Call;
  readonly #distributionId: string;
  readonly #storage: S3Storage;
  /** `undefined` until an invalidation was sent. */
  outcome: InvalidationOutcome | undefined;

  constructor(call: Call, distributionId: string, storage: S3Storage) {
    this.#call = call;
    this.#distributionId = distributionId;
    this.#storage = storage;
  }

  /** Sends the pending invalidation. Returns whether CloudFront accepted it. */
  async invalidate({ names, reference }: PendingInvalidation, signal: AbortSignal | undefined): Promise<boolean> {
    const { io, screen } = this.#call;
    const paths = invalidationPaths(names, { location: this.#storage.location });
    try {
      const { id, status } = await createInvalidation({
        distributionId: this.#distributionId,
        paths,
        callerReference: reference,
        credentials: credentialsFromSettings(this.#storage.settings),
        fetch: io.fetch,
        signal,
      });
      screen.note(`Invalidating ${count(paths.length, "path")} in CloudFront: invalidation ${id}`);
      this.outcome = { id, status, paths: paths.length };
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      this.outcome = { error: explain(error) };
      return false;
    }
  }
}
