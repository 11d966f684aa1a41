import { assertEquals } from "@std/assert";
import { isUnanswered, isUnsent } from "../../../../src/client/recovery/network_failure.ts";
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

/** Nothing can have acted on these requests, but waiting does not help either. */
const REFUSED_HANDSHAKES: Readonly<Record<string, readonly Shape[]>> = {
  "Deno: unknown authority": [fetchFailed, hyper("(Connect): invalid peer certificate: UnknownIssuer")],
  "Deno: no TLS": [fetchFailed, hyper("(Connect): received corrupt message of type InvalidContentType")],
  "Node: unknown authority": [fetchFailed, {
    message: "self-signed certificate",
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
  }],
  "Node: other host": [fetchFailed, { message: "Hostname does not match", code: "ERR_TLS_CERT_ALTNAME_INVALID" }],
  "Node: no TLS": [fetchFailed, { message: "wrong version number", code: "ERR_SSL_WRONG_VERSION_NUMBER" }],
  "Bun: no TLS": [{ message: "EPROTO: The TLS handshake failed. Does the server speak TLS?", code: "EPROTO" }],
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
  const [kind, shapes, unsent, unanswered] of [
    ["an unconnected request", UNCONNECTED, true, true],
    ["a broken connection", BROKEN, false, true],
    ["a refused handshake", REFUSED_HANDSHAKES, true, false],
    ["an opaque failure", OPAQUE, false, false],
  ] as const
) {
  for (const [name, causes] of Object.entries(shapes)) {
    Deno.test(`${kind} is recognized: ${name}`, () => {
      const error = new ConnectionError("PutObject failed", { cause: errorOf(causes) });
      assertEquals([isUnsent(error), isUnanswered(error)], [unsent, unanswered]);
    });
  }
}

Deno.test("errors without a cause, and those whose causes form a loop, are broken connections", () => {
  assertEquals([isUnsent(new ConnectionError("m")), isUnanswered(new ConnectionError("m"))], [false, true]);
  const loop: Error = new Error("reset");
  loop.cause = loop;
  const error = new ConnectionError("m", { cause: loop });
  assertEquals([isUnsent(error), isUnanswered(error)], [false, true]);
});

for (
  const [what, error, unanswered] of [
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
  Deno.test(`${what} was ${unanswered ? "not " : ""}answered by S3`, () => {
    assertEquals([isUnsent(error), isUnanswered(error)], [false, unanswered]);
  });
}

function answered(status: number, type: string): { status: number; response: Response } {
  return { status, response: new Response(null, { status, headers: { "content-type": type } }) };
}
