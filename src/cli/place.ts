import { realpath, stat } from "node:fs/promises";
import { basename, dirname, join, resolve, SEPARATOR } from "@std/path";
import { isStorageError } from "../errors.ts";
import { OPTIONS, type S3StorageOptions } from "../settings/options.ts";
import { parseOption } from "../settings/sources.ts";
import { parseStorageUrl } from "../settings/storage_url.ts";
import { S3Storage } from "../s3/s3_storage.ts";
import { LocalStorage, type LocalStorageOptions } from "../storage/local/local_storage.ts";
import { isName } from "../storage/contract/names.ts";
import type { Storage } from "../storage/storage.ts";
import { printable } from "./output/format.ts";
import { Failure, UsageError } from "./output/failure.ts";
import type { CommandIo } from "./io.ts";

/** A place on the command line: a storage, and a file or a folder in it. */
export interface Place {
  /** A storage without a location: on S3 the whole bucket. */
  readonly storage: Storage;
  /** The file or the folder in it; empty for the whole storage. */
  readonly name: string;
  /** The place as shown in messages, without credentials. */
  readonly label: string;
  /** Whether it must be a folder: it ends in a slash, is the whole storage, or is a folder on disk. */
  readonly isFolder: boolean;
}

/** Names on a command line are whole keys, and files are overwritten. */
const WHOLE_BUCKET = { location: "", fileOverwrite: true };

/** Whether a place is on S3. */
export function isS3(place: string): boolean {
  return /^s3:/i.test(place);
}

/** The settings of a place on S3, and the key in it. */
export function s3Settings(
  place: string,
  { fetch }: Pick<CommandIo, "fetch">,
): { options: S3StorageOptions; name: string } {
  const sending = fetch === undefined ? {} : { fetch };
  if (/^s3:\/\//i.test(place)) {
    const options = parsedUrl(place);
    const name = checkKey(options.location ?? "");
    return { options: { ...options, ...sending, ...WHOLE_BUCKET }, name };
  }
  if (place.startsWith("/", "s3:".length)) {
    throw new UsageError(`A place on S3 must be s3://bucket/key or s3:name, got "${printable(place)}"`);
  }
  const name = checkKey(place.slice("s3:".length));
  const { location } = new S3Storage(sending);
  return { options: { ...sending, ...WHOLE_BUCKET }, name: location + name };
}

/** @throws {UsageError} If a place is not a storage URL, or one of its own settings is invalid. */
function parsedUrl(place: string): S3StorageOptions {
  let options: S3StorageOptions = {};
  try {
    options = parseStorageUrl(`s3${place.slice(2)}`, OPTIONS, parseOption) as S3StorageOptions;
    new S3Storage({ ...options, location: "" }); // the key is checked by itself
    return options;
  } catch (error) {
    if (!isStorageError(error, "Configuration")) throw error;
    const names = Object.keys(options);
    // Other settings come from variables and files, which are not a part of the command line.
    const isOwn = names.length === 0 || names.some((name) => error.message.includes(name));
    throw isOwn ? new UsageError(error.message) : error;
  }
}

/**
 * Refuses keys such as `a//b`, `a\\b` and `.`, which a storage would normalize to other keys.
 *
 * @throws {UsageError} If a key is not a path.
 */
function checkKey(key: string): string {
  if (key === "" || isName(key)) return key;
  throw new UsageError(
    `Invalid key "${
      printable(key)
    }": keys must not begin with '/', nor have '//', backslashes, or '.' and '..' segments`,
  );
}

/**
 * Parses a place of the command line.
 *
 * @param followLinks Which symbolic links in a folder on disk are followed.
 * @throws {UsageError} If the text is not a place.
 * @throws {ConfigurationError} If its settings are missing or invalid.
 */
export async function findPlace(
  text: string,
  io: Pick<CommandIo, "fetch">,
  followLinks?: LocalStorageOptions["followLinks"],
): Promise<Place> {
  if (isS3(text)) {
    const { options, name } = s3Settings(text, io);
    const storage = new S3Storage(options);
    const label = labelOf(storage, name);
    return { storage, name, label, isFolder: name === "" || name.endsWith("/") };
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) {
    throw new UsageError(`A place must be s3://bucket/key, s3:name or a path on disk, got "${printable(text)}"`);
  }
  const label = printable(text);
  const stats = await stat(text).catch((error) => {
    if (error.code === "ENOTDIR") throw new Failure(`Cannot open ${label}: a part of the path is a file, not a folder`);
    return undefined;
  });
  if (stats !== undefined && !stats.isDirectory() && !stats.isFile()) {
    throw new UsageError(`Cannot open ${label}: it is neither a file nor a folder`);
  }
  const path = stats === undefined ? text : await realpath(text); // links in arguments are followed
  if (stats?.isDirectory() || (stats === undefined && /[/\\]$/.test(text))) {
    return { storage: new LocalStorage(path, { followLinks, blocking: true }), name: "", label, isFolder: true };
  }
  const name = basename(path);
  if (name.includes("\\")) throw new UsageError(`Cannot open ${label}: the name must not have a backslash`);
  return { storage: new LocalStorage(dirname(path), { blocking: true }), name, label, isFolder: false };
}

/** The real path of a folder, with a separator at its end; links are followed as far as the path exists. */
export async function realFolder(path: string): Promise<string> {
  const real = await realPath(resolve(path));
  return real.endsWith(SEPARATOR) ? real : real + SEPARATOR;
}

async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await realPath(parent), basename(path));
  }
}

/** An object or a folder as shown in messages. */
export function labelOf(storage: Storage, name: string): string {
  return storage instanceof S3Storage ? printable(`s3://${storage.bucketName}/${name}`) : printable(name);
}

/**
 * Returns a place that must be on S3.
 *
 * @throws {UsageError} If it is a path on disk.
 */
export function requireS3(place: string, command: string): string {
  if (isS3(place)) return place;
  throw new UsageError(`${command} needs a place on S3, such as s3://bucket/key or s3:name, got the path "${place}"`);
}

/** The name of an entry in a folder. */
export function within(folder: string, name: string): string {
  return folder === "" || folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}
