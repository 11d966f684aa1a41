import { ConfigurationError } from "../../errors.ts";
import { builtin } from "../builtin.ts";
import type { PermissionChanges } from "./keep_permissions.ts";
import { isPermitted } from "../permission.ts";
import { type ExactStats, type FileHandle, findFsPromises, type NodeFsPromises } from "./node_fs.ts";
import { type ReadAt, readWhole } from "./read_whole.ts";

export { diskErrorCode } from "./disk_error.ts";
export type { ExactStats as DiskStats, FolderEntry as DiskEntry } from "./node_fs.ts";

/** A file that a storage has opened. */
export interface DiskHandle extends Pick<FileHandle, "read" | "write" | "close"> {
  stat(options: { bigint: true }): Promise<ExactStats>;
}

/** The disk, as a storage uses it: the functions of `node:fs/promises` of these names. */
export interface Disk extends Omit<NodeFsPromises, "open"> {
  open(path: string, flags: "r" | "wx", mode?: number): Promise<DiskHandle>;
}

/**
 * Returns the disk.
 *
 * @throws {ConfigurationError} If the runtime has none.
 */
export function findDisk(): Disk {
  const disk = findFsPromises();
  if (disk === undefined) throw new ConfigurationError("This runtime has no disk: use Deno, Bun or Node");
  return disk;
}

/** Returns the functions that change the permissions of a file. */
export function changesOf(disk: Disk, path: string, { uid }: ExactStats): PermissionChanges {
  return {
    chgrp: (gid) => disk.chown(path, Number(uid), gid),
    chmod: (mode) => disk.chmod(path, mode),
  };
}

/**
 * Reads all bytes of a file, unless it has more than the limit.
 *
 * @param tooLarge Creates the error for a file that has more; the message should name the limit.
 */
export async function readDiskFile(
  disk: Disk,
  path: string,
  maxBytes: number,
  tooLarge: () => Error,
): Promise<Uint8Array> {
  const handle = await disk.open(path, "r");
  try {
    const { size } = await handle.stat({ bigint: true });
    const readAt: ReadAt = async (bytes, offset) =>
      (await handle.read(bytes, offset, bytes.byteLength - offset, offset)).bytesRead;
    return await readWhole(readAt, Number(size), maxBytes, tooLarge);
  } finally {
    await handle.close();
  }
}

/**
 * Checks the permission to use a folder. No permission prompt appears.
 *
 * @throws {ConfigurationError} If the permission is missing.
 */
export function checkFolderPermission(name: "read" | "write", path: string): void {
  if (isPermitted({ name, path })) return;
  throw new ConfigurationError(`Cannot ${VERBS[name]} folder '${path}': run with --allow-${name}=${path}`);
}

const VERBS = { read: "read", write: "write to" } as const;

/**
 * Returns the `file:` URL of a path, made absolute if the working directory may be read. No permission prompt appears.
 */
export function fileUrl(path: string): string {
  const paths = builtin<{ isAbsolute(path: string): boolean; resolve(path: string): string }>("node:path")!;
  if (!paths.isAbsolute(path) && !isPermitted({ name: "read", path: "." })) return `file:${encodeURI(path)}`;
  return builtin<{ pathToFileURL(path: string): URL }>("node:url")!.pathToFileURL(paths.resolve(path)).href;
}
