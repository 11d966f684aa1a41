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

/**
 * Codes for a certificate that the client does not accept, of X.509 in OpenSSL and BoringSSL; then the message of rustls.
 * Every runtime checks the certificate before it sends a request.
 */
const CERTIFICATE_CODE =
  /^(CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)|PATH_LENGTH_|UNKNOWN_CERT)/;
const CERTIFICATE = /invalid peer certificate/;

/**
 * Codes and messages of TLS that refuse a connection. They do not tell when: with TLS 1.3 a server may refuse a handshake
 * after it has the request, and Bun names every failure of TLS, also of an old connection, `EPROTO`.
 */
const REFUSED = /ERR_SSL_|EPROTO|fatal alert|wrong.version|InvalidContentType|TLS handshake failed/i;

/** Those of them for bytes that were damaged in transit: another attempt may succeed soon. Deno names all of them alike. */
const DAMAGED = /bad.?record|decrypt|cipher.operation|invalid.aad|bad.packet.length/i;

/**
 * Messages of `fetch` for failures of which the cause is unknown, or which only a program can mend: browsers do not tell
 * a server that is away from CORS rules that deny the request; Deno and Node block some ports.
 */
const OPAQUE = /^(Failed to fetch|NetworkError when|Load failed|bad port|Fetch failed: Requests to port)/;

/**
 * Whether a request was certainly not sent, so that nothing can have acted on it.
 *
 * A failure of TLS is not certain of that, unless the runtime names the phase, or it has refused the certificate itself.
 */
export function isUnsent(error: StorageError): boolean {
  return error instanceof ConnectionError && causes(error).some(isUnconnected);
}

/** Whether the server's certificate was refused: it is not of a known authority, has expired, or is that of another host. */
export function isCertificateRefused(error: StorageError): boolean {
  return error instanceof ConnectionError && causes(error).some(isCertificate);
}

/** Whether the service seems to be away: the connection failed, nothing arrived in time, or a gateway says so. */
export function isOutage(error: StorageError): boolean {
  if (error instanceof TimeoutError) return true;
  if (error instanceof ConnectionError) return !causes(error).some(isLasting);
  return (error.status === 502 && error.s3Code === undefined) || isAmbiguous(error);
}

/**
 * Whether a gateway answered 503, which has two meanings: HAProxy, Traefik, Envoy and the nginx of Kubernetes say so that the
 * server behind them is away, nginx that it limits requests (`limit_req`).
 */
export function isAmbiguous({ status, s3Code, response }: StorageError): boolean {
  // S3 answers with XML. The response to HEAD has no document, but its type.
  return status === 503 && s3Code === undefined &&
    /^text\/(html|plain)/.test(response?.headers.get("content-type") ?? "");
}

function isUnconnected(error: NetworkError): boolean {
  const { code, syscall, message, errors } = error;
  if (Array.isArray(errors) && errors.length > 0) return errors.every(isUnconnected);
  return CONNECTING.test(String(syscall)) || UNCONNECTED_CODE.test(String(code)) || UNCONNECTED.test(message) ||
    isCertificate(error);
}

function isCertificate({ code, message }: NetworkError): boolean {
  return CERTIFICATE_CODE.test(String(code)) || CERTIFICATE.test(message);
}

function isLasting({ code, message }: NetworkError): boolean {
  const text = `${code} ${message}`;
  return OPAQUE.test(message) || (REFUSED.test(text) && !DAMAGED.test(text));
}

/** The causes of an error, the outer ones first. */
function causes(error: StorageError): NetworkError[] {
  const found: NetworkError[] = [];
  for (let { cause } = error; cause instanceof Error && found.length < 6; cause = cause.cause) found.push(cause);
  return found;
}
