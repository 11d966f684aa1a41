import { ConnectionError, ServiceError, StorageError, TimeoutError } from "../errors.ts";
import { ByteReader } from "../kit/byte_reader.ts";
import { concatBytes } from "../kit/bytes.ts";
import { unlessAborted } from "../kit/unless_aborted.ts";

/** No answer that hands out credentials is longer, in bytes. */
const MOST_BYTES = 64 * 1024;

/** How a service is asked. */
export interface AskOptions {
  /** What is asked for, for errors: `"GetRoleCredentials"`. */
  readonly operation: string;
  readonly fetch: (request: Request) => Promise<Response>;
  /** How long the answer may take, its body included. */
  readonly timeoutMilliseconds: number;
}

/** An answer, whatever its status. */
export interface JsonAnswer {
  readonly status: number;
  /** The members of the object it is; none if it is no JSON object. */
  readonly members: Readonly<Record<string, unknown>>;
}

/**
 * Asks a service that answers with a small JSON object. Redirects are not followed: what is sent is secret.
 *
 * @throws {TimeoutError} If the answer did not come in time.
 * @throws {ConnectionError} If the network failed.
 * @throws {ServiceError} If the answer is far too long.
 */
export async function askJson(url: string, init: RequestInit, options: AskOptions): Promise<JsonAnswer> {
  const { operation } = options;
  const { host } = new URL(url);
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), options.timeoutMilliseconds);
  try {
    return await unlessAborted(deadline.signal, async () => {
      const request = new Request(url, { ...init, redirect: "manual", signal: deadline.signal });
      const response = await options.fetch(request);
      return { status: response.status, members: parseObject(await readText(response, operation)) };
    });
  } catch (cause) {
    if (deadline.signal.aborted) {
      throw new TimeoutError(`${operation}: ${host} did not answer within ${options.timeoutMilliseconds} ms`, {
        operation,
      });
    }
    if (cause instanceof StorageError) throw cause;
    throw new ConnectionError(`${operation} could not reach ${host}`, { operation, cause });
  } finally {
    clearTimeout(timer);
  }
}

async function readText(response: Response, operation: string): Promise<string> {
  if (response.body === null) return "";
  const reader = new ByteReader(response.body);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let chunk = await reader.readSome(); chunk !== undefined; chunk = await reader.readSome()) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > MOST_BYTES) {
      await reader.cancel();
      throw new ServiceError(`${operation} was answered with more than ${MOST_BYTES} bytes`, { operation });
    }
  }
  return new TextDecoder().decode(concatBytes(chunks));
}

/** The members of a JSON object; none if the text is anything else. */
export function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}
