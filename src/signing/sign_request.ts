import { AwsV4Signer } from "aws4fetch";
import type { Credentials } from "../credentials/provider.ts";
import { amzDate } from "./amz_values.ts";
import { encodeQuery } from "./encode.ts";

/** What a signature is made with. */
export interface SigningContext {
  readonly method: string;
  readonly credentials: Credentials;
  readonly region: string;
  readonly service: string;
  readonly date: Date;
}

/** A request to sign in its headers. */
export interface SigningInput extends SigningContext {
  /** The URL, its path and query already percent-encoded as RFC 3986 has it. */
  readonly url: string;
  /** Every header that will be sent, but `host` and `content-length`. All of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body in hexadecimal, or `UNSIGNED-PAYLOAD`. */
  readonly payloadHash: string;
}

/** A URL to sign in its query. */
export interface UrlSigningInput extends SigningContext {
  /** The URL without a query, its path already percent-encoded as RFC 3986 has it. */
  readonly url: string;
  /** Query parameters, in the order they shall have in the URL. */
  readonly query: ReadonlyArray<readonly [string, string]>;
  readonly expiresInSeconds: number;
}

/** Enough for a service that talks to a few regions around midnight; beyond it, all are forgotten and made again. */
const KEYS_PER_CREDENTIALS = 16;

/**
 * Signing keys by day, region and service. aws4fetch's names for them hold the secret, so they are kept with the
 * credentials, weakly, and go with them.
 */
const keysOf = new WeakMap<Credentials, Map<string, ArrayBuffer>>();

/**
 * Signs a request with SigV4 in its headers, by aws4fetch.
 *
 * @returns The headers to send, in lower case.
 */
export async function signRequest(input: SigningInput): Promise<Headers> {
  const headers = { ...input.headers, "x-amz-content-sha256": input.payloadHash };
  return (await signerFor(input, { url: input.url, headers, allHeaders: true }).sign()).headers;
}

/** What SigV4 adds to a query, in the order of botocore. */
const QUERY_NAMES = ["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Security-Token"]
  .map((name) => `X-Amz-${name}`);

/**
 * Signs a URL with SigV4 in its query, by aws4fetch; the parameters come in the order of botocore.
 * Source: AWS, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)".
 */
export async function signUrl(input: UrlSigningInput): Promise<string> {
  const query = encodeQuery([...input.query, ["X-Amz-Expires", String(input.expiresInSeconds)]]);
  const signer = signerFor(input, { url: `${input.url}?${query}`, signQuery: true });
  const added = QUERY_NAMES.flatMap((name): [string, string][] => {
    const value = signer.url.searchParams.get(name);
    return value === null ? [] : [[name, value]];
  });
  return `${input.url}?${encodeQuery([...input.query, ...added])}&X-Amz-Signature=${await signer.signature()}`;
}

type SignerOptions = ConstructorParameters<typeof AwsV4Signer>[0];

function signerFor(input: SigningContext, options: Partial<SignerOptions> & { url: string }): AwsV4Signer {
  const { method, credentials, region, service, date } = input;
  let keys = keysOf.get(credentials);
  if (keys === undefined || keys.size >= KEYS_PER_CREDENTIALS) keysOf.set(credentials, keys = new Map());
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const session = sessionToken === undefined ? {} : { sessionToken };
  const key = { accessKeyId, secretAccessKey, ...session, cache: keys };
  return new AwsV4Signer({ ...key, method, region, service, datetime: amzDate(date), ...options });
}
