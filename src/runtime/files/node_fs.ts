import { builtin } from "../builtin.ts";
import { isCloudflare } from "../detect.ts";

/** What the system knows of a file. */
export interface FileStats<Integer extends number | bigint = number> {
  readonly size: Integer;
  /** The number of its file system. */
  readonly dev: Integer;
  /** Its number in the file system; 0 where files have none. */
  readonly ino: Integer;
  readonly mode: Integer;
  readonly uid: Integer;
  readonly gid: Integer;
  /** The number of its names; 1 where files have only one. */
  readonly nlink: Integer;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** {@linkcode FileStats} with exact numbers. */
export interface ExactStats extends FileStats<bigint> {
  readonly mtimeNs: bigint;
}

/** An entry of a folder. */
export interface FolderEntry {
  readonly name: string;
  isFile(): boolean;
  isDirectory(): boolean;
  isSymbolicLink(): boolean;
}

/** An open file. */
export interface FileHandle {
  readonly fd: number;
  stat(): Promise<FileStats>;
  stat(options: { bigint: true }): Promise<ExactStats>;
  read(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  write(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesWritten: number }>;
  /** Continues where the write before ended. */
  writeFile(bytes: Uint8Array): Promise<void>;
  chmod(mode: number): Promise<void>;
  chown(uid: number, gid: number): Promise<void>;
  close(): Promise<void>;
}

/** The functions of `node:fs/promises` that this package uses. */
export interface NodeFsPromises {
  lstat(path: string, options: { bigint: true }): Promise<ExactStats>;
  stat(path: string | URL): Promise<FileStats>;
  realpath(path: string): Promise<string>;
  readdir(path: string, options: { withFileTypes: true }): Promise<FolderEntry[]>;
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  open(path: string | URL, flags: "r" | "wx" | "wx+", mode?: number): Promise<FileHandle>;
  writeFile(path: string, text: string, options: { flag: "wx"; mode: number }): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  chown(path: string, uid: number, gid: number): Promise<void>;
  utimes(path: string, accessed: Date, modified: Date): Promise<void>;
  rename(from: string | URL, to: string | URL): Promise<void>;
  link(path: string, other: string): Promise<void>;
  unlink(path: string): Promise<void>;
  rm(path: string | URL, options: { force: true }): Promise<void>;
  rmdir(path: string): Promise<void>;
}

/** Which bytes of an open file are read into, or written from, which memory. */
export type PositionalArguments = [fd: number, bytes: Uint8Array, offset: number, length: number, position: number];

/** The functions of `node:fs` that this package uses. */
export interface NodeFs {
  readdirSync(path: string): string[];
  readonly realpathSync: { native(path: string): string };
  readlinkSync(path: string): string;
  statSync(path: string): FileStats;
  lstatSync(path: string): FileStats;
  fstatSync(fd: number): FileStats;
  openSync(path: string, flags: "r" | "wx+", mode?: number): number;
  unlinkSync(path: string): void;
  readSync(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  readFileSync(path: string, encoding: "utf-8"): string;
  close(fd: number, done: (error?: Error | null) => void): void;
  closeSync(fd: number): void;
  read(...args: [...PositionalArguments, done: (error: Error | null, bytesRead: number) => void]): void;
  write(...args: [...PositionalArguments, done: (error: Error | null, bytesWritten: number) => void]): void;
  readonly promises: Pick<NodeFsPromises, "open">;
}

/** `node:fs`; `undefined` on runtimes without a disk. Cloudflare's runtime keeps files in memory. */
export function findFs(): NodeFs | undefined {
  return isCloudflare() ? undefined : builtin<NodeFs>("node:fs");
}

/** `node:fs/promises`; `undefined` on runtimes without a disk. */
export function findFsPromises(): NodeFsPromises | undefined {
  return isCloudflare() ? undefined : builtin<NodeFsPromises>("node:fs/promises");
}
