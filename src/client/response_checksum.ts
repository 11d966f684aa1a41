import { REPORTED_ALGORITHMS, type ReportedAlgorithm } from "../runtime/hash/checksum_algorithms.ts";
import type { Settings } from "../settings/resolve.ts";
import { isAws } from "../aws/hosts.ts";
import { checksumHeader } from "./upload_checksum.ts";

/** The checksum of a whole object, as reported by the service. */
export interface ReportedChecksum {
  readonly algorithm: ReportedAlgorithm;
  /** In base64. */
  readonly value: string;
}

/** The header that requests the checksum of an object that is read. */
export const CHECKSUM_MODE = "x-amz-checksum-mode";

/** Whether a kind of checksums is used: as configured, by default only on AWS, which is known to support them. */
export function usesChecksums(
  setting: "when_supported" | "when_required" | undefined,
  settings: Pick<Settings, "endpointUrl">,
): boolean {
  return setting === undefined ? isAws(settings) : setting === "when_supported";
}

/** The headers with checksums; built once, as each response is searched for all of them. */
const HEADERS = REPORTED_ALGORITHMS.map((algorithm) => ({ algorithm, header: checksumHeader(algorithm) }));

/** The checksum of the whole object in a response. A checksum of the parts' checksums cannot be compared with the bytes. */
export function reportedChecksum(headers: Headers): ReportedChecksum | undefined {
  if (headers.get("x-amz-checksum-type") === "COMPOSITE") return undefined;
  for (const { algorithm, header } of HEADERS) {
    const value = headers.get(header);
    if (value !== null && !value.includes("-")) return { algorithm, value };
  }
  return undefined;
}

/**
 * The ETag of an object, if it may be the MD5 of the bytes and nothing else protects these: over plain HTTP, outside of AWS.
 * With keys of KMS or of the customer it only looks like an MD5; that of an upload in parts has "-" and their number.
 */
export function possibleMd5(
  { endpointUrl, responseChecksumValidation }: Settings,
  headers: Headers,
): string | undefined {
  if (endpointUrl?.protocol !== "http:" || responseChecksumValidation === "when_required") return undefined;
  const md5 = /^"?([\da-f]{32})"?$/.exec(headers.get("etag") ?? "")?.[1];
  return md5 === undefined || isAws({ endpointUrl }) || hasOtherETags(headers) ? undefined : md5;
}

/** Whether the ETag of an object is certainly not the MD5 of its bytes, because they are encrypted. */
export function hasOtherETags(headers: Headers): boolean {
  return /kms/.test(headers.get("x-amz-server-side-encryption") ?? "") ||
    headers.has("x-amz-server-side-encryption-customer-algorithm");
}
