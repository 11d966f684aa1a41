/** What the client does after a failed attempt. Loaded on demand, as one module. */
import { ConnectionError, TimeoutError } from "../../errors.ts";
import type { S3Request } from "../request.ts";
import type { RetryState } from "../retry.ts";
import type { ServiceFailure } from "../service_failure.ts";
import { type CorrectedClient, Corrections, type Signing } from "./corrections.ts";
import { pauseBeforeRetry } from "./retries.ts";

export { pauseBeforeRetry };

/** A call: all attempts at one request. */
export interface Call {
  readonly request: S3Request;
  readonly retries: RetryState;
  /** When the first attempt began, on the clock of `performance.now`. */
  startedAt?: number;
  corrections?: Corrections;
  /** How the current attempt was signed; `undefined` if nothing was sent. */
  signing?: Signing | undefined;
  /** What the service reported of the current attempt. */
  failure?: ServiceFailure | undefined;
}

/** Corrects what the failed attempt revealed, or waits before the next one; throws the error if there may be none. */
export async function recover(client: CorrectedClient, call: Call, error: unknown): Promise<void> {
  const { request, retries, startedAt, signing, failure } = call;
  const { settings, learned } = client;
  const isUnreachable = failure === undefined && (error instanceof ConnectionError || error instanceof TimeoutError);
  if (isUnreachable) learned.regions.delete(request.bucket);
  call.corrections ??= new Corrections(client);
  if (failure !== undefined && await call.corrections.correct(failure, request, signing!, startedAt!)) return;
  // Without credentials nothing was sent: the request may be retried even if it must not be repeated.
  const failed = signing === undefined ? { ...request, repeatable: true } : request;
  await pauseBeforeRetry(settings, learned, client.now(), { error, request: failed, retries, startedAt });
}
