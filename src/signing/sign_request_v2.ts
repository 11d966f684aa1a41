import type { Credentials } from "../aws/credentials.ts";
import { encodeBase64 } from "../kit/bytes/bytes.ts";
import { hmacSha1 } from "./hmac_sha1.ts";
import { encodeKey } from "./encode.ts";
import { signedQuery } from "./presign/signed_query_v2.ts";

/** A request to sign in its headers with version 2. */
export interface SigningV2Input {
  readonly method: string;
  /** The bucket. It is signed, whether the URL has it in the host or in the path. */
  readonly bucket: string;
  /** The key, not percent-encoded; empty for the bucket itself. */
  readonly key: string;
  readonly query: ReadonlyArray<readonly [string, string]>;
  /** Every header that will be sent, in lower case. Only `content-md5`, `content-type` and `x-amz-…` are signed. */
  readonly headers: Readonly<Record<string, string>>;
  /** The MD5 of the body in base64, to sign it. */
  readonly contentMd5?: string | undefined;
  readonly credentials: Credentials;
  readonly date: Date;
}

/**
 * Signs a request with Signature Version 2 in its headers, for servers that support no other.
 *
 * The date goes into `x-amz-date`, unless the headers have a `date`, which not every `fetch` can set.
 *
 * Source: AWS, "Signing and authenticating REST requests (AWS signature version 2)".
 *
 * @returns The headers to send, in lower case.
 */
export function signRequestV2(input: SigningV2Input): Record<string, string> {
  const { method, bucket, key, query, credentials, date } = input;
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const headers: Record<string, string> = { ...input.headers };
  if (headers.date === undefined) headers["x-amz-date"] = date.toUTCString();
  if (input.contentMd5 !== undefined) headers["content-md5"] = input.contentMd5;
  if (sessionToken) headers["x-amz-security-token"] = sessionToken;
  const amazon = Object.keys(headers).filter((name) => name.startsWith("x-amz-")).sort();
  const stringToSign = [
    method,
    headers["content-md5"] ?? "",
    headers["content-type"] ?? "",
    headers.date ?? "",
    ...amazon.map((name) => `${name}:${headers[name]!.trim()}`),
    `/${bucket}/${encodeKey(key)}${signedQuery(query)}`,
  ].join("\n");
  headers.authorization = `AWS ${accessKeyId}:${encodeBase64(hmacSha1(secretAccessKey, stringToSign))}`;
  return headers;
}

/** Signs a request as {@linkcode signRequestV2} does; `undefined` parameters of the query are not sent. */
export function signV2(
  { method, bucket, key = "", query }: {
    readonly method: string;
    readonly bucket: string;
    readonly key?: string;
    readonly query?: Readonly<Record<string, string | undefined>>;
  },
  signing: Omit<SigningV2Input, "method" | "bucket" | "key" | "query">,
): Record<string, string> {
  const pairs = Object.entries(query ?? {}).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return signRequestV2({ ...signing, method, bucket, key, query: pairs });
}
