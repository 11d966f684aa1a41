import { checkFolderPermission, type Disk, diskErrorCode, type DiskStats } from "../../runtime/files/disk.ts";
import { toDiskError } from "../../runtime/files/disk_error.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { checkOptions } from "../../kit/values/options.ts";
import { CALL_OPTIONS } from "../checks/option_names.ts";
import type { CallOptions } from "../contract/options.ts";
import { isHeld } from "./held_files.ts";
import type { LocalAttributes } from "./local_attributes.ts";
import { isUnchanged, modifiedAt } from "./local_identity.ts";
import { isTemporary, temporaryName } from "./local_names.ts";

/** The default age, in seconds, after which a file counts as abandoned: a day. */
const DEFAULT_AGE_SECONDS = 86_400;

/**
 * Which files of killed writers are deleted.
 *
 * @example
 * ```ts
 * import { type DeleteIncompleteOptions, LocalStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * const options: DeleteIncompleteOptions = { olderThanSeconds: 7 * 86_400, dryRun: true };
 * assertEquals(await new LocalStorage(folder).deleteIncomplete(options), []);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export interface DeleteIncompleteOptions extends CallOptions {
  /**
   * The minimum time since the last write, in seconds. Writers of other processes refresh their files once an hour: choose
   * more than two hours if there may be some.
   * @default {86400, which is a day}
   */
  readonly olderThanSeconds?: number | undefined;
  /**
   * Whether the files are only returned, and none is deleted.
   * @default {false}
   */
  readonly dryRun?: boolean | undefined;
}

const OPTIONS = [
  ...CALL_OPTIONS,
  "olderThanSeconds",
  "dryRun",
] as const satisfies readonly (keyof DeleteIncompleteOptions)[];

/**
 * A file that a killed writer left in the folder of a {@linkcode LocalStorage}.
 *
 * @example
 * ```ts
 * import type { IncompleteFile } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const file: IncompleteFile = {
 *   path: "media/.storages-4f1b6a0e-8d0c-4b57-9d3c-1c3f6f0a2b11",
 *   size: 1000,
 *   modifiedTime: new Date(0),
 * };
 * assertEquals(file.modifiedTime.getTime(), 0);
 * ```
 */
export interface IncompleteFile {
  /** Its path on disk: that of the storage's folder, and a name that no stored file has. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** When its writer last wrote to it. */
  readonly modifiedTime: Date;
}

/** Deletes the temporary files in a folder that were not written to for long. */
export async function deleteIncomplete(
  disk: Disk,
  folder: string,
  attributes: LocalAttributes,
  options: DeleteIncompleteOptions = {},
): Promise<IncompleteFile[]> {
  const action = "delete incomplete files";
  checkOptions(action, options, OPTIONS, [], "maxage:olderThanSeconds");
  const { olderThanSeconds = DEFAULT_AGE_SECONDS, dryRun = false, signal } = options;
  if (!(typeof olderThanSeconds === "number" && olderThanSeconds >= 0 && olderThanSeconds < Infinity)) {
    const got = formatValue(olderThanSeconds);
    throw new RangeError(`Cannot ${action}: olderThanSeconds must be a number of 0 or more, got ${got}`);
  }
  if (typeof dryRun !== "boolean") {
    throw new TypeError(`Cannot ${action}: dryRun must be true or false, got ${formatValue(dryRun)}`);
  }
  if (!dryRun) checkFolderPermission("write", folder);
  const isOld = (stats: DiskStats): boolean => Date.now() - modifiedAt(stats) >= olderThanSeconds * 1000;
  const deleted: IncompleteFile[] = [];
  const failures: unknown[] = [];
  for (const path of await temporaryFiles(disk, folder)) {
    signal?.throwIfAborted();
    try {
      const stats = await disk.lstat(path, { bigint: true });
      if (!stats.isFile() || !isOld(stats) || isHeld(path)) continue;
      const isDeleted = dryRun || await deleteUnlessChanged(disk, { folder, path, stats }, attributes);
      if (isDeleted) deleted.push({ path, size: Number(stats.size), modifiedTime: new Date(modifiedAt(stats)) });
    } catch (error) {
      // Otherwise it got its name, or another call has deleted it.
      if (diskErrorCode(error) !== "ENOENT") failures.push(toDiskError(error, { action: `delete '${path}'` }));
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} files could not be deleted`);
  return deleted;
}

async function temporaryFiles(disk: Disk, folder: string): Promise<string[]> {
  try {
    const entries = await disk.readdir(folder, { withFileTypes: true });
    return entries.filter(({ name }) => isTemporary(name)).map(({ name }) => `${folder}/${name}`);
  } catch (error) {
    if (diskErrorCode(error) === "ENOENT") return []; // the first write creates the folder
    throw toDiskError(error, { action: `read folder '${folder}'` });
  }
}

/**
 * Deletes a file, unless a writer has written to it since it was examined. It gets another name first: from then on, no writer
 * can publish it.
 */
async function deleteUnlessChanged(
  disk: Disk,
  { folder, path, stats }: { readonly folder: string; readonly path: string; readonly stats: DiskStats },
  attributes: LocalAttributes,
): Promise<boolean> {
  const taken = `${folder}/${temporaryName()}`;
  await disk.rename(path, taken);
  const now = await disk.lstat(taken, { bigint: true });
  if (!isUnchanged(stats, now)) {
    await disk.rename(taken, path);
    return false;
  }
  // With a second name it is a published file, whose writer was killed before it removed the first one.
  if (now.nlink === 1n) await attributes.remove(now);
  await disk.unlink(taken);
  return true;
}
