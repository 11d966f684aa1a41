import { assertEquals } from "@std/assert";
import {
  isAmbiguous,
  isCertificateRefused,
  isOutage,
  isUnsent,
} from "../../../../src/client/recovery/network_failure.ts";
import {
  ConnectionError,
  ServiceError,
  type StorageError,
  ThrottledError,
  TimeoutError,
} from "../../../../src/errors.ts";

/** What each runtime throws, as measured: the properties of the error, from the outer to the inner one. */
type Shape = Partial<Record<"message" | "code" | "syscall", string>> & { readonly errors?: readonly Shape[] };

const fetchFailed = { message: "fetch failed" };
const hyper = (phase: string): Shape => ({
  message: `error sending request for url (http://h/): client error ${phase}`,
});

/** Nothing can have acted on these requests, and the server may come back. */
const UNCONNECTED: Readonly<Record<string, readonly Shape[]>> = {
  "Deno: refused": [fetchFailed, hyper("(Connect): tcp connect error: Connection refused (os error 111)")],
  "Deno: no name": [fetchFailed, hyper("(Connect): dns error: failed to lookup address information")],
  "Deno: no route": [fetchFailed, hyper("(Connect): tcp connect error: No route to host (os error 113)")],
  "Deno: closed in the handshake": [fetchFailed, hyper("(Connect): tls handshake eof")],
  "Deno: reset in the handshake": [fetchFailed, hyper("(Connect): Connection reset by peer (os error 104)")],
  "Node: refused": [fetchFailed, {
    message: "connect ECONNREFUSED 127.0.0.1:1",
    code: "ECONNREFUSED",
    syscall: "connect",
  }],
  "Node: refused by each address": [fetchFailed, {
    message: "",
    code: "ECONNREFUSED",
    errors: [
      { message: "connect ECONNREFUSED ::1:1", code: "ECONNREFUSED", syscall: "connect" },
      { message: "connect ETIMEDOUT 127.0.0.1:1", code: "ETIMEDOUT", syscall: "connect" },
    ],
  }],
  "Node: no name": [fetchFailed, { message: "getaddrinfo ENOTFOUND h", code: "ENOTFOUND", syscall: "getaddrinfo" }],
  "Node: no answer of the resolver": [fetchFailed, {
    message: "getaddrinfo EAI_AGAIN h",
    code: "EAI_AGAIN",
    syscall: "getaddrinfo",
  }],
  "Node: no route": [fetchFailed, { message: "connect EHOSTUNREACH", code: "EHOSTUNREACH", syscall: "connect" }],
  "Node: no connection in time": [fetchFailed, {
    message: "Connect Timeout Error",
    code: "UND_ERR_CONNECT_TIMEOUT",
  }],
  "Node: closed in the handshake": [fetchFailed, {
    message: "Client network socket disconnected before secure TLS connection was established",
    code: "ECONNRESET",
  }],
  "Bun: refused": [{ message: "ECONNREFUSED: Unable to connect. Is the computer able to access the url?" }],
  "Bun: no name": [{ message: "getaddrinfo ENOTFOUND h", code: "ENOTFOUND", syscall: "getaddrinfo" }],
  "Bun: no route": [{
    message: "EHOSTUNREACH: Unable to connect. Is the computer able to access the url?",
    code: "EHOSTUNREACH",
  }],
  "node:http: no connection within connectTimeout": [{
    message: "no connection within 1 s",
    code: "ETIMEDOUT",
    syscall: "connect",
  }],
};

/** Something may have acted on these requests. */
const BROKEN: Readonly<Record<string, readonly Shape[]>> = {
  "Deno: closed": [fetchFailed, hyper("(SendRequest): connection closed before message completed")],
  "Deno: reset": [fetchFailed, { message: "Connection reset by peer (os error 104)" }],
  "Deno: body cut": [{ message: "error reading a body from connection" }],
  "Node: reset": [fetchFailed, { message: "read ECONNRESET", code: "ECONNRESET", syscall: "read" }],
  "Node: timeout of an established connection": [fetchFailed, {
    message: "read ETIMEDOUT",
    code: "ETIMEDOUT",
    syscall: "read",
  }],
  "Node: closed": [fetchFailed, { message: "other side closed", code: "UND_ERR_SOCKET" }],
  "Node: one address refused, one connection broke": [fetchFailed, {
    message: "",
    errors: [
      { message: "connect ECONNREFUSED ::1:1", code: "ECONNREFUSED", syscall: "connect" },
      { message: "read ECONNRESET", code: "ECONNRESET", syscall: "read" },
    ],
  }],
  "node:http: closed": [{ message: "socket hang up", code: "ECONNRESET" }],
  "Bun: closed": [{ message: "ECONNRESET: The socket connection was closed unexpectedly.", code: "ECONNRESET" }],
  "workerd: lost": [{ message: "Network connection lost." }],
};

