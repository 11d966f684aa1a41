import { encodeHex } from "../../kit/bytes/bytes.ts";
import { equalInConstantTime, sha256Hex, spacedHex } from "../payload/digests.ts";
import { S3ServerError } from "../protocol/errors.ts";
import { canonicalise } from "../protocol/percent.ts";
import type { S3Request } from "../protocol/request.ts";
import { signWith } from "./credential_book.ts";
import {
  type AuthenticationSettings,
  checkClock,
  expiredError,
  type Identity,
  MAX_CLOCK_SKEW,
  onlyValue,
} from "./identity.ts";
import { parseTimestamp } from "./timestamp.ts";

const ALGORITHM = "AWS4-HMAC-SHA256";
const MAX_EXPIRES_SECONDS = 604_800;

/** The parts of a SigV4 signature in a header or a query. */
interface Claim {
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly timestamp: string;
  readonly payload: string;
  /** The query parameter with the signature, which is not signed. */
  readonly excluded?: string;
}

/** Creates the error for a malformed claim; the code differs for headers and queries. */
type Malformed = (message: string, details?: Record<string, string>, headers?: Record<string, string>) => S3ServerError;

/** Checks a signature in the Authorization header. */
export async function checkSigV4Header(
  request: S3Request,
  authorization: string,
  settings: AuthenticationSettings,
): Promise<Identity> {
  const malformed: Malformed = (message, details, headers) =>
    new S3ServerError(
      "AuthorizationHeaderMalformed",
      `The authorization header is malformed; ${message}`,
      details,
      headers,
    );
  const fields = new Map<string, string>();
  for (const piece of authorization.slice(ALGORITHM.length).split(",")) {
    const equals = piece.indexOf("=");
    if (equals !== -1) fields.set(piece.slice(0, equals).trim(), piece.slice(equals + 1).trim());
  }
  const credential = fields.get("Credential"), signedHeaders = fields.get("SignedHeaders");
  const signature = fields.get("Signature");
  if (!credential || !signedHeaders || !signature) {
    throw malformed(
      "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
    );
  }
  const timestamp = requestTimestamp(request);
  if (timestamp === undefined) {
    throw new S3ServerError("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header");
  }
  const payload = request.headers.get("x-amz-content-sha256");
  if (payload === null) {
    throw new S3ServerError("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
  }
  const claim = { credential, signedHeaders: signedHeaders.split(";"), signature, timestamp, payload };
  const token = request.headers.get("x-amz-security-token") ?? undefined;
  const scope = checkScope(claim, settings, malformed);
  settings.credentials.check(scope.accessKeyId, token, settings.now);
  checkClock(parseTimestamp(timestamp)!, timestamp, settings.now);
  return { ...await checkSignature(request, claim, scope, settings), presigned: false };
}

/** Checks a signature in the query: a presigned URL. */
export async function checkSigV4Query(request: S3Request, settings: AuthenticationSettings): Promise<Identity> {
  const malformed: Malformed = (message, details, headers) =>
    new S3ServerError("AuthorizationQueryParametersError", message, details, headers);
  const required = (name: string): string => {
    const value = onlyValue(request, name);
    if (value !== undefined && value !== "") return value;
    throw malformed(
      "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, " +
        "X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
    );
  };
  if (required("X-Amz-Algorithm") !== ALGORITHM) throw malformed(`X-Amz-Algorithm only supports "${ALGORITHM}"`);
  const timestamp = required("X-Amz-Date");
  const time = parseTimestamp(timestamp);
  if (time === undefined) throw malformed("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  const claim: Claim = {
    credential: required("X-Amz-Credential"),
    signedHeaders: required("X-Amz-SignedHeaders").split(";"),
    signature: required("X-Amz-Signature"),
    timestamp,
    payload: request.headers.get("x-amz-content-sha256") ?? onlyValue(request, "X-Amz-Content-Sha256") ??
      "UNSIGNED-PAYLOAD",
    excluded: "X-Amz-Signature",
  };
  const expiresInSeconds = checkExpires(required("X-Amz-Expires"), malformed);
  const scope = checkScope(claim, settings, (message, details, headers) =>
    malformed(
      `Error parsing the X-Amz-Credential parameter; ${message}`,
      details,
      headers,
    ));
  settings.credentials.check(scope.accessKeyId, onlyValue(request, "X-Amz-Security-Token"), settings.now);
  if (time.getTime() > settings.now.getTime() + MAX_CLOCK_SKEW) {
    throw new S3ServerError("AccessDenied", "Request is not yet valid", { ServerTime: settings.now.toISOString() });
  }
  const expires = new Date(time.getTime() + expiresInSeconds * 1000);
  if (settings.now > expires) throw expiredError(expires, settings.now, { "X-Amz-Expires": `${expiresInSeconds}` });
  return { ...await checkSignature(request, claim, scope, settings), presigned: true };
}

/** The canonical query of SigV4: all parameters except the signature, normalized and sorted. */
export function canonicalQuery(request: S3Request, excluded?: string): string {
  return request.query
    .filter(({ name }) => name !== excluded)
    .map(({ rawName, rawValue }): [string, string] => [
      canonicalise(rawName, { plusIsSpace: true }),
      canonicalise(rawValue, { plusIsSpace: true }),
    ])
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

function requestTimestamp(request: S3Request): string | undefined {
  const amzDate = request.headers.get("x-amz-date");
  if (amzDate !== null) return parseTimestamp(amzDate) && amzDate;
  const date = new Date(request.headers.get("date") ?? NaN);
  if (Number.isNaN(date.getTime())) return undefined;
  return date.toISOString().replace(/[-:]|\.\d{3}/g, "");
}

interface Scope {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
}

function checkScope(claim: Claim, settings: AuthenticationSettings, malformed: Malformed): Scope {
  const pieces = claim.credential.split("/");
  const [date, region, service, terminator] = pieces.splice(-4);
  const accessKeyId = pieces.join("/");
  if (accessKeyId === "" || terminator === undefined) {
    throw malformed(
      `the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".`,
    );
  }
  if (date !== claim.timestamp.slice(0, 8)) {
    throw malformed(
      `Invalid credential date "${date}". This date is not the same as X-Amz-Date: "${claim.timestamp.slice(0, 8)}".`,
    );
  }
  if (region !== settings.region) {
    throw malformed(`the region '${region}' is wrong; expecting '${settings.region}'`, { Region: settings.region }, {
      "x-amz-bucket-region": settings.region,
    });
  }
  if (service !== "s3") throw malformed(`incorrect service "${service}". This endpoint belongs to "s3".`);
  if (terminator !== "aws4_request") {
    throw malformed(`incorrect terminal "${terminator}". This endpoint uses "aws4_request".`);
  }
  return { accessKeyId, date, region };
}

function checkExpires(text: string, malformed: Malformed): number {
  if (!/^-?\d+$/.test(text)) throw malformed("X-Amz-Expires should be a number");
  const seconds = Number(text);
  if (seconds < 1) throw malformed("X-Amz-Expires must be non-negative");
  if (seconds > MAX_EXPIRES_SECONDS) {
    throw malformed(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ` +
        `${MAX_EXPIRES_SECONDS} seconds`,
    );
  }
  return seconds;
}

async function checkSignature(
  request: S3Request,
  claim: Claim,
  scope: Scope,
  settings: AuthenticationSettings,
): Promise<Omit<Identity, "presigned">> {
  const unsigned = [...request.headers.keys()]
    .filter((name) => name.startsWith("x-amz-") && !claim.signedHeaders.includes(name));
  if (!claim.signedHeaders.includes("host")) unsigned.unshift("host");
  if (unsigned.length > 0) {
    throw new S3ServerError("AccessDenied", "There were headers present in the request which were not signed", {
      HeadersNotSigned: unsigned.join(", "),
    });
  }
  const canonicalRequest = [
    request.method,
    canonicalise(request.rawPath, { keep: "/" }),
    canonicalQuery(request, claim.excluded),
    ...claim.signedHeaders.map((name) => `${name}:${signedHeader(request, name)}`),
    "",
    claim.signedHeaders.join(";"),
    claim.payload,
  ].join("\n");
  const scopeText = `${scope.date}/${scope.region}/s3/aws4_request`;
  const stringToSign = [ALGORITHM, claim.timestamp, scopeText, await sha256Hex(canonicalRequest)].join("\n");
  const key = await settings.credentials.signingKey(scope.accessKeyId, scope.date, scope.region, "s3");
  const sign = async (text: string): Promise<string> => encodeHex(await signWith(key, text));
  if (!equalInConstantTime(claim.signature, await sign(stringToSign))) {
    throw new S3ServerError("SignatureDoesNotMatch", undefined, {
      AWSAccessKeyId: scope.accessKeyId,
      StringToSign: stringToSign,
      SignatureProvided: claim.signature,
      StringToSignBytes: spacedHex(stringToSign),
      CanonicalRequest: canonicalRequest,
      CanonicalRequestBytes: spacedHex(canonicalRequest),
    });
  }
  return {
    accessKeyId: scope.accessKeyId,
    payload: claim.payload,
    chunks: { seed: claim.signature, scope: scopeText, timestamp: claim.timestamp, sign },
  };
}

function signedHeader(request: S3Request, name: string): string {
  if (name === "host") return request.host;
  const value = request.headers.get(name);
  // A Request that is created in memory has no Content-Length header, although a client may have signed it.
  if (value === null) return name === "content-length" ? `${request.body.length}` : "";
  return value.trim().replace(/ +/g, " ");
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
