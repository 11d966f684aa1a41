import { ConnectionError } from "../../errors.ts";

/** For a request without TLS that the server may expect with it. */
export const TLS_ADVICE = "If the server uses TLS on this port, begin endpointUrl with https://, and leave useSsl true";

/**
 * What the messages of runtimes mean, with advice. The messages are those of Deno (rustls, hyper), Node (OpenSSL, llhttp),
 * Bun (BoringSSL) and browsers.
 */
const ADVICE: readonly (readonly [pattern: RegExp, onlyPlain: boolean, advice: string])[] = [
  [
    /UnknownIssuer|self.signed|unable to (?:get|verify)|unknown ca\b/i,
    false,
    "The certificate is not of a known authority: for a private one, set verify to its certificates (AWS_CA_BUNDLE)",
  ],
  [
    /ALTNAME|altnames|not valid for name/,
    false,
    "endpointUrl must have a host that the certificate is for",
  ],
  [
    /InvalidContentType|wrong.version.number|packet.length.too.long|http request/i,
    false,
    "The server does not use TLS on this port: begin endpointUrl with http://, or set useSsl to false",
  ],
  [
    /HTTP version|Expected HTTP|Malformed|closed|hang up|reset/i,
    true,
    TLS_ADVICE,
  ],
  [
    /Failed to fetch|NetworkError when|Load failed/,
    false,
    "In a browser the cause may be that the CORS rules of the bucket do not allow this page: add its origin to " +
    "AllowedOrigins, see docs/browser_uploads.md",
  ],
];

/**
 * Appends advice to the message of a network failure, unless the message explains it.
 *
 * @param cause The innermost error of the runtime.
 * @param isPlain Whether the request was sent without TLS.
 */
export function withAdvice(failure: ConnectionError, cause: Error, isPlain: boolean): ConnectionError {
  const advice = ADVICE.find(([pattern, onlyPlain]) => pattern.test(cause.message) && (isPlain || !onlyPlain))?.[2];
  // Firefox ends its messages with a full stop.
  const message = failure.message.replace(/\.$/, "");
  return advice === undefined ? failure : new ConnectionError(`${message}. ${advice}`, failure);
}
