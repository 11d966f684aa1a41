import { type Bytes, encodeBase64 } from "../kit/bytes/bytes.ts";
import type { ChecksumAlgorithm, ReportedAlgorithm } from "../runtime/hash/checksum_algorithms.ts";

/** How the service verifies a body. */
export interface BodyChecks {
  /** The checksum to send; none by default. */
  readonly checksumAlgorithm?: ChecksumAlgorithm | undefined;
  /** Whether to send the MD5. */
  readonly contentMd5?: boolean | undefined;
}

/** A body with what the service verifies. */
type CheckedBody = BodyChecks & { readonly body: Bytes | Blob; readonly signal?: AbortSignal | undefined };

/** Loaded on demand: most servers do not use checksums. Kept, as to import it again takes longer than a small body. */
let checksums: typeof import("../runtime/hash/checksum.ts") | undefined;

/** The headers by which the service verifies a body, in a new object. A promise only where the body needs one. */
export function checksumHeaders(input: CheckedBody): Record<string, string> | Promise<Record<string, string>> {
  const { checksumAlgorithm, contentMd5, body, signal } = input;
  if (checksumAlgorithm === undefined && !contentMd5) return {};
  if (checksums === undefined) return loadChecksums().then(() => checksumHeaders(input));
  const sum = checksumAlgorithm && checksums.checksum(checksumAlgorithm, body, signal);
  const md5 = contentMd5 ? checksums.contentDigest(body, signal) : undefined;
  if (md5 === undefined && typeof sum === "string") return headersOf(checksumAlgorithm, sum, md5);
  return Promise.all([sum, md5]).then(([sum, md5]) => headersOf(checksumAlgorithm, sum, md5));
}

const loadChecksums = async (): Promise<unknown> => checksums = await import("../runtime/hash/checksum.ts");

function headersOf(
  algorithm: ChecksumAlgorithm | undefined,
  sum: string | undefined,
  md5: Bytes | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {};
  if (algorithm !== undefined) headers[checksumHeader(algorithm)] = sum!;
  if (md5 !== undefined) headers["content-md5"] = encodeBase64(md5);
  return headers;
}

/** The header with a checksum. */
export function checksumHeader(algorithm: ReportedAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}
