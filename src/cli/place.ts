import { realpath, stat } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { OPTIONS, type S3StorageOptions } from "../settings/options.ts";
import { parseOption } from "../settings/sources.ts";
import { parseStorageUrl } from "../settings/storage_url.ts";
import { S3Storage } from "../s3/s3_storage.ts";
import { LocalStorage } from "../storage/local_storage.ts";
import type { Storage } from "../storage/storage.ts";
import { printable } from "./format.ts";
import { UsageError } from "./failure.ts";
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
    return { options: { ...options, ...sending, ...WHOLE_BUCKET }, name: options.location ?? "" };
  }
  const name = place.slice("s3:".length);
  if (name.startsWith("/")) {
    throw new UsageError(`Places on S3 are like s3://bucket/key or s3:name: "${printable(place)}" is not`);
  }
  const { location } = new S3Storage(sending);
  return { options: { ...sending, ...WHOLE_BUCKET }, name: location + name };
}

/**
 * The place that an argument names.
 *
 * @throws {ConfigurationError} If the settings for it are missing or wrong.
 */
export async function findPlace(text: string, io: Pick<CommandIo, "fetch">): Promise<Place> {
  if (isS3(text)) {
    const { options, name } = s3Settings(text, io);
    const storage = new S3Storage(options);
    const label = labelOf(storage, name);
    return { storage, name, label, isFolder: name === "" || name.endsWith("/") };
  }
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) {
    throw new UsageError(`Places are s3://bucket/key, s3:name or paths on disk: "${printable(text)}" is neither`);
  }
  const isThere = await stat(text).then((stats) => stats.isDirectory() ? "folder" : "file", () => undefined);
  const path = isThere === undefined ? text : await realpath(text); // links that a person names are followed
  if (isThere === "folder" || (isThere === undefined && /[/\\]$/.test(text))) {
    return { storage: new LocalStorage(path), name: "", label: text, isFolder: true };
  }
  return { storage: new LocalStorage(dirname(path)), name: basename(path), label: text, isFolder: false };
}

/** What to call an object or a folder. */
export function labelOf(storage: Storage, name: string): string {
  return storage instanceof S3Storage ? printable(`s3://${storage.bucketName}/${name}`) : printable(name);
}

/** The name of something in a folder. */
export function within(folder: string, name: string): string {
  return folder === "" || folder.endsWith("/") ? folder + name : `${folder}/${name}`;
}
