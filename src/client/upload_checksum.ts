import type { Bytes } from "../kit/bytes.ts";
import { checksum, type ChecksumAlgorithm } from "../runtime/checksum.ts";

export type { ChecksumAlgorithm };

/** The header that lets the service verify a body; none where no algorithm was chosen. */
export async function checksumHeaders({ checksumAlgorithm, body, signal }: {
  readonly checksumAlgorithm?: ChecksumAlgorithm | undefined;
  readonly body: Bytes | Blob;
  readonly signal?: AbortSignal | undefined;
}): Promise<Record<string, string>> {
  if (checksumAlgorithm === undefined) return {};
  return { [`x-amz-checksum-${checksumAlgorithm.toLowerCase()}`]: await checksum(checksumAlgorithm, body, signal) };
}
