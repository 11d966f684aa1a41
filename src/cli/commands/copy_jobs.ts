import { isStorageError } from "../../errors.ts";
import { S3Storage } from "../../s3/s3_storage.ts";
import type { Storage } from "../../storage/storage.ts";
import { Failure, UsageError } from "../output/failure.ts";
import type { SkippedEntries } from "../output/skipped_entries.ts";
import { type Place, realFolder, within } from "../place.ts";

/** One file to copy. */
export interface CopyJob {
  readonly from: string;
  readonly to: string;
  readonly size: number;
}

/** Where a copy reads and writes. */
export interface CopyPlaces {
  readonly source: Place;
  readonly target: Place;
}

/** The job of one file. */
export async function* fileJob({ source, target }: CopyPlaces, signal: AbortSignal): AsyncGenerator<CopyJob> {
  if (source.isFolder) {
    throw new UsageError(`Cannot copy ${source.label}: it is a folder, add -r to copy all its files`);
  }
  const { size } = await source.storage.stat(source.name, { signal }).catch((error) => missing(error, source.label));
  const own = baseName(source.name);
  yield { from: source.name, to: target.isFolder ? within(target.name, own) : target.name, size };
}

/** How the files of a folder are listed. */
interface FolderOptions {
  /** Receives an entry that the listing skips. */
  readonly onOmitted: SkippedEntries["add"];
  /** Receives the message about an object that cannot be copied with the folder. */
  readonly onProblem: (message: string) => void;
  readonly signal: AbortSignal;
}

/** The jobs of all files in a folder. */
export async function* folderJobs(
  places: CopyPlaces,
  { onOmitted, onProblem, signal }: FolderOptions,
): AsyncGenerator<CopyJob> {
  const { source, target } = places;
  const prefix = within(source.name, "");
  let isEmpty = true;
  // With -r the target is a folder, even without a slash at its end.
  const folder = target.storage instanceof S3Storage || target.isFolder ? target.name : within(target.name, "");
  for await (const { name, size } of source.storage.list(source.name, { recursive: true, onOmitted, signal })) {
    if (isEmpty) await checkNoFile(places, signal);
    isEmpty = false;
    yield { from: name, to: within(folder, name.slice(prefix.length)), size };
  }
  if (isEmpty) {
    if (source.isFolder) throw new Failure(`Cannot copy ${source.label}: it has no files`);
    yield* fileJob(places, signal); // the source may be a file
  } else yield* sameNameJob(places, onProblem, signal);
}

/** The object that has the same name as a folder on S3. It has no place in a folder that already has a name. */
async function* sameNameJob(
  { source, target }: CopyPlaces,
  onProblem: FolderOptions["onProblem"],
  signal: AbortSignal,
): AsyncGenerator<CopyJob> {
  if (source.isFolder || !(source.storage instanceof S3Storage)) return;
  const size = await sizeOf(source, signal);
  if (size === undefined) return;
  if (target.storage instanceof S3Storage && !target.isFolder) {
    yield { from: source.name, to: target.name, size };
  } else onProblem(`Cannot copy the object ${source.label} beside its folder: copy it to another name without -r`);
}

/** The size of the object with the name of a place; `undefined` if there is none. */
export async function sizeOf({ storage, name }: Place, signal: AbortSignal): Promise<number | undefined> {
  try {
    return (await storage.stat(name, { signal })).size;
  } catch (error) {
    // Keys that may only list cannot stat.
    if (isStorageError(error, "NotFound") || isStorageError(error, "PermissionDenied")) return undefined;
    throw error;
  }
}

/** @throws {Failure} If the target of a folder is a file on disk. */
async function checkNoFile({ source, target }: CopyPlaces, signal: AbortSignal): Promise<void> {
  if (target.storage instanceof S3Storage || target.isFolder) return;
  if (!await target.storage.exists(target.name, { signal })) return;
  throw new Failure(`Cannot copy the folder ${source.label} to ${target.label}: it is a file`);
}

/** Refuses a target inside the source, whose copies would be listed again and again. */
export async function checkNotNested({ source, target }: CopyPlaces, paths: readonly string[]): Promise<void> {
  const onS3 = source.storage instanceof S3Storage;
  if (onS3 ? !isSameBucket(source.storage, target.storage) : target.storage instanceof S3Storage) return;
  const keys = [source, target].map(({ name }) => within(name, ""));
  const [from, to] = (onS3 ? keys : await Promise.all(paths.map(realFolder))) as [string, string];
  if (to !== from && to.startsWith(from)) {
    throw new UsageError(`Cannot copy ${source.label} to ${target.label}: the target is inside the source`);
  }
}

/** Whether two storages are the same bucket. */
export function isSameBucket(from: Storage, to: Storage): boolean {
  if (!(from instanceof S3Storage && to instanceof S3Storage)) return false;
  const place = ({ settings, bucketName }: S3Storage): string =>
    JSON.stringify([bucketName, settings.regionName, settings.endpointUrl?.href]);
  return place(from) === place(to);
}

/** Names the place of a missing file; errors of storages contain only the name in the storage. */
export function missing(error: unknown, label: string): never {
  throw isStorageError(error, "NotFound")
    ? new Failure(`Cannot copy ${label}: it does not exist`, { cause: error })
    : error;
}

/** The last part of a path, of a folder too. */
export function baseName(path: string): string {
  const parts = path.split("/").filter(Boolean);
  return parts.at(-1) ?? "";
}
