import { isStorageError } from "../../errors.ts";
import type { StorageEntry } from "../../storage/contract/entry.ts";
import type { Call, Command } from "../command.ts";
import { EXIT, Failure } from "../output/failure.ts";
import { bytes, json, printable } from "../output/format.ts";
import { LeftOut } from "../output/skipped_entries.ts";
import { findPlace, type Place } from "../place.ts";

/** Lists files and folders. */
export const listCommand: Command = {
  name: "ls",
  usage: "[PLACE]",
  summary: "List files and folders, as they come.",
  takes: [0, 1],
  options: {
    recursive: { short: "r", help: "List the files of all folders below, too" },
    bytes: { help: "Show sizes in bytes" },
    json: { help: "Give a line of JSON for each" },
  },
  examples: [
    ["ls s3://media/uploads/", "The files and folders there."],
    ["ls -r --json s3:", "Everything in the bucket and location of the AWS_* variables."],
  ],
  run: runList,
};

async function runList({ io, screen, given, options }: Call): Promise<number> {
  const place = await findPlace(given[0] ?? "s3:", io);
  const isExact = options.has("bytes");
  const leftOut = new LeftOut();
  let found = 0;
  for await (const entry of entriesOf(place, options.has("recursive"), leftOut, io.signal)) {
    found++;
    await screen.give(options.has("json") ? json(entry) : lineOf(entry, isExact));
  }
  leftOut.tell(screen);
  if (found === 0 && place.name !== "") throw new Failure(`There is nothing at ${place.label}`);
  return EXIT.done;
}

async function* entriesOf(
  { storage, name, isFolder }: Place,
  recursive: boolean,
  { add }: LeftOut,
  signal: AbortSignal,
): AsyncGenerator<StorageEntry> {
  let found = false;
  for await (const entry of storage.list(name, { recursive, onLeftOut: add, signal })) {
    found = true;
    yield entry;
  }
  if (found || isFolder) return;
  // It may be a file itself.
  try {
    const { size, etag, modifiedTime } = await storage.stat(name, { signal });
    yield { kind: "file", name, size, etag, modifiedTime };
  } catch (error) {
    if (!isStorageError(error, "NotFound")) throw error;
  }
}

function lineOf(entry: StorageEntry, isExact: boolean): string {
  const width = isExact ? 14 : 8;
  if (entry.kind === "directory") return `${" ".repeat(TIME_COLUMNS + 2 + width)}  ${printable(entry.name)}/`;
  const { modifiedTime } = entry;
  const isKnown = !Number.isNaN(modifiedTime.getTime()); // a service may leave it out
  const time = isKnown ? modifiedTime.toISOString().slice(0, TIME_COLUMNS).replace("T", " ") : " ".repeat(TIME_COLUMNS);
  const size = isExact ? String(entry.size) : bytes(entry.size);
  return `${time}  ${size.padStart(width)}  ${printable(entry.name)}`;
}

/** As long as `2026-01-31 23:59`, in UTC. */
const TIME_COLUMNS = 16;
