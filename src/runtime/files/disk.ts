import { ConfigurationError } from "../../errors.ts";
import { builtin } from "../builtin.ts";
import type { PermissionChanges } from "./keep_permissions.ts";
import { isPermitted } from "../permission.ts";
import { type ReadAt, readWhole } from "./read_whole.ts";

/** What is known of a file on disk; numbers are exact. */
export interface DiskStats {
  readonly size: bigint;
  /** The number of the file system that it is on. */
  readonly dev: bigint;
  /** The file's number there; 0 where the file system has none. */
  readonly ino: bigint;
  readonly mtimeNs: bigint;
  readonly mode: bigint;
  readonly uid: bigint;
  readonly gid: bigint;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** An open file. */
export interface DiskHandle {
  stat(options: { bigint: true }): Promise<DiskStats>;
  read(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  close(): Promise<void>;
}

/** An entry of a folder. */
export interface DiskEntry {
  readonly name: string;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** What a storage needs of a disk: Node's functions of that name. */
export interface Disk {
  lstat(path: string, options: { bigint: true }): Promise<DiskStats>;
  stat(path: string): Promise<{ isFile(): boolean; isDirectory(): boolean }>;
  realpath(path: string): Promise<string>;
  readdir(path: string, options: { withFileTypes: true }): Promise<DiskEntry[]>;
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  open(path: string, flags: "r" | "wx", mode?: number): Promise<DiskHandle>;
  writeFile(path: string, text: string, options: { flag: "wx"; mode: number }): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  chown(path: string, uid: number, gid: number): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  link(path: string, other: string): Promise<void>;
  rm(path: string, options: { force: true }): Promise<void>;
  rmdir(path: string): Promise<void>;
}

/**
 * The disk.
 *
 * @throws {ConfigurationError} If the runtime has none.
 */
export function findDisk(): Disk {
  const { userAgent } = (globalThis as { navigator?: { userAgent?: string } }).navigator ?? {};
  // Cloudflare's runtime has files in name only.
  const disk = userAgent === "Cloudflare-Workers" ? undefined : builtin<Disk>("node:fs/promises");
  if (disk === undefined) throw new ConfigurationError("There is no disk here: only Deno, Bun and Node have folders");
  return disk;
}

/** What changes the permissions of a file. */
export function changesOf(disk: Disk, path: string, { uid }: DiskStats): PermissionChanges {
  return {
    chgrp: (gid) => disk.chown(path, Number(uid), gid),
    chmod: (mode) => disk.chmod(path, mode),
  };
}

/**
 * All bytes of a file, unless it has more than the limit.
 *
 * @param tooLarge Makes the error for a file that has more; it is to name the limit.
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
 * Looks whether a folder may be used. Never asks a person for a permission.
 *
 * @throws {ConfigurationError} If it may not.
 */
export function checkFolderPermission(name: "read" | "write", path: string): void {
  if (isPermitted({ name, path })) return;
  throw new ConfigurationError(`The folder ${path} may not be ${VERBS[name]}: run with --allow-${name}=${path}`);
}

const VERBS = { read: "read", write: "written to" } as const;

/**
 * The `file:` URL of a path, made absolute where the working directory may be read. Never asks a person for a permission.
 */
export function fileUrl(path: string): string {
  const paths = builtin<{ isAbsolute(path: string): boolean; resolve(path: string): string }>("node:path")!;
  if (!paths.isAbsolute(path) && !isPermitted({ name: "read", path: "." })) return `file:${encodeURI(path)}`;
  return builtin<{ pathToFileURL(path: string): URL }>("node:url")!.pathToFileURL(paths.resolve(path)).href;
}

/** The code of an error of the disk, such as `ENOENT`. */
export function diskErrorCode(error: unknown): string | undefined {
  return (error as { code?: string } | null)?.code;
}
