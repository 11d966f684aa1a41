import { errorClassOf, type ErrorRow } from "../../aws/error_class.ts";
import {
  ConnectionError,
  PermissionDeniedError,
  ServiceError,
  type StorageError,
  ThrottledError,
  TimeoutError,
  UnauthenticatedError,
} from "../../errors.ts";
import { fullJitter, sleep } from "../../kit/async/backoff.ts";
import { innermost } from "../../kit/async/innermost.ts";
import { foreignText } from "../../kit/text/foreign_text.ts";
import { readLimited } from "../../kit/bytes/read_limited.ts";
import { timerDelay } from "../../kit/async/timer_delay.ts";
import { unlessAborted } from "../../kit/async/unless_aborted.ts";
import type { ProviderContext } from "../context.ts";

/** Credentials take a few kilobytes. A longer response is something else and is not read to its end. */
const MAX_RESPONSE_BYTES = 64 * 1024;

/** The most attempts where a response is transient. */
const MAX_ATTEMPTS = 3;

/** Bounds of the random wait before the next attempt, in milliseconds. */
const INITIAL_MILLISECONDS = 100;
const MAX_MILLISECONDS = 2000;

/** A request to a service that issues credentials. */
export interface CredentialRequest {
  readonly context: Pick<ProviderContext, "fetch">;
  /** The name of the operation in errors, such as "AssumeRole". */
  readonly operation: string;
  /** Makes a new request for each attempt, as signatures expire. */
  readonly prepare: () => PreparedRequest | Promise<PreparedRequest>;
  /** The timeout of one attempt. */
  readonly timeoutSeconds: number;
  /** The most attempts where the network fails. @default 3 */
  readonly attempts?: number;
  /** Whether it is never sent again, as what it sends can be used once. */
  readonly isSingleUse?: boolean;
  /** Matches error responses that are transient, in addition to those with a transient status. */
  readonly transientCodes?: RegExp;
  /** Values to mask in errors, as the response may repeat them. */
  readonly secrets?: ReadonlyArray<string | undefined>;
}

/** A request to be sent. */
export interface PreparedRequest extends Pick<RequestInit, "method" | "headers" | "body"> {
  readonly url: string | URL;
}

/** A response whose body has been read. */
export interface CredentialResponse {
  readonly status: number;
  readonly text: string;
}

/**
 * Sends a request, retries transient failures, and reads the response whatever its status.
 *
 * @throws {TimeoutError} If no response came in time.
 * @throws {ConnectionError} If the network failed.
 * @throws {ServiceError} If the response is too long.
 */
export async function sendCredentialRequest(request: CredentialRequest): Promise<CredentialResponse> {
  const { isSingleUse = false, transientCodes } = request;
  const maxAttempts = isSingleUse ? 1 : MAX_ATTEMPTS;
  const maxNetworkAttempts = request.attempts ?? maxAttempts;
  for (let attempt = 1;; attempt++) {
    try {
      const response = await sendOnce(request);
      const { status, text } = response;
      const isTransient = status === 429 || status >= 500 || (status >= 400 && transientCodes?.test(text));
      if (!isTransient || attempt >= maxAttempts) return response;
    } catch (error) {
      if (error instanceof ServiceError || attempt >= maxNetworkAttempts) throw error;
    }
    await sleep(fullJitter(attempt - 1, INITIAL_MILLISECONDS, MAX_MILLISECONDS));
  }
}

async function sendOnce(
  { context, operation, prepare, timeoutSeconds }: CredentialRequest,
): Promise<CredentialResponse> {
  const { url, ...init } = await prepare();
  const deadline = new AbortController();
  const { signal } = deadline;
  const timer = setTimeout(() => deadline.abort(), timerDelay(timeoutSeconds * 1000));
  try {
    return await unlessAborted(signal, async () => {
      // Following a redirect would send the request's secrets to another host.
      const response = await context.fetch(new Request(url, { ...init, signal, redirect: "manual" }));
      if (signal.aborted) await response.body?.cancel(); // the timeout came first
      return { status: response.status, text: await readText(response, operation) };
    });
  } catch (error) {
    const { host } = new URL(url);
    if (signal.aborted) {
      throw new TimeoutError(`${operation} failed: no response from ${host} within ${timeoutSeconds} s`, { operation });
    }
    if (error instanceof ServiceError) throw error;
    // The runtime's error is not the cause, as it shows the whole URL, whose query may be secret. Its code tells of a
    // certificate that no further attempt can mend.
    const failure: { message: string; code?: unknown } = error instanceof Error
      ? innermost(error)
      : { message: "the network failed" };
    const why = failure.message.replace(/\?\S*/g, "");
    const cause = Object.assign(new Error(why), { code: failure.code });
    throw new ConnectionError(`${operation} failed: cannot reach ${host}: ${why}`, { cause, operation });
  } finally {
    clearTimeout(timer);
  }
}

async function readText({ body }: Response, operation: string): Promise<string> {
  if (body === null) return "";
  const tooLong = (): Error => {
    return new ServiceError(`Invalid response to ${operation}: longer than ${MAX_RESPONSE_BYTES} bytes`, { operation });
  };
  return new TextDecoder().decode(await readLimited(body, MAX_RESPONSE_BYTES, tooLong));
}

/** The codes that mean an error of a class for STS and IAM Identity Center alone, without the `Exception` of some. */
const OWN_ERRORS: readonly ErrorRow[] = [
  [PermissionDeniedError, "IDPRejectedClaim"],
  [UnauthenticatedError, "InvalidIdentityToken UnrecognizedClient"],
  [ThrottledError, "RequestThrottled Throttled"],
];

/** Makes the error for a response that refuses the request. */
export function refusalError(
  { operation, secrets = [] }: CredentialRequest,
  { status }: CredentialResponse,
  { code, message }: { readonly code?: string | undefined; readonly message?: string | undefined } = {},
): StorageError {
  const why = foreignText([code, message].filter(Boolean).join(": "), secrets) || `status ${status}`;
  return new (errorClassOf(code?.replace(/Exception$/, ""), status, OWN_ERRORS))(`${operation} failed: ${why}`, {
    operation,
    status,
  });
}
