import { isStorageError } from "../../errors.ts";
import { deleteAll } from "../../storage/operations/delete_all.ts";
import type { Call, Command } from "../command.ts";
import { confirm, CONFIRM_OPTIONS } from "../output/confirm.ts";
import { EXIT, explain, Failure, OutputClosed, UsageError } from "../output/failure.ts";
import { bytes, count, duration } from "../output/format.ts";
import { SkippedEntries } from "../output/skipped_entries.ts";
import { sizeOf } from "./copy_jobs.ts";
import { findPlace, labelOf, type Place, requireS3 } from "../place.ts";

/** Removes objects. */
export const removeCommand: Command = {
  name: "rm",
  usage: "PLACE...",
  summary: "Remove objects on S3. On disk, use the rm of the system.",
  details: "Failures are reported, and the remaining places are still processed.",
  takes: [1, Infinity],
  options: {
    recursive: { short: "r", help: "Remove all objects in the folder; asks first" },
    force: { short: "f", help: "Ignore missing objects" },
    "dry-run": { short: "n", help: "Remove nothing, print what would be removed" },
    ...CONFIRM_OPTIONS,
  },
  examples: [
    ["rm s3://media/uploads/a.txt", "Removes one object."],
    ["rm -r --yes s3://media/old/", "Removes a folder without asking."],
  ],
  run: runRemove,
};

async function runRemove(call: Call): Promise<number> {
  const { io, screen, args, options } = call;
  const { signal } = io;
  for (const place of args) requireS3(place, "rm");
  const places = await Promise.all(args.map((place) => findPlace(place, io)));
  const isRecursive = options.has("recursive");
  const folder = places.find(({ isFolder }) => isFolder);
  if (folder !== undefined && !isRecursive) {
    throw new UsageError(`Cannot remove ${folder.label}: it is a folder, add -r to remove all its objects`);
  }
  const begun = performance.now();
  let removed = 0;
  let failed = 0;
  for (const place of places) {
    try {
      removed += isRecursive ? await removeAll(place, call) : await removeOne(place, call);
    } catch (error) {
      if (signal.aborted || error instanceof UsageError || error instanceof OutputClosed) throw error;
      screen.error(explain(error));
      failed++;
    }
  }
  if (!options.has("quiet") && !options.has("dry-run") && failed < places.length) {
    const mark = failed > 0 ? "" : `${screen.paint("green", "✓", "stdout")} `;
    await screen.report(`${mark}${count(removed, "object")} removed in ${duration(performance.now() - begun)}`);
  }
  return failed > 0 ? EXIT.failed : EXIT.done;
}

async function removeOne(place: Place, call: Call): Promise<number> {
  const { io: { signal }, screen, options } = call;
  if (!await isThere(place, call)) return 0;
  if (options.has("dry-run")) await screen.give(`remove  ${place.label}`);
  else await place.storage.delete(place.name, { signal });
  return 1;
}

/**
 * Whether an object exists, which S3 does not tell when it deletes one.
 *
 * @throws {Failure} If it does not, and --force is not given: the name may be mistyped.
 */
async function isThere(place: Place, { io: { signal }, options }: Call): Promise<boolean> {
  const { storage, name, label } = place;
  try {
    await storage.stat(name, { signal });
    return true;
  } catch (error) {
    if (isStorageError(error, "PermissionDenied")) return true; // keys that may only delete cannot stat
    if (!isStorageError(error, "NotFound")) throw error;
  }
  if (options.has("force")) return false;
  if (!options.has("recursive") && await isFolder(place, signal)) {
    throw new Failure(`Cannot remove ${label}: it is a folder, add -r to remove all its objects`);
  }
  throw new Failure(`Cannot remove ${label}: it does not exist`);
}

async function isFolder({ storage, name }: Place, signal: AbortSignal): Promise<boolean> {
  try {
    for await (const _ of storage.list(name, { signal })) return true;
  } catch (error) {
    if (!isStorageError(error, "PermissionDenied")) throw error;
  }
  return false;
}

async function removeAll(place: Place, call: Call): Promise<number> {
  const { io: { signal }, screen, options } = call;
  const { storage, name, label } = place;
  const skipped = new SkippedEntries();
  const names: string[] = [];
  let size = 0;
  screen.show(() => `Listing  ${count(names.length, "object")}`);
  for await (const entry of storage.list(name, { recursive: true, onOmitted: skipped.add, signal })) {
    names.push(entry.name);
    size += entry.size;
  }
  const own = names.length === 0 || place.isFolder ? undefined : await sizeOf(place, signal);
  if (own !== undefined) { // an object of the same name as the folder
    names.push(name);
    size += own;
  }
  screen.end();
  names.push(...skipped.markers); // else consoles would still show the folder
  const hasOthers = skipped.report(screen);
  if (names.length === 0) {
    if (hasOthers) throw new Failure(`Cannot remove ${label}: it has only names that were skipped`);
    if (!place.isFolder) return await removeOne(place, call); // the place may be a file
    if (options.has("force")) return 0;
    throw new Failure(`Cannot remove ${label}: it has no objects`);
  }
  if (options.has("dry-run")) {
    for (const name of names) await screen.give(`remove  ${labelOf(storage, name)}`);
    return names.length;
  }
  const objects = count(names.length, "object");
  await confirm(call, `Remove ${objects} (${bytes(size)}) from ${label}?`);
  screen.show(() => `Removing  ${objects}`);
  try {
    await deleteAll(storage, names, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new Failure(`Cannot remove all of ${objects}: ${explain(error)}`);
  } finally {
    screen.end();
  }
  if (hasOthers) throw new Failure(`Removed ${objects} from ${label}, but not the names that were skipped`);
  return names.length;
}
