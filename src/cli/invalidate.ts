import { createInvalidation, invalidationPaths } from "../cloudfront/invalidation/mod.ts";
import { credentialsFromSettings } from "../credentials/from_settings.ts";
import type { S3Storage } from "../s3/s3_storage.ts";
import type { PendingInvalidation } from "../static/collect_options.ts";
import type { Call } from "./command.ts";
import { explain } from "./output/failure.ts";
import { count } from "./output/format.ts";

/** What came of an invalidation. */
export type InvalidationOutcome =
  | { readonly id: string; readonly status: string; readonly paths: number }
  | { readonly error: string };

/** A CloudFront distribution in front of a place on S3. */
export class CloudFrontCaches {
  readonly #call: Call;
  readonly #distributionId: string;
  readonly #storage: S3Storage;
  /** Left out as long as nothing had to be invalidated. */
  outcome: InvalidationOutcome | undefined;

  constructor(call: Call, distributionId: string, storage: S3Storage) {
    this.#call = call;
    this.#distributionId = distributionId;
    this.#storage = storage;
  }

  /** Sends what is pending. Returns whether CloudFront accepted it. */
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
      screen.note(`CloudFront forgets ${count(paths.length, "path")}: invalidation ${id}`);
      this.outcome = { id, status, paths: paths.length };
      return true;
    } catch (error) {
      signal?.throwIfAborted();
      this.outcome = { error: explain(error) };
      return false;
    }
  }
}
