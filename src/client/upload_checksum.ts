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

/** The headers by which the service verifies a body, in a new object. */
export async function checksumHeaders(
  { checksumAlgorithm, contentMd5, body, signal }: CheckedBody,
): Promise<Record<string, string>> {
  if (checksumAlgorithm === undefined && !contentMd5) return {};
  const { checksum, contentDigest } = checksums ??= await import("../runtime/hash/checksum.ts");
  const headers: Record<string, string> = {};
  if (checksumAlgorithm !== undefined) {
    headers[checksumHeader(checksumAlgorithm)] = await checksum(checksumAlgorithm, body, signal);
  }
  if (contentMd5) headers["content-md5"] = encodeBase64(await contentDigest(body, signal));
  return headers;
}

/** The header with a checksum. */
export function checksumHeader(algorithm: ReportedAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}
