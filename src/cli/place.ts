import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { OPTIONS, type S3StorageOptions } from "../settings/options.ts";
import { parseOption } from "../settings/sources.ts";
import { parseStorageUrl } from "../settings/storage_url.ts";
import { S3Storage } from "../s3/s3_storage.ts";
import { LocalStorage, type LocalStorageOptions } from "../storage/local/local_storage.ts";
import { isName } from "../storage/contract/names.ts";
import type { Storage } from "../storage/storage.ts";
import { printable } from "./output/format.ts";
import { UsageError } from "./output/failure.ts";
import type { CommandIo } from "./io.ts";

/** A place that a command line names: a storage, and a file or a folder in it. */
export interface Place {
  /** A storage without a location: on S3 the whole bucket. */
  readonly storage: Storage;
  /** The file or the folder in it; empty for all of it. */
  readonly name: string;
  /** What to call it: without credentials. */
  readonly label: string;
  /** Whether it can only be a folder: it ends in a slash, is the whole, or is a folder on disk. */
  readonly isFolder: boolean;
}

/** Names on a command line are whole keys, and what is stored under one replaces what was. */
const WHOLE_BUCKET = { location: "", fileOverwrite: true };

/** Whether a place is on S3. */
export function isS3(place: string): boolean {
  return /^s3:/i.test(place);
}

/** The settings that a place on S3 names, and the name in it. */
export function s3Settings(
  place: string,
  { fetch }: Pick<CommandIo, "fetch">,
): { options: S3StorageOptions; name: string } {
  const sending = fetch === undefined ? {} : { fetch };
  if (/^s3:\/\//i.test(place)) {
    const options = parseStorageUrl(`s3${place.slice(2)}`, OPTIONS, parseOption) as S3StorageOptions;
    const name = checkKey(options.location ?? "");
    return { options: { ...options, ...sending, ...WHOLE_BUCKET }, name };
  }
  const name = checkKey(place.slice("s3:".length));
  if (name.startsWith("/")) {
    throw new UsageError(`Places on S3 are like s3://bucket/key or s3:name: "${printable(place)}" is not`);
  }
  const { location } = new S3Storage(sending);
  return { options: { ...sending, ...WHOLE_BUCKET }, name: location + name };
}

/**
 * A storage would take `a//b`, `a\\b` and `.` for other names than these, which are somebody else's keys.
 *
 * @throws {UsageError} If a key is no path.
 */
function checkKey(key: string): string {
  if (key === "" || isName(key) || key.startsWith("/")) return key; // of a slash in front the storage tells
  throw new UsageError(
    `"${printable(key)}" is no path: names on S3 have single slashes, no backslashes, and no . or .. between them`,
  );
}

/**
 * The place that an argument names.
 *
 * @param followLinks Which links in a folder on disk are followed to read it.
 * @throws {UsageError} If it cannot be a place.
 * @throws {ConfigurationError} If the settings for it are missing or wrong.
 */
export async function findPlace(
  text: string,
  io: Pick<CommandIo, "fetch">,
  followLinks?: LocalStorageOptions["followLinks"],
): Promise<Place> {
  if (text === "") throw new UsageError("A place must not be empty: the folder that you are in is .");
  if (isS3(text)) {
    const { options, name } = s3Settings(text, io);
    const storage = new S3Storage(options);
    const label = labelOf(storage, name);
    return { storage, name, label, isFolder: name === "" || name.endsWith("/") };
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) {
    throw new UsageError(`Places are s3://bucket/key, s3:name or paths on disk: "${printable(text)}" is neither`);
  }
  const stats = await stat(text).catch(() => undefined);
  const label = printable(text);
  if (stats !== undefined && !stats.isDirectory() && !stats.isFile()) {
    throw new UsageError(`${label} is neither a file nor a folder`);
  }
  const path = stats === undefined ? text : await realpath(text); // links that a person names are followed
  if (stats?.isDirectory() || (stats === undefined && /[/\\]$/.test(text))) {
    return { storage: new LocalStorage(path, { followLinks }), name: "", label, isFolder: true };
  }
  const name = basename(path);
  if (name.includes("\\")) throw new UsageError(`${label} has a backslash in its name, which no name on S3 can have`);
  return { storage: new LocalStorage(dirname(path)), name, label, isFolder: false };
}

/** Where a folder on disk is, or would be: with links followed as far as anything is there, and a separator at its end. */
export async function realFolder(path: string): Promise<string> {
  const real = await realPath(resolve(path));
  return real.endsWith(sep) ? real : real + sep;
}

async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realPath(parent), basename(path));
  }
}

/** What to call an object or a folder. */
export function labelOf(storage: Storage, name: string): string {
  return storage instanceof S3Storage ? printable(`s3://${storage.bucketName}/${name}`) : printable(name);
}

/** The name of something in a folder. */
export function within(folder: string, name: string): string {
  return folder === "" || folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}
