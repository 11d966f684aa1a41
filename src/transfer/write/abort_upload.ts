import { abortMultipartUpload, type MultipartTarget } from "../../client/operations/multipart.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { isStorageError } from "../../errors.ts";
import { fullJitter, sleep } from "../../kit/async/backoff.ts";
import { cleanUp } from "../../kit/async/cleanup.ts";
import { holding } from "../../kit/async/hold.ts";

/** The most requests to abort an upload; each has all attempts and retries of a request. */
const MAX_ROUNDS = 4;

/** Bounds of the random wait between two rounds, in milliseconds. */
const INITIAL_MILLISECONDS = 200;
const MAX_MILLISECONDS = 5000;

/**
 * Aborts an upload whose id only this process knows, which deletes its parts. Waits as long as `cleanUp` does; a slower
 * abort continues in the background. It never fails, since the caller has another failure to report.
 *
 * @param parts Settles when no part is being sent any longer: one that arrives after the abort would stay stored.
 */
export async function abortUpload(
  client: S3Client,
  { signal: _, ...target }: MultipartTarget,
  parts: Promise<unknown> = Promise.resolve(),
): Promise<void> {
  const abort = (): Promise<void> => parts.then(() => abortInRounds(client, target));
  await cleanUp(holding(client.settings.waitUntil, abort)); // a slower abort is held, too
}

/**
 * Sends the request again after all its attempts have failed, as no other program would abort the upload: they may have
 * failed by timeouts, an empty retry budget, or a clock or credentials that changed more than once. Only two errors are final.
 */
async function abortInRounds(client: S3Client, target: MultipartTarget): Promise<void> {
  for (let round = 1;; round++) {
    try {
      return await abortMultipartUpload(client, target);
    } catch (error) {
      if (!isStorageError(error) || round === MAX_ROUNDS) throw error;
      if (error.code === "NotFound" || error.s3Code === "AccessDenied") throw error;
    }
    await sleep(fullJitter(round - 1, INITIAL_MILLISECONDS, MAX_MILLISECONDS));
  }
}
