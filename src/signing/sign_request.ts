import { AwsV4Signer } from "aws4fetch";
import type { Credentials } from "../aws/credentials.ts";
import type { MakeHmacKey } from "../kit/bytes/hmac_key.ts";
import { plainHmacKey } from "./sha256.ts";
import { amzDate } from "../aws/amz_values.ts";
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

/** What requests have in common that are sent to one host in one second with headers of the same names. */
interface Stamp {
  /** The canonical headers: texts, and in between them the names of those headers whose values come there. */
  readonly pieces: readonly string[];
  /** The `x-amz-date`. */
  readonly datetime: string;
  /** The `authorization` up to the signature. */
  readonly authorization: string;
  /** Makes the signature of a canonical request. */
  readonly sign: (canonicalRequest: string) => string;
}

/**
 * Signs a request with SigV4 in its headers, without waiting.
 *
 * aws4fetch makes the headers canonical. It takes five times as long for that as a signature takes, and WebCrypto, by which
 * it signs, longer than some requests: so what it makes serves all the requests of a second that have headers of the same
 * names, whatever their values.
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
  const sent: Record<string, string> = { ...input.headers, "x-amz-content-sha256": payloadHash };
  if (sessionToken) sent["x-amz-security-token"] = sessionToken;
  const { pieces, datetime, authorization, sign } = stampFor(input, Object.keys(sent), url.slice(0, pathStart));
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
  // No name has a space, and a space comes before all that a name can have: so the shorter one comes first.
  return query.split("&").map((pair) => pair.replace("=", " ")).sort().join("&").replaceAll(" ", "=");
}

/** A header's value without the spaces that do not count. */
function canonicalValue(value: string): string {
  return /^\s|\s\s|[\t\r\n]|\s$/.test(value) ? value.trim().replace(/\s+/g, " ") : value;
}

function stampFor(input: SigningInput, names: readonly string[], origin: string): Stamp {
  const { credentials, region, service } = input;
  const second = Math.floor(input.date.getTime() / 1000);
  const id = `${second} ${region} ${service} ${origin} ${names.join(" ")}`;
  return madeOnce(credentials, id, () => makeStamp(input, names, origin));
}

function makeStamp(
  { credentials, region, service, date, hmacKey }: SigningInput,
  names: readonly string[],
  url: string,
): Stamp {
  const { accessKeyId, secretAccessKey } = credentials;
  const datetime = amzDate(date);
  const { canonicalHeaders, signedHeaders, credentialString } = new AwsV4Signer({
    url,
    // Braces, which no host and no name of a header has, show where the values come.
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
