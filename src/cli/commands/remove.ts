import { isStorageError } from "../../errors.ts";
import { deleteAll } from "../../storage/delete_all.ts";
import type { Call, Command } from "../command.ts";
import { confirm, CONFIRM_OPTIONS } from "../confirm.ts";
import { EXIT, Failure, UsageError } from "../failure.ts";
import { bytes, count, duration } from "../format.ts";
import { findPlace, isS3, labelOf, type Place } from "../place.ts";

/** Removes objects. */
export const removeCommand: Command = {
  name: "rm",
  usage: "PLACE...",
  summary: "Remove objects. On disk, use the system's own rm.",
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
  for (const place of places) {
    if (!isRecursive) {
      await checkThere(place, call);
      if (!options.has("dry-run")) await place.storage.delete(place.name, { signal });
      else await screen.give(`remove  ${place.label}`);
      removed++;
      continue;
    }
    removed += await removeAll(place, call);
  }
  if (!options.has("quiet") && !options.has("dry-run")) {
    await screen.give(
      `${screen.paint("green", "✓", "stdout")} ${count(removed, "object")} removed in ${
        duration(performance.now() - begun)
      }`,
    );
  }
  return EXIT.done;
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
  const names: string[] = [];
  let size = 0;
  screen.show(() => `Looking  ${count(names.length, "object")}`);
  for await (const entry of storage.list(name, { recursive: true, signal })) {
    names.push(entry.name);
    size += entry.size;
    if (options.has("dry-run")) await screen.give(`remove  ${labelOf(storage, entry.name)}`);
  }
  screen.end();
  if (names.length === 0) {
    if (options.has("force")) return 0;
    throw new Failure(`There is nothing in ${label}`);
  }
  if (options.has("dry-run")) return names.length;
  await confirm(call, `Remove ${count(names.length, "object")} (${bytes(size)}) from ${label}?`);
  screen.show(() => `Removing  ${count(names.length, "object")}`);
  try {
    await deleteAll(storage, names, signal);
  } finally {
    screen.end();
  }
  return names.length;
}
