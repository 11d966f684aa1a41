import { encodeBase64 } from "../../kit/bytes/bytes.ts";
import { equalInConstantTime, spacedHex } from "../payload/digests.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";
import { headerParameters, type S3Request } from "../protocol/request.ts";
import { signWith } from "./credential_book.ts";
import { type AuthenticationSettings, checkClock, expiredError, type Identity, onlyValue } from "./identity.ts";
import { parseTimestamp } from "./timestamp.ts";

/** The query parameters that SigV2 signs; all others are unprotected. */
const SIGNED_PARAMETERS = new Set([
  ..."accelerate acl analytics cors defaultObjectAcl delete encryption inventory lifecycle location logging metrics"
    .split(
      " ",
    ),
  ..."notification object-lock partNumber policy publicAccessBlock replication requestPayment restore".split(" "),
  ..."select select-type storageClass tagging torrent uploadId uploads versionId versioning versions website".split(
    " ",
  ),
  ..."content-type content-language expires cache-control content-disposition content-encoding".split(" ")
    .map((name) => `response-${name}`),
]);

/** Checks `Authorization: AWS accessKeyId:signature`. */
export async function checkSigV2Header(
  request: S3Request,
  authorization: string,
  settings: AuthenticationSettings,
): Promise<Identity> {
  const credential = authorization.slice("AWS ".length).trim();
  const colon = credential.lastIndexOf(":");
  if (colon < 1) {
    throw invalidArgument(
      "AWS authorization header is invalid. Expected AwsAccessKeyId:signature",
      "Authorization",
      "AWS",
    );
  }
  const amzDate = request.headers.get("x-amz-date");
  const timestamp = amzDate ?? request.headers.get("date") ?? "";
  const time = parseTimestamp(timestamp) ?? new Date(timestamp);
  if (Number.isNaN(time.getTime())) {
    throw new S3ServerError("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
  }
  const accessKeyId = credential.slice(0, colon);
  settings.credentials.check(accessKeyId, request.headers.get("x-amz-security-token") ?? undefined, settings.now);
  checkClock(time, timestamp, settings.now);
  const dateLine = amzDate === null ? timestamp : "";
  await checkSignature(request, accessKeyId, credential.slice(colon + 1), dateLine, settings);
  return identity(request, accessKeyId, false);
}

/** Checks `?AWSAccessKeyId=…&Expires=…&Signature=…`. */
export async function checkSigV2Query(request: S3Request, settings: AuthenticationSettings): Promise<Identity> {
  const accessKeyId = onlyValue(request, "AWSAccessKeyId");
  const signature = onlyValue(request, "Signature"), expiresText = onlyValue(request, "Expires");
  if (!accessKeyId || !signature || !expiresText) {
    throw new S3ServerError(
      "AccessDenied",
      "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters",
    );
  }
  if (!/^\d{1,12}$/.test(expiresText)) {
    throw new S3ServerError("AccessDenied", `Invalid date (should be seconds since epoch): ${expiresText}`);
  }
  const token = onlyValue(request, "x-amz-security-token") ?? request.headers.get("x-amz-security-token") ?? undefined;
  settings.credentials.check(accessKeyId, token, settings.now);
  const expires = new Date(Number(expiresText) * 1000);
  if (settings.now > expires) throw expiredError(expires, settings.now);
  await checkSignature(request, accessKeyId, signature, expiresText, settings);
  return identity(request, accessKeyId, true);
}

function identity(request: S3Request, accessKeyId: string, presigned: boolean): Identity {
  // SigV2 does not sign the body, but a hash that was sent is checked.
  return { accessKeyId, presigned, payload: request.headers.get("x-amz-content-sha256") ?? "UNSIGNED-PAYLOAD" };
}

async function checkSignature(
  request: S3Request,
  accessKeyId: string,
  signature: string,
  dateLine: string,
  settings: AuthenticationSettings,
): Promise<void> {
  const stringToSign = [
    request.method,
    request.headers.get("content-md5") ?? "",
    request.headers.get("content-type") ?? "",
    dateLine,
    ...amzHeaderLines(request),
    canonicalResource(request),
  ].join("\n");
  const expected = encodeBase64(await signWith(await settings.credentials.legacyKey(accessKeyId), stringToSign));
  if (equalInConstantTime(signature, expected)) return;
  throw new S3ServerError("SignatureDoesNotMatch", undefined, {
    AWSAccessKeyId: accessKeyId,
    StringToSign: stringToSign,
    SignatureProvided: signature,
    StringToSignBytes: spacedHex(stringToSign),
  });
}

/** Headers, and the query parameters that count as headers in a presigned URL. */
function amzHeaderLines(request: S3Request): string[] {
  const lines = new Map(headerParameters(request));
  for (const [name, value] of request.headers) {
    if (name.startsWith("x-amz-")) lines.set(name, value.trim());
  }
  return [...lines].sort((a, b) => (a[0] < b[0] ? -1 : 1)).map(([name, value]) => `${name}:${value}`);
}

function canonicalResource(request: S3Request): string {
  const bucket = request.virtualHosted ? `/${request.bucket}` : "";
  const signed = request.query
    .filter(({ name }) => SIGNED_PARAMETERS.has(name))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    // "?acl" and "?acl=" are both signed as "acl".
    .map(({ name, value }) => (value === "" ? name : `${name}=${value}`));
  return bucket + request.rawPath + (signed.length > 0 ? `?${signed.join("&")}` : "");
}
