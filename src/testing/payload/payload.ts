import { encodeBase64 } from "../../kit/bytes/bytes.ts";
import { md5 } from "../../kit/bytes/md5.ts";
import type { Identity } from "../authentication/identity.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";
import { queryValue, type S3Request } from "../protocol/request.ts";
import { decodeAwsChunked } from "./aws_chunked.ts";
import { type Checksum, CHECKSUM_ALGORITHMS, checksumBase64, parseChecksumAlgorithm } from "./checksums.ts";
import { decodeBase64, equalInConstantTime, sha256Hex } from "./digests.ts";

/** The checked body of a request. */
export interface Payload {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The checksum in a header or a trailer. */
  readonly checksum: Checksum | undefined;
  /** Whether Content-MD5 or a checksum was sent, as DeleteObjects requires. */
  readonly verified: boolean;
}

const STREAMING = /^STREAMING-(AWS4-HMAC-SHA256|UNSIGNED)-PAYLOAD(-TRAILER)?$/;

/** Decodes the body and checks its length, signed hash, Content-MD5 and checksums. */
export async function readPayload(request: S3Request, headers: Headers, identity: Identity): Promise<Payload> {
  checkLength(request, headers);
  const { bytes, trailers } = await decodeBody(request, headers, identity);
  const md5Header = headers.get("content-md5");
  if (md5Header !== null) checkMd5(bytes, md5Header);
  const checksum = await checkChecksum(request, headers, bytes, trailers);
  return { bytes, checksum, verified: md5Header !== null || checksum !== undefined };
}

/**
 * Checks Content-Length. A Request that is created in memory has no such header, so only a body with the header
 * `Transfer-Encoding: chunked` is refused.
 */
function checkLength(request: S3Request, headers: Headers): void {
  const declared = headers.get("content-length");
  if (declared !== null) {
    if (Number(declared) !== request.body.length && request.method !== "HEAD") {
      throw new S3ServerError("IncompleteBody");
    }
    return;
  }
  const writes = request.method === "PUT" || request.method === "POST";
  const chunked = headers.get("transfer-encoding")?.toLowerCase().includes("chunked") ?? false;
  if (writes && chunked && headers.get("x-amz-decoded-content-length") === null) {
    throw new S3ServerError("MissingContentLength");
  }
}

async function decodeBody(
  request: S3Request,
  headers: Headers,
  identity: Identity,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; trailers: ReadonlyMap<string, string> }> {
  const { payload } = identity;
  if (payload === "UNSIGNED-PAYLOAD") return { bytes: request.body, trailers: new Map() };
  const streaming = STREAMING.exec(payload);
  if (streaming !== null && payload !== "STREAMING-UNSIGNED-PAYLOAD") {
    const length = headers.get("x-amz-decoded-content-length");
    if (length === null) throw new S3ServerError("MissingContentLength");
    const signed = streaming[1] !== "UNSIGNED";
    if (signed && identity.chunks === undefined) {
      throw new S3ServerError("InvalidRequest", "Signed chunks need a request signed with AWS4-HMAC-SHA256");
    }
    const decoded = await decodeAwsChunked(request.body, {
      signing: signed ? identity.chunks : undefined,
      trailers: streaming[2] === undefined ? [] : announcedTrailers(headers),
    });
    if (decoded.bytes.length !== Number(length)) throw new S3ServerError("IncompleteBody");
    return decoded;
  }
  if (!/^[0-9a-f]{64}$/.test(payload)) {
    throw invalidArgument(
      "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, " +
        "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.",
      "x-amz-content-sha256",
      payload,
    );
  }
  const computed = await sha256Hex(request.body);
  if (computed !== payload) {
    throw new S3ServerError("XAmzContentSHA256Mismatch", undefined, {
      ClientComputedContentSHA256: payload,
      S3ComputedContentSHA256: computed,
    });
  }
  return { bytes: request.body, trailers: new Map() };
}

/** The names in `x-amz-trailer`, in lower case. */
function announcedTrailers(headers: Headers): string[] {
  const names = headers.get("x-amz-trailer")?.split(",") ?? [];
  return names.map((name) => name.trim().toLowerCase()).filter((name) => name !== "");
}

function checkMd5(bytes: Uint8Array, expected: string): void {
  if (decodeBase64(expected)?.length !== 16) {
    throw new S3ServerError("InvalidDigest", undefined, { "Content-MD5": expected });
  }
  const computed = encodeBase64(md5(bytes));
  if (computed === expected) return;
  throw new S3ServerError("BadDigest", "The Content-MD5 you specified did not match what we received.", {
    ExpectedDigest: expected,
    CalculatedDigest: computed,
  });
}

async function checkChecksum(
  request: S3Request,
  headers: Headers,
  bytes: Uint8Array<ArrayBuffer>,
  trailers: ReadonlyMap<string, string>,
): Promise<Checksum | undefined> {
  // Here the header is the checksum of the whole object, not of the request body.
  if (request.method === "POST" && queryValue(request, "uploadId") !== undefined) return undefined;
  const given = CHECKSUM_ALGORITHMS.flatMap((algorithm) => {
    const name = `x-amz-checksum-${algorithm}`;
    const value = headers.get(name) ?? trailers.get(name);
    return value === undefined ? [] : [{ algorithm, value }];
  });
  if (announcedTrailers(headers).some((name) => !trailers.has(name))) throw new S3ServerError("MalformedTrailerError");
  if (given.length > 1) {
    throw new S3ServerError(
      "InvalidRequest",
      "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.",
    );
  }
  const named = headers.get("x-amz-sdk-checksum-algorithm");
  const [only] = given;
  if (only === undefined) {
    if (named === null || request.body.length === 0) return undefined;
    throw new S3ServerError(
      "InvalidRequest",
      "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers were found.",
    );
  }
  if (named !== null && parseChecksumAlgorithm(named) !== only.algorithm) {
    throw new S3ServerError("InvalidRequest", "Value for x-amz-sdk-checksum-algorithm header is invalid.");
  }
  const computed = await checksumBase64(only.algorithm, bytes);
  if (decodeBase64(only.value) === undefined || only.value.length !== computed.length) {
    throw new S3ServerError("InvalidRequest", `Value for x-amz-checksum-${only.algorithm} header is invalid.`);
  }
  if (!equalInConstantTime(only.value, computed)) {
    throw new S3ServerError(
      "BadDigest",
      `The ${only.algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
    );
  }
  return { ...only, type: "FULL_OBJECT" };
}
