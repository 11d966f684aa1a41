import { errorClassOf } from "../../aws/error_class.ts";
import { ConnectionError, ServiceError, type StorageError, TimeoutError } from "../../errors.ts";
import { fullJitter, sleep } from "../../kit/async/backoff.ts";
import { innermost } from "../../kit/async/innermost.ts";
import { foreignText } from "../../kit/text/printable.ts";
import { readLimited } from "../../kit/bytes/read_limited.ts";
import { unlessAborted } from "../../kit/async/unless_aborted.ts";
import type { ProviderContext } from "../context.ts";

/** Credentials are a few kilobytes; what is longer is something else, and is not read to its end. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** How often it is asked at the most where it answers that it cannot now. */
const MAX_TRIES = 3;

/** Bounds of the random wait before the next try, in milliseconds. */
const INITIAL_MILLISECONDS = 100;
const MAX_MILLISECONDS = 2000;

/** What is asked of a service that hands out credentials. */
export interface Question {
  readonly context: Pick<ProviderContext, "fetch">;
  /** What errors say that failed, such as "AssumeRole". */
  readonly operation: string;
  /** Makes the request, anew for each try: a signature has its time. */
  readonly request: () => PreparedRequest | Promise<PreparedRequest>;
  /** How long one try may take. */
  readonly seconds: number;
  /** How often it is tried at the most where the network fails. @default 3 */
  readonly attempts?: number;
  /** Whether it is never tried again: what it sends is good for one time. */
  readonly once?: boolean;
  /** Error answers that pass by themselves, beside those whose status says so. */
  readonly passing?: RegExp;
  /** What no error may show, though the answer repeat it. */
  readonly secrets?: ReadonlyArray<string | undefined>;
}

/** A request to be sent. */
export interface PreparedRequest extends Pick<RequestInit, "method" | "headers" | "body"> {
  readonly url: string | URL;
}

/** An answer, read to its end. */
export interface Answer {
  readonly status: number;
  readonly text: string;
}

/**
 * Asks, again where that may help, and reads the answer, whatever its status.
 *
 * @throws {TimeoutError} If no answer came in time.
 * @throws {ConnectionError} If the network failed.
 * @throws {ServiceError} If the answer has no end.
 */
export async function ask(question: Question): Promise<Answer> {
  const { once = false, passing } = question;
  const tries = once ? 1 : MAX_TRIES;
  const attempts = question.attempts ?? tries;
  for (let attempt = 1;; attempt++) {
    try {
      const answer = await askOnce(question);
      const { status, text } = answer;
      const passes = status === 429 || status >= 500 || (status >= 400 && passing?.test(text));
      if (!passes || attempt >= tries) return answer;
    } catch (error) {
      if (error instanceof ServiceError || attempt >= attempts) throw error;
    }
    await sleep(fullJitter(attempt - 1, INITIAL_MILLISECONDS, MAX_MILLISECONDS));
  }
}

async function askOnce({ context, operation, request, seconds }: Question): Promise<Answer> {
  const { url, ...init } = await request();
  const deadline = new AbortController();
  const { signal } = deadline;
  const timer = setTimeout(() => deadline.abort(), seconds * 1000);
  try {
    return await unlessAborted(signal, async () => {
      // A redirect would carry the request's secrets to somebody else.
      const response = await context.fetch(new Request(url, { ...init, signal, redirect: "manual" }));
      if (signal.aborted) await response.body?.cancel(); // it came too late
      return { status: response.status, text: await readText(response, operation) };
    });
  } catch (error) {
    const { host } = new URL(url);
    if (signal.aborted) {
      throw new TimeoutError(`${operation} failed: ${host} gave no answer within ${seconds} s`, { operation });
    }
    if (error instanceof ServiceError) throw error;
    // What the runtime throws is left out: it shows the whole URL, whose query may be secret.
    const said = (error instanceof Error ? innermost(error).message : "the network failed").replace(/\?\S*/g, "");
    throw new ConnectionError(`${operation} failed: ${host} could not be reached: ${said}`, { operation });
  } finally {
    clearTimeout(timer);
  }
}

async function readText({ body }: Response, operation: string): Promise<string> {
  if (body === null) return "";
  const tooLong = (): Error => {
    return new ServiceError(`${operation} failed: the answer has more than ${MAX_ANSWER_BYTES} bytes`, { operation });
  };
  return new TextDecoder().decode(await readLimited(body, MAX_ANSWER_BYTES, tooLong));
}

/** The error for an answer that says no. */
export function refusal(
  { operation, secrets = [] }: Question,
  { status }: Answer,
  { code, message }: { readonly code?: string | undefined; readonly message?: string | undefined } = {},
): StorageError {
  const said = foreignText([code, message].filter(Boolean).join(": "), secrets) || `status ${status}`;
  return new (errorClassOf(code, status))(`${operation} failed: ${said}`, { operation, status });
}
