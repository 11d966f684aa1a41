import { restoreObject } from "../../client/operations/restore_object.ts";
import { isStorageError, NotSupportedError } from "../../errors.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { checkInteger } from "../../kit/values/integer.ts";
import { checkOptions } from "../../kit/values/options.ts";
import type { FileAccess } from "../file_access.ts";
import { ofFile, VERSION_OPTIONS, type VersionOptions, versionTarget } from "./versioned_file.ts";

/** The most days: the largest integer that S3 reads. */
const MAX_DAYS = 2 ** 31 - 1;

const TIERS: readonly unknown[] = ["Expedited", "Standard", "Bulk"] satisfies RestoreOptions["tier"][];

/**
 * How an archived file is restored.
 *
 * @example
 * ```ts
 * import { type RestoreOptions, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
 * const storage = new S3Storage({
 *   bucketName: "media",
 *   accessKey: "testkey",
 *   secretKey: "testsecret",
 *   objectParameters: { StorageClass: "GLACIER" },
 *   fetch,
 * });
 * await storage.save("2020.csv", "a,b");
 * const options: RestoreOptions = { days: 7, tier: "Bulk" };
 * assertEquals(await storage.restoreArchived("2020.csv", options), "started");
 * ```
 */
export interface RestoreOptions extends VersionOptions {
  /**
   * For how many days the restored copy is kept, from 1 on. Required for the classes `GLACIER` and `DEEP_ARCHIVE`; S3 refuses
   * it for `INTELLIGENT_TIERING`, whose objects are restored for good.
   */
  readonly days?: number | undefined;
  /**
   * How fast, and at which price: `"Expedited"` takes minutes, `"Standard"` hours, `"Bulk"` up to two days.
   * @default {"Standard"}
   */
  readonly tier?: "Expedited" | "Standard" | "Bulk" | undefined;
}

export const RESTORE_OPTIONS = [
  ...VERSION_OPTIONS,
  "days",
  "tier",
] as const satisfies readonly (keyof RestoreOptions)[];

/**
 * What `restoreArchived` has found: the restoration has begun (`"started"`), it had begun before (`"ongoing"`), or the file
 * can be read (`"restored"`).
 *
 * @example
 * ```ts
 * import type { RestoreState } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const isReadable = (state: RestoreState) => state === "restored";
 * assertEquals(isReadable("ongoing"), false);
 * ```
 */
export type RestoreState = "started" | "ongoing" | "restored";

/** Restores an archived file for some days. */
export async function restoreArchived(
  files: FileAccess,
  name: string,
  options: RestoreOptions = {},
): Promise<RestoreState> {
  const action = `restore '${name}'`;
  checkOptions(action, options, RESTORE_OPTIONS);
  const { days, tier = "Standard" } = options;
  if (days !== undefined) checkInteger(`Cannot ${action}: days`, days, 1, MAX_DAYS);
  if (!TIERS.includes(tier)) {
    throw new TypeError(
      `Cannot ${action}: tier must be "Expedited", "Standard" or "Bulk", got ${formatValue(tier)}`,
    );
  }
  const target = versionTarget(files, action, name, options, "reads");
  try {
    const status = await ofFile(target, () => restoreObject(files.backend.client, { ...target, days, tier }));
    return status === 202 ? "started" : "restored";
  } catch (error) {
    if (!isStorageError(error)) throw error;
    if (error.s3Code === "RestoreAlreadyInProgress") return "ongoing";
    if (error.s3Code !== "InvalidObjectState") throw error;
    const { response } = error;
    throw new NotSupportedError(`Cannot ${action}: it is not archived`, { ...error, response, cause: error });
  }
}