/** Bytes were damaged in transit, or another protocol was spoken, on a connection that may have carried the request. */
const DAMAGED: Readonly<Record<string, readonly Shape[]>> = {
  "Deno: damaged": [fetchFailed, { message: "cannot decrypt peer's message" }],
  "Deno: damaged on the way to the server": [fetchFailed, { message: "received fatal alert: BadRecordMac" }],
  "Deno, node:https: damaged": [{
    message: "cannot decrypt peer's message",
    code: "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE",
  }],
  "Node: damaged": [fetchFailed, {
    message: "error:0A000119:SSL routines:ssl3_get_record:decryption failed or bad record mac",
    code: "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
  }],
  "Node: damaged, with TLS 1.2": [{
    message: "error:1C800066:Provider routines:ossl_gcm_stream_update:cipher operation failed",
    code: "ERR_SSL_CIPHER_OPERATION_FAILED",
  }],
  "Node: damaged on the way to the server": [{
    message: "error:0A0003FC:SSL routines:ssl3_read_bytes:sslv3 alert bad record mac",
    code: "ERR_SSL_SSLV3_ALERT_BAD_RECORD_MAC",
  }],
  "Node: damaged while the body is sent": [{
    message: "write EPROTO error:0A0003FC:SSL routines:ssl3_read_bytes:sslv3 alert bad record mac",
    code: "EPROTO",
    syscall: "write",
  }],
  "Bun, node:https: damaged": [{
    message: "error:1000008b:SSL routines:OPENSSL_internal:DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
    code: "ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
  }],
};

/** A server refused the connection. It may have the request: with TLS 1.3 it can refuse the handshake after that. */
const REFUSED: Readonly<Record<string, readonly Shape[]>> = {
  "Deno: client certificate missing, with TLS 1.3": [fetchFailed, {
    message: "received fatal alert: CertificateRequired",
  }],
  "Deno: no TLS any longer": [fetchFailed, { message: "received corrupt message of type InvalidContentType" }],
  "Node: client certificate missing, with TLS 1.3": [{
    message: "error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate required",
    code: "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
  }],
  "Node: handshake failure": [{
    message: "write EPROTO error:0A000410:SSL routines:ssl3_read_bytes:sslv3 alert handshake failure",
    code: "EPROTO",
    syscall: "write",
  }],
  "Node: no TLS": [fetchFailed, { message: "wrong version number", code: "ERR_SSL_WRONG_VERSION_NUMBER" }],
  "Bun: any failure of TLS, also of an old connection": [{
    message: "EPROTO: The TLS handshake failed. Does the server speak TLS on this port?",
    code: "EPROTO",
  }],
};

/** Nothing can have acted on these requests, but waiting does not help either. */
const REFUSED_HANDSHAKES: Readonly<Record<string, readonly Shape[]>> = {
  "Deno: no TLS": [fetchFailed, hyper("(Connect): received corrupt message of type InvalidContentType")],
  "Deno: handshake failure": [fetchFailed, hyper("(Connect): received fatal alert: HandshakeFailure")],
};

/** Nothing can have acted on these requests, and no attempt can succeed until somebody mends the certificate. */
const CERTIFICATES: Readonly<Record<string, readonly Shape[]>> = {
  "Deno: unknown authority": [fetchFailed, hyper("(Connect): invalid peer certificate: UnknownIssuer")],
  "Deno: expired": [fetchFailed, hyper("(Connect): invalid peer certificate: certificate expired: verification time")],
  "Deno: other host": [fetchFailed, hyper('(Connect): invalid peer certificate: certificate not valid for name "h"')],
  "Deno, node:https: unknown authority": [{
    message: "unable to verify the first certificate",
    code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
  }],
  "Node: unknown authority": [fetchFailed, {
    message: "self-signed certificate",
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
  }],
  "Node: unknown authority in the chain": [fetchFailed, {
    message: "self-signed certificate in certificate chain",
    code: "SELF_SIGNED_CERT_IN_CHAIN",
  }],
  "Node: expired": [fetchFailed, { message: "certificate has expired", code: "CERT_HAS_EXPIRED" }],
  "Node: other host": [fetchFailed, { message: "Hostname does not match", code: "ERR_TLS_CERT_ALTNAME_INVALID" }],
  "Bun: expired": [{ message: "certificate has expired", code: "CERT_HAS_EXPIRED" }],
  "Bun: other host": [{
    message: 'ERR_TLS_CERT_ALTNAME_INVALID fetching "https://h/"',
    code: "ERR_TLS_CERT_ALTNAME_INVALID",
  }],
};

