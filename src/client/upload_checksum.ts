import { type Bytes, encodeBase64 } from "../kit/bytes/bytes.ts";
import type { ChecksumAlgorithm } from "../runtime/hash/checksum_algorithms.ts";

/** What the service verifies a body by. */
export interface BodyChecks {
  /** The checksum that goes along; none where it is left out. */
  readonly checksumAlgorithm?: ChecksumAlgorithm | undefined;
  /** Whether the MD5 goes along. */
  readonly contentMd5?: boolean | undefined;
}

/** The headers that let the service verify a body; none where nothing was chosen. */
export async function checksumHeaders({ checksumAlgorithm, contentMd5, body, signal }: BodyChecks & {
  readonly body: Bytes | Blob;
  readonly signal?: AbortSignal | undefined;
}): Promise<Record<string, string>> {
  if (checksumAlgorithm === undefined && !contentMd5) return {};
  // Loaded on demand: on most servers nothing is checked so.
  const { checksum, contentDigest } = await import("../runtime/hash/checksum.ts");
  const headers: Record<string, string> = {};
  if (checksumAlgorithm !== undefined) {
    headers[checksumHeader(checksumAlgorithm)] = await checksum(checksumAlgorithm, body, signal);
  }
  if (contentMd5) headers["content-md5"] = encodeBase64(await contentDigest(body, signal));
  return headers;
}

/** The header that tells a checksum. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}
