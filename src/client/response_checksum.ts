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
