import type { Credentials } from "../../aws/credentials.ts";
import type { MakeHmacKey } from "../../kit/bytes/hmac_key.ts";
import { plainHmacKey } from "../sha256.ts";
import { encodeRfc3986 } from "../encode.ts";
import { amzDate, UNSIGNED_PAYLOAD } from "../../aws/amz_values.ts";
import { credentialScope, memoize, signingKey } from "../signing_key.ts";

/** What a presigned URL allows. It is not checked here. */
export interface PresignInput {
  readonly method: string;
  /** Scheme and host, without a trailing slash. */
  readonly origin: string;
  /** The path, already percent-encoded. */
  readonly path: string;
  /** Query parameters, in the order that the URL must have; none twice, none that begins with `X-Amz-`. */
  readonly query: ReadonlyArray<readonly [string, string]>;
  /** The canonical request from its headers on. Without it, only the host header is signed. */
  readonly signedPart?: string | undefined;
  /** How long the URL is valid, in seconds. */
  readonly expiresIn: number;
  readonly credentials: Credentials;
  readonly region: string;
  readonly service: string;
  readonly date: Date;
  /**
   * Makes the HMAC keys. The default runs anywhere; those of the runtime are faster where it has any.
   * @default {plainHmacKey}
   */
  readonly hmacKey?: MakeHmacKey | undefined;
}

/** The parts that the URLs of one second share, and the inputs that they depend on. */
interface SigningScope extends Pick<PresignInput, "origin" | "signedPart" | "expiresIn" | "region" | "service"> {
  readonly second: number;
  /** The parameters of the signature, sorted by name. */
  readonly signedQuery: string;
  /** The parameters of the signature, in the order of botocore. */
  readonly urlQuery: string;
  /** Signs, given the canonical request up to its path. */
  readonly sign: (start: string) => string;
  /** Signs, given the canonical request up to its query. */
  readonly signWithQuery: (start: string) => string;
}

/**
 * The last scope of each credentials. The next URL mostly needs the same, and comparing is cheaper than building an id.
 */
const lastScope = new WeakMap<Credentials, SigningScope>();

/**
 * Signs a URL with SigV4 in its query, in the parameter order of botocore.
 *
 * Everything except path and parameters is the same for the URLs of one second, and is computed once. So a URL costs
 * one hash and the few blocks of an HMAC.
 * Source: AWS, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)".
 */
export function presign(input: PresignInput): string {
  const { method, origin, path, query } = input;
  const { signedQuery, urlQuery, sign, signWithQuery } = scopeFor(input);
  if (query.length === 0) return `${origin}${path}?${urlQuery}${sign(`${method}\n${path}\n`)}`;
  const pairs = query.map((pair) => pair.map(encodeRfc3986).join("="));
  // Encoded names have no space, which sorts before all their characters: so the shorter of two names comes first.
  const sorted = [...pairs, signedQuery].map((pair) => pair.replace("=", " ")).sort();
  const canonicalQuery = sorted.join("&").replaceAll(" ", "=");
  const signature = signWithQuery(`${method}\n${path}\n${canonicalQuery}\n`);
  return `${origin}${path}?${pairs.join("&")}&${urlQuery}${signature}`;
}

function scopeFor(input: PresignInput): SigningScope {
  const { origin, signedPart, expiresIn, credentials, region, service } = input;
  const second = Math.floor(input.date.getTime() / 1000);
  const last = lastScope.get(credentials);
  if (
    last !== undefined && last.second === second && last.expiresIn === expiresIn &&
    last.origin === origin && last.signedPart === signedPart && last.region === region && last.service === service
  ) return last;
  // The headers hold a customer's key: neither the scope nor an id made of them may be cached.
  if (signedPart?.includes("-customer-key:")) return makeScope(input, second);
  const id = [second, expiresIn, region, service, origin, signedPart].join(" ");
  const scope = memoize(credentials, id, () => makeScope(input, second));
  lastScope.set(credentials, scope);
  return scope;
}

function makeScope(input: PresignInput, second: number): SigningScope {
  const { origin, signedPart, expiresIn, credentials, region, service, hmacKey = plainHmacKey } = input;
  const headers = signedPart ?? `host:${origin.split("//")[1]}\n\nhost\n${UNSIGNED_PAYLOAD}`;
  const { accessKeyId, sessionToken } = credentials;
  const dateTime = amzDate(input.date);
  const day = dateTime.slice(0, 8);
  const scope = credentialScope(day, region, service);
  const start = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${encodeRfc3986(`${accessKeyId}/${scope}`)}` +
    `&X-Amz-Date=${dateTime}&X-Amz-Expires=${expiresIn}`;
  const names = `&X-Amz-SignedHeaders=${encodeRfc3986(headers.split("\n").at(-2)!)}`;
  const token = sessionToken ? `&X-Amz-Security-Token=${encodeRfc3986(sessionToken)}` : "";
  const signedQuery = start + token + names;
  const key = signingKey(credentials, day, region, service, hmacKey);
  const head = `AWS4-HMAC-SHA256\n${dateTime}\n${scope}\n`;
  return {
    ...{ origin, signedPart, expiresIn, region, service, second, signedQuery },
    // join() gives a flat string. A concatenation would stay a rope, to be flattened again for every URL.
    urlQuery: [start, names, token, "&X-Amz-Signature="].join(""),
    sign: key.overDigests(head, [signedQuery, headers].join("\n")),
    signWithQuery: key.overDigests(head, headers),
  };
}
