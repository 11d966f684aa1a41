import { AwsV4Signer } from "aws4fetch";
import type { Credentials } from "../aws/credentials.ts";
import type { MakeHmacKey } from "../kit/bytes/hmac_key.ts";
import { plainHmacKey } from "./sha256.ts";
import { amzDate } from "../aws/amz_values.ts";
import { memoize, signingKey } from "./signing_key.ts";

/** A request to sign in its headers. */
export interface SigningInput {
  readonly method: string;
  readonly credentials: Credentials;
  readonly region: string;
  readonly service: string;
  readonly date: Date;
  /** The URL, with path and query percent-encoded by RFC 3986. */
  readonly url: string;
  /** Every header that will be sent except `host` and `content-length`, in lower case. All of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hexadecimal, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
  /**
   * Makes the HMAC keys. The default runs anywhere; those of the runtime are faster where it has any.
   * @default {plainHmacKey}
   */
  readonly hmacKey?: MakeHmacKey | undefined;
}

/** The parts of a signature that are shared by requests to one host in one second with headers of the same names. */
interface SigningScope {
  /** The canonical headers: texts, alternating with the names of the headers whose values come in between. */
  readonly pieces: readonly string[];
  /** The value of `x-amz-date`. */
  readonly datetime: string;
  /** The value of `authorization` up to the signature. */
  readonly authorization: string;
  /** Computes the signature of a canonical request. */
  readonly sign: (canonicalRequest: string) => string;
}

/**
 * Signs a request with SigV4 in its headers, synchronously.
 *
 * aws4fetch computes the canonical headers, which takes five times as long as a signature. It would sign with
 * WebCrypto, which takes longer than some requests. So its result is reused for all requests of a second that have
 * headers of the same names, whatever their values, and signatures are computed here.
 * Source: AWS, "Create a signed AWS API request".
 *
 * @returns The headers to send, in lower case.
 */
export function signRequest(input: SigningInput): Record<string, string> {
  const { method, url, payloadHash, credentials: { sessionToken } } = input;
  const pathStart = url.indexOf("/", url.indexOf("//") + 2);
  const queryStart = url.indexOf("?", pathStart);
  const path = queryStart === -1 ? url.slice(pathStart) : url.slice(pathStart, queryStart);
  const query = queryStart === -1 ? "" : canonicalQuery(url.slice(queryStart + 1));
  // On Node 20, to extend an object that began as a copy takes longer than to sign.
  const sent: Record<string, string> = Object.assign({}, input.headers, { "x-amz-content-sha256": payloadHash });
  if (sessionToken) sent["x-amz-security-token"] = sessionToken;
  const { pieces, datetime, authorization, sign } = scopeFor(input, Object.keys(sent), url.slice(0, pathStart));
  let canonical = `${method}\n${path}\n${query}\n${pieces[0]}`;
  for (let index = 1; index < pieces.length; index += 2) {
    canonical += canonicalValue(sent[pieces[index]!]!) + pieces[index + 1];
  }
  sent["x-amz-date"] = datetime;
  sent.authorization = authorization + sign(canonical + payloadHash);
  return sent;
}

function canonicalQuery(query: string): string {
  if (!query.includes("&")) return query;
  // Names have no space, which sorts before all their characters: so the shorter of two names comes first.
  return query.split("&").map((pair) => pair.replace("=", " ")).sort().join("&").replaceAll(" ", "=");
}

/** A header value without the spaces that SigV4 ignores. */
function canonicalValue(value: string): string {
  return /^\s|\s\s|[\t\r\n]|\s$/.test(value) ? value.trim().replace(/\s+/g, " ") : value;
}

function scopeFor(input: SigningInput, names: readonly string[], origin: string): SigningScope {
  const { credentials, region, service } = input;
  const second = Math.floor(input.date.getTime() / 1000);
  const id = `${second} ${region} ${service} ${origin} ${names.join(" ")}`;
  return memoize(credentials, id, () => makeScope(input, names, origin));
}

function makeScope(
  { credentials, region, service, date, hmacKey }: SigningInput,
  names: readonly string[],
  url: string,
): SigningScope {
  const { accessKeyId, secretAccessKey } = credentials;
  const datetime = amzDate(date);
  const { canonicalHeaders, signedHeaders, credentialString } = new AwsV4Signer({
    url,
    // Braces, which neither hosts nor header names have, mark the places of the values.
    headers: Object.fromEntries(names.map((name) => [name, `{${name}}`])),
    allHeaders: true,
    ...{ accessKeyId, secretAccessKey, region, service, datetime },
  });
  const key = signingKey(credentials, datetime.slice(0, 8), region, service, hmacKey ?? plainHmacKey);
  return {
    pieces: `${canonicalHeaders}\n\n${signedHeaders}\n`.split(/[{}]/),
    datetime,
    authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${credentialString}, SignedHeaders=${signedHeaders}, ` +
      "Signature=",
    sign: key.overDigests(`AWS4-HMAC-SHA256\n${datetime}\n${credentialString}\n`, ""),
  };
}
