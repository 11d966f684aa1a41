import { isStorageError } from "../../errors.ts";
import { deleteAll } from "../../storage/delete_all.ts";
import type { Call, Command } from "../command.ts";
import { confirm, CONFIRM_OPTIONS } from "../output/confirm.ts";
import { EXIT, explain, Failure, OutputClosed, UsageError } from "../output/failure.ts";
import { bytes, count, duration } from "../output/format.ts";
import { LeftOut } from "../output/skipped_entries.ts";
import { findPlace, isS3, labelOf, type Place } from "../place.ts";

/** Removes objects. */
export const removeCommand: Command = {
  name: "rm",
  usage: "PLACE...",
  summary: "Remove objects. On disk, use the system's own rm.",
  details: "What cannot be removed is told, and the other places are gone on with.",
  takes: [1, Infinity],
  options: {
    recursive: { short: "r", help: "Remove all that is in the folder; asks first" },
    force: { short: "f", help: "What is not there counts as removed" },
    "dry-run": { short: "n", help: "Remove nothing, show what would be" },
    ...CONFIRM_OPTIONS,
  },
  examples: [
    ["rm s3://media/uploads/a.txt", "Removes one object."],
    ["rm -r --yes s3://media/old/", "Removes a folder without asking."],
  ],
  run: runRemove,
};

async function runRemove(call: Call): Promise<number> {
  const { io, screen, given, options } = call;
  const { signal } = io;
  const disk = given.find((place) => !isS3(place));
  if (disk !== undefined) throw new UsageError(`rm removes objects on S3: "${disk}" is a path on disk`);
  const places = await Promise.all(given.map((place) => findPlace(place, io)));
  const isRecursive = options.has("recursive");
  const folder = places.find(({ isFolder }) => isFolder);
  if (folder !== undefined && !isRecursive) {
    throw new UsageError(`${folder.label} is a folder: add -r to remove all in it`);
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
  await checkThere(place, call);
  if (options.has("dry-run")) await screen.give(`remove  ${place.label}`);
  else await place.storage.delete(place.name, { signal });
  return 1;
}

/** S3 says nothing of what is not there; who mistyped a name should hear of it. */
async function checkThere({ storage, name, label }: Place, { io, options }: Call): Promise<void> {
  if (options.has("force")) return;
  try {
    await storage.stat(name, { signal: io.signal });
  } catch (error) {
    if (isStorageError(error, "NotFound")) throw new Failure(`There is no ${label}`);
    if (!isStorageError(error, "PermissionDenied")) throw error; // who may only remove cannot look
  }
}

async function removeAll(place: Place, call: Call): Promise<number> {
  const { io: { signal }, screen, options } = call;
  const { storage, name, label } = place;
  const leftOut = new LeftOut();
  const names: string[] = [];
  let size = 0;
  screen.show(() => `Looking  ${count(names.length, "object")}`);
  for await (const entry of storage.list(name, { recursive: true, onLeftOut: leftOut.add, signal })) {
    names.push(entry.name);
    size += entry.size;
  }
  screen.end();
  names.push(...leftOut.markers); // else the folder would still be there for the programs that made them
  const isOther = leftOut.tell(screen);
  if (names.length === 0) {
    if (isOther) throw new Failure(`Nothing else is in ${label}`);
    if (!place.isFolder) return await removeOne(place, call); // it may be a file itself
    if (options.has("force")) return 0;
    throw new Failure(`There is nothing in ${label}`);
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
    throw new Failure(`Not all of ${objects} could be removed: ${explain(error)}`);
  } finally {
    screen.end();
  }
  if (isOther) throw new Failure(`${objects} removed, but not all that is in ${label}`);
  return names.length;
}
