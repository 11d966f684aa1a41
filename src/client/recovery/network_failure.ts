import { ConnectionError, type StorageError, TimeoutError } from "../../errors.ts";

/** An error of a runtime. */
interface NetworkError extends Error {
  readonly code?: unknown;
  /** The system call that failed: on Node, and in `node:http` of all runtimes. */
  readonly syscall?: unknown;
  /** Of an `AggregateError`, if each address of a host failed. */
  readonly errors?: unknown;
}

/** System calls that come before a request. */
const CONNECTING = /^(connect|getaddrinfo)$/;

/** Codes of Bun and undici for connections that were never made. */
const UNCONNECTED_CODE = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|UND_ERR_CONNECT_TIMEOUT)$/;

/**
 * Messages for connections that were never made. Deno names the phase, which includes the name's look-up and the TLS
 * handshake; then Bun; then `node:tls`.
 */
const UNCONNECTED = /client error \(Connect\)|Unable to connect|before secure TLS connection/;

/** Codes and messages for a handshake that one side refused: certificates, or a server without TLS. */
const HANDSHAKE =
  /CERT|UNABLE_TO_(GET|VERIFY)|SELF_SIGNED|ERR_SSL_|EPROTO|certificate|UnknownIssuer|self.signed|wrong.version|InvalidContentType|TLS handshake failed/i;

/**
 * Messages of `fetch` for failures of which the cause is unknown, or which only a program can mend: browsers do not tell
 * a server that is away from CORS rules that deny the request; Deno and Node block some ports.
 */
const OPAQUE = /^(Failed to fetch|NetworkError when|Load failed|bad port|Fetch failed: Requests to port)/;

/** Whether a request was certainly not sent, so that nothing can have acted on it. */
export function isUnsent(error: StorageError): boolean {
  return error instanceof ConnectionError && causes(error).some(isUnconnected);
}

/** Whether no server answered: the connection failed, or nothing arrived in time. */
export function isUnanswered(error: StorageError): boolean {
  if (error instanceof TimeoutError) return true;
  if (error instanceof ConnectionError) return !causes(error).some(isLasting);
  return isAnsweredByGateway(error);
}

/** Whether a gateway answered that the server behind it is away: nginx says 502; HAProxy, Traefik and Envoy 503. */
function isAnsweredByGateway({ status, s3Code, response }: StorageError): boolean {
  if (s3Code !== undefined) return false;
  // S3 answers with XML. The answer to HEAD has no document, but its type.
  return status === 502 || (status === 503 && /^text\/(html|plain)/.test(response?.headers.get("content-type") ?? ""));
}

function isUnconnected({ code, syscall, message, errors }: NetworkError): boolean {
  if (Array.isArray(errors) && errors.length > 0) return errors.every(isUnconnected);
  return CONNECTING.test(String(syscall)) || UNCONNECTED_CODE.test(String(code)) || UNCONNECTED.test(message) ||
    isHandshake({ code, message });
}

function isLasting(error: NetworkError): boolean {
  return isHandshake(error) || OPAQUE.test(error.message);
}

function isHandshake({ code, message }: Pick<NetworkError, "code" | "message">): boolean {
  return HANDSHAKE.test(`${code} ${message}`);
}

/** The causes of an error, the outer ones first. */
function causes(error: StorageError): NetworkError[] {
  const found: NetworkError[] = [];
  for (let { cause } = error; cause instanceof Error && found.length < 6; cause = cause.cause) found.push(cause);
  return found;
}
