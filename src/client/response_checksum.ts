import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from "../runtime/hash/checksum_algorithms.ts";
import type { Settings } from "../settings/resolve.ts";
import { isAws } from "../aws/hosts.ts";
import { checksumHeader } from "./upload_checksum.ts";

/** A checksum of a whole object, as the service tells it. */
export interface ReportedChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** In base64. */
  readonly value: string;
}

/** What asks the service for the checksum of what is read. */
export const CHECKSUM_MODE = "x-amz-checksum-mode";

/** Whether a kind of checksums is used: as it is said, and else on AWS, which is where they are known to be understood. */
export function usesChecksums(
  said: "when_supported" | "when_required" | undefined,
  settings: Pick<Settings, "endpointUrl">,
): boolean {
  return said === undefined ? isAws(settings) : said === "when_supported";
}

/** The headers that tell them: made once, as there are some to look for in each answer. */
const HEADERS = CHECKSUM_ALGORITHMS.map((algorithm) => ({ algorithm, header: checksumHeader(algorithm) }));

/** The checksum that an answer tells of the whole object. That of its parts' checksums cannot be compared with its bytes. */
export function reportedChecksum(headers: Headers): ReportedChecksum | undefined {
  if (headers.get("x-amz-checksum-type") === "COMPOSITE") return undefined;
  for (const { algorithm, header } of HEADERS) {
    const value = headers.get(header);
    if (value !== null && !value.includes("-")) return { algorithm, value };
  }
  return undefined;
}
