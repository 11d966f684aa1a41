/** The error of Node's HTTP parser, which keeps bytes of the malformed response. */
interface ParserError extends Error {
  /** Begins with `HPE` for errors of the parser. */
  readonly code?: string;
  data?: unknown;
  rawPacket?: unknown;
}

/**
 * Returns the innermost cause of a network error: runtimes wrap it, sometimes twice, in errors that only say that fetch
 * failed.
 *
 * Removes response bytes that the error keeps: logs would show them, and they may repeat a request's secrets.
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
