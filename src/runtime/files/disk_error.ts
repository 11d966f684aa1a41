import { DiskError, NotFoundError, PermissionDeniedError, StorageError } from "../../errors.ts";

/** What the codes of the system mean. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: "the system denies access",
  EDQUOT: "the disk quota is exceeded",
  EIO: "the disk reports an input/output error",
  EISDIR: "a folder has this name",
  EMFILE: "this process has too many open files. Close files, or raise the limit (ulimit -n)",
  ENAMETOOLONG: "the name is too long for this disk",
  ENFILE: "the system has too many open files",
  ENOENT: "the path does not exist",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is a file, not a folder",
  EPERM: "the system denies access",
  EROFS: "the disk is read-only",
};

/** How a failure of a disk is reported. */
export interface DiskFailure {
  /** What failed, with the name that the caller used: `write 'a.txt'`. */
  readonly action: string;
  /** The key of a file of a storage: such a file may be missing, or protected. */
  readonly key?: string | undefined;
  /** What to do, by the code of the system. */
  readonly advice?: Readonly<Record<string, string>>;
}

/**
 * Converts an error of the system into an error of a class for callers, whose cause it is. Other errors are returned as they
 * are, such as the reason of an aborted call.
 *
 * A missing file of a storage becomes a `NotFoundError`, one that may not be accessed a `PermissionDeniedError`, and every
 * other failure a `DiskError`.
 */
export function toDiskError(error: unknown, { action, key, advice = {} }: DiskFailure): unknown {
  if (error instanceof StorageError) return error;
  if (isNotPermitted(error)) {
    const message = `Cannot ${action}: Deno denies access. Run with --allow-read and --allow-write for its folder`;
    return new (key === undefined ? DiskError : PermissionDeniedError)(message, { key, cause: error });
  }
  const code = diskErrorCode(error);
  if (typeof code !== "string" || !/^E[A-Z\d]+$/.test(code)) return error;
  if (key !== undefined && code === "ENOENT") {
    return new NotFoundError(`File does not exist: ${key}`, { key, cause: error });
  }
  const isDenied = key !== undefined && (code === "EACCES" || code === "EPERM");
  const reason = REASONS[code] ?? "the system reports a failure";
  const message = `Cannot ${action}: ${reason.replace(/\.|$/, (end) => ` (${code})${end}`)}`;
  const suffix = Object.hasOwn(advice, code) ? `. ${advice[code]}` : "";
  return new (isDenied ? PermissionDeniedError : DiskError)(message + suffix, { key, cause: error });
}

/** Whether Deno lacks a permission; Deno's `node:fs` does not convert this error. */
function isNotPermitted(error: unknown): boolean {
  return (error as { name?: unknown } | null)?.name === "NotCapable";
}

/** Returns the system's code of an error, such as `ENOENT`. */
export function diskErrorCode(error: unknown): string | undefined {
  return (error as { code?: string } | null)?.code;
}

/**
 * Waits for work on a disk.
 *
 * @throws Its error, converted by {@linkcode toDiskError}.
 */
export async function onDisk<T>(failure: DiskFailure, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toDiskError(error, failure);
  }
}
