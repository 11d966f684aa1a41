import type { Credentials } from "../credentials/provider.ts";
import { sha256Hex } from "../kit/sha256.ts";
import { encodeQuery } from "./encode.ts";
import { UNSIGNED_PAYLOAD } from "./sign_request.ts";
import { amzDate, credentialScope, signingKey } from "./signing_key.ts";

/** What a presigned URL allows. */
export interface PresignInput {
  readonly method: string;
  /** Scheme and host, without a slash at the end. */
  readonly origin: string;
  /** The path, already percent-encoded. */
  readonly path: string;
  /** Query parameters, in the order they shall have in the URL. */
  readonly query: ReadonlyArray<readonly [string, string]>;
  readonly expiresInSeconds: number;
  readonly credentials: Credentials;
  readonly region: string;
  readonly service: string;
  readonly date: Date;
}

/**
 * Signs a URL with SigV4 in its query, in the parameter order of botocore.
 * Source: AWS, "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)".
 */
export function presignUrl(input: PresignInput): string {
  const { credentials, region, service } = input;
  const host = input.origin.slice(input.origin.indexOf("//") + 2);
  const dateTime = amzDate(input.date);
  const day = dateTime.slice(0, 8);
  const scope = credentialScope(day, region, service);
  const pairs: Array<readonly [string, string]> = [
    ...input.query,
    ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
    ["X-Amz-Credential", `${credentials.accessKeyId}/${scope}`],
    ["X-Amz-Date", dateTime],
    ["X-Amz-Expires", String(input.expiresInSeconds)],
    ["X-Amz-SignedHeaders", "host"],
  ];
  if (credentials.sessionToken !== undefined) pairs.push(["X-Amz-Security-Token", credentials.sessionToken]);
  // No name comes twice, and all are ASCII: sorting by them is the order that the signature wants.
  const canonicalQuery = encodeQuery(pairs.toSorted(([one], [other]) => one < other ? -1 : 1));
  const canonicalRequest =
    `${input.method}\n${input.path}\n${canonicalQuery}\nhost:${host}\n\nhost\n${UNSIGNED_PAYLOAD}`;
  const signature = signingKey(credentials, day, region, service)
    .signHex(`AWS4-HMAC-SHA256\n${dateTime}\n${scope}\n${sha256Hex(canonicalRequest)}`);
  return `${input.origin}${input.path}?${encodeQuery(pairs)}&X-Amz-Signature=${signature}`;
}
