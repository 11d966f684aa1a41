import type { Credentials } from "../../aws/credentials.ts";
import type { MakeHmacKey } from "../../kit/bytes/hmac_key.ts";
import { plainHmacKey } from "../sha256.ts";
import { encodeRfc3986 } from "../encode.ts";
import { amzDate, UNSIGNED_PAYLOAD } from "../../aws/amz_values.ts";
import { credentialScope, madeOnce, signingKey } from "../signing_key.ts";

/** What a presigned URL allows. Nothing of it is checked here. */
export interface PresignInput {
  readonly method: string;
  /** Scheme and host, without a slash at the end. */
  readonly origin: string;
  /** The path, already percent-encoded. */
  readonly path: string;
  /** Query parameters, in the order they shall have in the URL; none twice, none that begins with `X-Amz-`. */
  readonly query: ReadonlyArray<readonly [string, string]>;
  /** The canonical request from its headers on; without it, no header but the host is signed. */
  readonly signedPart?: string | undefined;
  readonly expiresInSeconds: number;
  readonly credentials: Credentials;
  readonly region: string;
  readonly service: string;
  readonly date: Date;
  /**
   * What makes the keys. The default runs anywhere; the runtime's own are quicker where there are any.
   * @default {plainHmacKey}
   */
  readonly hmacKey?: MakeHmacKey | undefined;
}

/** What the URLs of a second have in common, and what tells that others have it too. */
interface Stamp extends Pick<PresignInput, "origin" | "signedPart" | "expiresInSeconds" | "region" | "service"> {
  readonly second: number;
  /** The signature's parameters, in the order of their names. */
  readonly signedQuery: string;
  /** The signature's parameters, in the order of botocore. */
  readonly urlQuery: string;
  /** Makes the signature, given the canonical request without its query, its headers and what comes after them. */
  readonly sign: (start: string) => string;
  /** Makes the signature, given the canonical request without its headers and what comes after them. */
  readonly signWithQuery: (start: string) => string;
}

/** The last stamp of each credentials: as a rule the next URL needs the same, and to ask here is cheaper than a name is. */
const latest = new WeakMap<Credentials, Stamp>();

/**
 * Signs a URL with SigV4 in its query, in the parameter order of botocore.
 *
 * All but the path and the parameters is the same for the URLs of a second, and is made once. So a URL takes one hash
 * and the few blocks of a code.
 * Source: AWS, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)".
 */
export function presign(input: PresignInput): string {
  const { method, origin, path, query } = input;
  const { signedQuery, urlQuery, sign, signWithQuery } = stampFor(input);
  if (query.length === 0) return `${origin}${path}?${urlQuery}${sign(`${method}\n${path}\n`)}`;
  const pairs = query.map((pair) => pair.map(encodeRfc3986).join("="));
  // No name has a space any more, and a space comes before all that a name can have: so the shorter one comes first.
  const sorted = [...pairs, signedQuery].map((pair) => pair.replace("=", " ")).sort();
  const canonicalQuery = sorted.join("&").replaceAll(" ", "=");
  const signature = signWithQuery(`${method}\n${path}\n${canonicalQuery}\n`);
  return `${origin}${path}?${pairs.join("&")}&${urlQuery}${signature}`;
}

function stampFor(input: PresignInput): Stamp {
  const { origin, signedPart, expiresInSeconds, credentials, region, service } = input;
  const second = Math.floor(input.date.getTime() / 1000);
  const last = latest.get(credentials);
  if (
    last !== undefined && last.second === second && last.expiresInSeconds === expiresInSeconds &&
    last.origin === origin && last.signedPart === signedPart && last.region === region && last.service === service
  ) return last;
  // A key of the customer's is in the headers: neither they nor what names them stay.
  if (signedPart?.includes("-customer-key:")) return makeStamp(input, second);
  const id = [second, expiresInSeconds, region, service, origin, signedPart].join(" ");
  const stamp = madeOnce(credentials, id, () => makeStamp(input, second));
  latest.set(credentials, stamp);
  return stamp;
}

function makeStamp(input: PresignInput, second: number): Stamp {
  const { origin, signedPart, expiresInSeconds, credentials, region, service, hmacKey = plainHmacKey } = input;
  const headers = signedPart ?? `host:${origin.split("//")[1]}\n\nhost\n${UNSIGNED_PAYLOAD}`;
  const { accessKeyId, sessionToken } = credentials;
  const dateTime = amzDate(input.date);
  const day = dateTime.slice(0, 8);
  const scope = credentialScope(day, region, service);
  const start = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeRfc3986(`${accessKeyId}/${scope}`)}` +
    `&X-Amz-Date=${dateTime}&X-Amz-Expires=${expiresInSeconds}`;
  const names = `&X-Amz-SignedHeaders=${encodeRfc3986(headers.split("\n").at(-2)!)}`;
  const token = sessionToken ? `&X-Amz-Security-Token=${encodeRfc3986(sessionToken)}` : "";
  const signedQuery = start + token + names;
  const key = signingKey(credentials, day, region, service, hmacKey);
  const head = `AWS4-HMAC-SHA256\n${dateTime}\n${scope}\n`;
  return {
    ...{ origin, signedPart, expiresInSeconds, region, service, second, signedQuery },
    // A text that was joined is in one piece; one that was added up would be put together again for every URL.
    urlQuery: [start, names, token, "&X-Amz-Signature="].join(""),
    sign: key.overDigests(head, [signedQuery, headers].join("\n")),
    signWithQuery: key.overDigests(head, headers),
  };
}