/** It is not known what these mean. */
const OPAQUE: Readonly<Record<string, readonly Shape[]>> = {
  "Chromium": [{ message: "Failed to fetch" }],
  "Firefox": [{ message: "NetworkError when attempting to fetch resource." }],
  "Safari": [{ message: "Load failed" }],
  "Node: port not allowed": [fetchFailed, { message: "bad port" }],
  "Deno: port not allowed": [{ message: "Fetch failed: Requests to port 1 are blocked" }],
};

function errorOf([shape, ...inner]: readonly Shape[]): Error {
  const { message, errors, ...properties } = shape!;
  const options = inner.length === 0 ? undefined : { cause: errorOf(inner) };
  return Object.assign(
    errors === undefined ? new TypeError(message, options) : new AggregateError(errors.map((one) => errorOf([one]))),
    properties,
  );
}

for (
  const [kind, shapes, unsent, outage, certificate] of [
    ["an unconnected request", UNCONNECTED, true, true, false],
    ["a broken connection", BROKEN, false, true, false],
    ["a damaged connection", DAMAGED, false, true, false],
    ["a refused connection", REFUSED, false, false, false],
    ["a refused handshake", REFUSED_HANDSHAKES, true, false, false],
    ["a refused certificate", CERTIFICATES, true, undefined, true],
    ["an opaque failure", OPAQUE, false, false, false],
  ] as const
) {
  for (const [name, causes] of Object.entries(shapes)) {
    Deno.test(`${kind} is recognized: ${name}`, () => {
      const error = new ConnectionError("PutObject failed", { cause: errorOf(causes) });
      assertEquals([isUnsent(error), isCertificateRefused(error)], [unsent, certificate]);
      if (outage !== undefined) assertEquals(isOutage(error), outage);
    });
  }
}

Deno.test("errors without a cause, and those whose causes form a loop, are broken connections", () => {
  assertEquals([isUnsent(new ConnectionError("m")), isOutage(new ConnectionError("m"))], [false, true]);
  const loop: Error = new Error("reset");
  loop.cause = loop;
  const error = new ConnectionError("m", { cause: loop });
  assertEquals([isUnsent(error), isOutage(error)], [false, true]);
});

for (
  const [what, error, outage] of [
    ["a timeout", new TimeoutError("m"), true],
    ["502 of a gateway", new ServiceError("m", { status: 502 }), true],
    ["502 of S3", new ServiceError("m", { status: 502, s3Code: "BadGateway" }), false],
    ["503 of a gateway in HTML", new ThrottledError("m", answered(503, "text/html")), true],
    ["503 of a gateway in plain text", new ThrottledError("m", answered(503, "text/plain; charset=utf-8")), true],
    ["503 of S3 to HEAD", new ThrottledError("m", answered(503, "application/xml")), false],
    ["503 without a type", new ThrottledError("m", { status: 503, response: new Response(null) }), false],
    ["503 SlowDown", new ThrottledError("m", { status: 503, s3Code: "SlowDown" }), false],
    ["500 of a gateway", new ServiceError("m", answered(500, "text/html")), false],
    ["504 of a gateway, behind which a server works", new ServiceError("m", answered(504, "text/html")), false],
  ] as const satisfies readonly (readonly [string, StorageError, boolean])[]
) {
  Deno.test(`${what} ${outage ? "says" : "does not say"} that the service is away`, () => {
    assertEquals([isUnsent(error), isCertificateRefused(error), isOutage(error)], [false, false, outage]);
    assertEquals(isAmbiguous(error), outage && error.status === 503);
  });
}

function answered(status: number, type: string): { status: number; response: Response } {
  return { status, response: new Response(null, { status, headers: { "content-type": type } }) };
}
