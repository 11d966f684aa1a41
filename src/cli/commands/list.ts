import { isStorageError } from "../../errors.ts";
import type { StorageEntry } from "../../storage/contract/entry.ts";
import type { Storage } from "../../storage/storage.ts";
import type { Call, Command } from "../command.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { bytes, json, printable } from "../output/format.ts";
import { SkippedEntries } from "../output/skipped_entries.ts";
import { findPlace, type Place } from "../place.ts";

/** Lists files and folders. */
export const listCommand: Command = {
  name: "ls",
  usage: "[PLACE]",
  summary: "List files and folders, in the order of the storage.",
  takes: [0, 1],
  options: {
    recursive: { short: "r", help: "Also list the files in all subfolders" },
    bytes: { help: "Show sizes in bytes" },
    json: { help: "Print one line of JSON for each entry" },
  },
  examples: [
    ["ls s3://media/uploads/", "The files and folders in this folder."],
    ["ls -r --json s3:", "Everything in the bucket and location of the AWS_* variables."],
  ],
  run: runList,
};

async function runList({ io, screen, args, options }: Call): Promise<number> {
  const place = await findPlace(args[0] ?? "s3:", io);
  const isExact = options.has("bytes");
  const skipped = new SkippedEntries();
  let found = 0;
  for await (const entry of entriesOf(place, options.has("recursive"), skipped, io.signal)) {
    found++;
    await screen.give(options.has("json") ? json(entry) : lineOf(entry, isExact));
  }
  skipped.report(screen);
  if (found === 0 && place.name !== "") throw new Failure(`No files found at ${place.label}`);
  return EXIT.done;
}

async function* entriesOf(
  { storage, name, isFolder }: Place,
  recursive: boolean,
  { add }: SkippedEntries,
  signal: AbortSignal,
): AsyncGenerator<StorageEntry> {
  if (!isFolder) yield* fileAt(storage, name, signal);
  yield* storage.list(name, { recursive, onOmitted: add, signal });
}

/** The file with exactly that name, beside a folder of the same name on S3. */
async function* fileAt(storage: Storage, name: string, signal: AbortSignal): AsyncGenerator<StorageEntry> {
  try {
    const { size, etag, modifiedTime } = await storage.stat(name, { signal });
    yield { kind: "file", name, size, etag, modifiedTime };
  } catch (error) {
    // Keys that may only list cannot stat.
    if (!isStorageError(error, "NotFound") && !isStorageError(error, "PermissionDenied")) throw error;
  }
}

function lineOf(entry: StorageEntry, isExact: boolean): string {
  const width = isExact ? 14 : 8;
  if (entry.kind === "directory") return `${" ".repeat(TIME_COLUMNS + 2 + width)}  ${printable(entry.name)}/`;
  const { modifiedTime } = entry;
  const isKnown = !Number.isNaN(modifiedTime.getTime()); // some services omit it
  const time = isKnown ? modifiedTime.toISOString().slice(0, TIME_COLUMNS).replace("T", " ") : " ".repeat(TIME_COLUMNS);
  const size = isExact ? String(entry.size) : bytes(entry.size);
  return `${time}  ${size.padStart(width)}  ${printable(entry.name)}`;
}

/** The length of `2026-01-31 23:59`, in UTC. */
const TIME_COLUMNS = 16;
