/** What Node's parsers of HTTP keep of an answer that is none. */
interface ParserError extends Error {
  /** Those of the parsers begin with `HPE`. */
  readonly code?: string;
  data?: unknown;
  rawPacket?: unknown;
}

/**
 * What the network said: runtimes wrap it, more than once, in errors that say no more than that fetch failed.
 *
 * An answer that is kept with it is taken away: logs would show it, and it may repeat a request's secrets.
 */
export function innermost(error: Error): Error {
  let inner: ParserError = error;
  for (let depth = 0; depth < 5 && inner.cause instanceof Error; depth++) inner = inner.cause;
  if (/^HPE/.test(inner.code!)) {
    delete inner.data;
    delete inner.rawPacket;
  }
  return inner;
}
