import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { withAdvice } from "../../../../src/client/recovery/connection_advice.ts";
import { ConnectionError } from "../../../../src/errors.ts";

const DETAILS = { operation: "PutObject", bucket: "b", key: "k", attempts: 2 };

function connectionAdvice(cause: Error, isPlain: boolean): string {
  const error = withAdvice(new ConnectionError("failed", { ...DETAILS, cause }), cause, isPlain);
  const { operation, bucket, key, attempts } = error;
  assertEquals([{ operation, bucket, key, attempts }, error.cause], [DETAILS, cause]);
  return error.message.slice("failed".length);
}

for (
  const [message, isPlain, advice] of [
    ["invalid peer certificate: UnknownIssuer", false, "set verify to its certificates (AWS_CA_BUNDLE)"],
    ["self-signed certificate in certificate chain", false, "set verify"],
    ["unable to verify the first certificate", false, "set verify"],
    ["unable to get local issuer certificate", false, "set verify"],
    [
      "received corrupt message of type InvalidContentType",
      false,
      "begin endpointUrl with http://, or set useSsl to false",
    ],
    ["0A00010B:SSL routines:ssl3_get_record:wrong version number", false, "begin endpointUrl with http://"],
    ['ERR_TLS_CERT_ALTNAME_INVALID fetching "https://h/"', false, "endpointUrl must have a host"],
    [
      "Hostname/IP does not match certificate's altnames: IP: 127.0.0.1 is not in the cert's list:",
      false,
      "a host that",
    ],
    ['invalid peer certificate: certificate not valid for name "h"', false, "a host that the certificate is for"],
    ["invalid HTTP version parsed", true, "begin endpointUrl with https://"],
    ["Parse Error: Expected HTTP/, RTSP/ or ICE/", true, "begin endpointUrl with https://"],
    ["socket hang up", true, "If the server uses TLS on this port"],
    ["Failed to fetch", false, "the CORS rules of the bucket"],
    ["NetworkError when attempting to fetch resource.", true, "docs/browser_uploads.md"],
    ["Load failed", false, "CORS"],
  ] as const
) {
  Deno.test(`a failure with ${JSON.stringify(message)} has advice`, () => {
    const text = connectionAdvice(new Error(message), isPlain);
    assert(text.startsWith(". "), text);
    assertStringIncludes(text, advice);
  });
}

Deno.test("advice follows the message of Firefox, which ends with a full stop", () => {
  const cause = new Error("NetworkError when attempting to fetch resource.");
  const { message } = withAdvice(new ConnectionError(`failed: ${cause.message}`, { cause }), cause, false);
  assertStringIncludes(message, "fetch resource. In a browser");
});

Deno.test("failures that explain themselves have no advice", () => {
  for (const message of ["connection refused", "failed to lookup address information", "certificate has expired"]) {
    assertEquals([connectionAdvice(new Error(message), true), connectionAdvice(new Error(message), false)], ["", ""]);
  }
  assertEquals(connectionAdvice(new Error("connection reset by peer"), false), "");
});
