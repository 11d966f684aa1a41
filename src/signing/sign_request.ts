import { AwsV4Signer } from "aws4fetch";
import type { Credentials } from "../credentials/provider.ts";
import type { MakeHmacKey } from "../kit/hmac_key.ts";
import { plainHmacKey } from "../kit/sha256.ts";
import { amzDate, UNSIGNED_PAYLOAD } from "./amz_values.ts";
import { madeOnce, signingKey } from "./signing_key.ts";

/** A request to sign in its headers. */
export interface SigningInput {
  readonly method: string;
  readonly credentials: Credentials;
  readonly region: string;
  readonly service: string;
  readonly date: Date;
  /** The URL, its path and query already percent-encoded as RFC 3986 has it. */
  readonly url: string;
  /** Every header that will be sent, but `host` and `content-length`, in lower case. All of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hexadecimal, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
  /**
   * What makes the keys. The default runs anywhere; the runtime's own are quicker where there are any.
   * @default {plainHmacKey}
   */
  readonly hmacKey?: MakeHmacKey | undefined;
}

/** What requests have in common that are sent to one host in one second with the same headers. */
interface Stamp {
  /** The canonical headers before and after the body's hash, which is in between, and at the end once more. */
  readonly before: string;
  readonly after: string;
  /** What is sent along beside the body's hash, with an `authorization` that lacks the signature. */
  readonly headers: Readonly<Record<string, string>> & { readonly authorization: string };
  /** Makes the signature of a canonical request. */
  readonly sign: (canonicalRequest: string) => string;
}

/** The line of the canonical headers that changes with the body. */
const HASH_LINE = "\nx-amz-content-sha256:";

/**
 * Signs a request with SigV4 in its headers, without waiting.
 *
 * aws4fetch makes the headers canonical. It takes five times as long for that as a signature takes, and WebCrypto, by which
 * it signs, longer than some requests: so what it makes serves all the requests of a second that have the same headers.
 * Source: AWS, "Create a signed AWS API request".
 *
 * @returns The headers to send, in lower case.
 */
export function signRequest(input: SigningInput): Record<string, string> {
  const { method, url, payloadHash } = input;
  const pathStart = url.indexOf("/", url.indexOf("//") + 2);
  const queryStart = url.indexOf("?", pathStart);
  const path = queryStart === -1 ? url.slice(pathStart) : url.slice(pathStart, queryStart);
  const query = queryStart === -1 ? "" : canonicalQuery(url.slice(queryStart + 1));
  const { before, after, headers, sign } = stampFor(input, url.slice(0, pathStart));
  const signature = sign(`${method}\n${path}\n${query}\n${before}${payloadHash}${after}${payloadHash}`);
  return { ...headers, "x-amz-content-sha256": payloadHash, authorization: headers.authorization + signature };
}

function canonicalQuery(query: string): string {
  if (!query.includes("&")) return query;
  // No name has a space, and a space comes before all that a name can have: so the shorter one comes first.
  return query.split("&").map((pair) => pair.replace("=", " ")).sort().join("&").replaceAll(" ", "=");
}

function stampFor(input: SigningInput, origin: string): Stamp {
  const { headers, credentials, region, service } = input;
  const second = Math.floor(input.date.getTime() / 1000);
  let id = `${second} ${region} ${service} ${origin}`;
  for (const name in headers) id += `\n${name}:${headers[name]}`;
  // A key of the customer's does not stay.
  if (id.includes("-customer-key:")) return makeStamp(input, origin);
  return madeOnce(credentials, id, () => makeStamp(input, origin));
}

function makeStamp({ headers, credentials, region, service, date, hmacKey }: SigningInput, url: string): Stamp {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const datetime = amzDate(date);
  const { canonicalHeaders, signedHeaders, credentialString } = new AwsV4Signer({
    url,
    headers: { ...headers, "x-amz-content-sha256": UNSIGNED_PAYLOAD },
    allHeaders: true,
    ...{ accessKeyId, secretAccessKey, region, service, datetime },
    ...(sessionToken && { sessionToken }),
  });
  const [before, after] = canonicalHeaders.split(`${HASH_LINE}${UNSIGNED_PAYLOAD}\n`) as [string, string];
  const key = signingKey(credentials, datetime.slice(0, 8), region, service, hmacKey ?? plainHmacKey);
  return {
    before: before + HASH_LINE,
    after: `\n${after}\n\n${signedHeaders}\n`,
    headers: {
      ...headers,
      "x-amz-date": datetime,
      ...(sessionToken && { "x-amz-security-token": sessionToken }),
      authorization:
        `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${credentialString}, SignedHeaders=${signedHeaders}, ` +
        "Signature=",
    },
    sign: key.overDigests(`AWS4-HMAC-SHA256\n${datetime}\n${credentialString}\n`, ""),
  };
}
