import type { VersionTarget } from "../../client/operations/object_tagging.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { CALL_OPTIONS } from "../../storage/checks/option_names.ts";
import type { CallOptions } from "../../storage/contract/options.ts";
import type { FileAccess } from "../file_access.ts";
import { explainMissing } from "./missing_object.ts";

/**
 * Which version of a file a call is about.
 *
 * @example
 * ```ts
 * import { S3Storage, type VersionOptions } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"], versioning: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * const { versionId } = await storage.save("a.txt", "first", { details: true });
 * await storage.save("a.txt", "second");
 *
 * const options: VersionOptions = { versionId };
 * await storage.setTags("a.txt", { stage: "old" }, options);
 * assertEquals([await storage.getTags("a.txt"), await storage.getTags("a.txt", options)], [{}, { stage: "old" }]);
 * ```
 */
export interface VersionOptions extends CallOptions {
  /**
   * The id of the version, as `stat`, `save` with `details` and `versions.list` return it.
   * @default {the newest version}
   */
  readonly versionId?: string | undefined;
}

export const VERSION_OPTIONS = [...CALL_OPTIONS, "versionId"] as const satisfies readonly (keyof VersionOptions)[];

/**
 * The object of a call that reads or changes what belongs to a version.
 *
 * @param action What the call does, for messages.
 * @throws {TypeError} If the id of the version is not a text.
 * @throws {ConfigurationError} If the call changes something, and one version is configured to be read.
 */
export function versionTarget(
  { backend, keyOf }: FileAccess,
  action: string,
  name: string,
  { versionId, signal }: VersionOptions,
  call: "reads" | "changes",
): VersionTarget {
  signal?.throwIfAborted();
  if (versionId !== undefined) checkVersionId(action, versionId);
  const key = keyOf(name);
  if (call === "changes" && versionId === undefined) return backend.writableTarget(key, { signal });
  const target = backend.target(key, { signal });
  return { ...target, versionId: versionId ?? target.parameters?.versionId };
}

/** @throws {TypeError} If the id of a version is not a text. */
export function checkVersionId(action: string, versionId: unknown): void {
  if (typeof versionId === "string" && versionId !== "") return;
  throw new TypeError(`Cannot ${action}: versionId must be the id of a version, got ${formatValue(versionId)}`);
}

/** Runs a request for an object; a missing one is reported as a missing file. */
export async function ofFile<T>(target: VersionTarget, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw explainMissing(error, target.key);
  }
}
