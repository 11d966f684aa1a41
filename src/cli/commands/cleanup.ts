import { stat } from "node:fs/promises";
import { S3Storage } from "../../s3/s3_storage.ts";
import type { LocalStorage } from "../../storage/local/local_storage.ts";
import type { Call, Command } from "../command.ts";
import { EXIT, explain, Failure, OutputClosed, UsageError } from "../output/failure.ts";
import { bytes, count, duration, printable } from "../output/format.ts";
import { findPlace, isS3, labelOf, type Place } from "../place.ts";

/** Frees the space of interrupted writes. */
export const cleanupCommand: Command = {
  name: "cleanup",
  usage: "PLACE...",
  summary: "Abort incomplete uploads on S3, and delete incomplete files on disk.",
  details:
    "Killed processes leave them. A place on disk is the folder of a LocalStorage, or one that cp or collect wrote " +
    "to: only files with names that a LocalStorage creates are deleted. A file that a process is writing is kept " +
    "if the age is more than two hours.",
  takes: [1, Infinity],
  options: {
    "older-than": { value: "AGE", help: "The least age, such as 12h or 7d (default: 1d)" },
    "dry-run": { short: "n", help: "Change nothing, print what would be aborted or deleted" },
  },
  examples: [
    ["cleanup s3://media/", "Aborts the uploads in the bucket that are older than a day."],
    ["cleanup --older-than 7d ./media", "Deletes the incomplete files of a week ago."],
  ],
  run: runCleanup,
};

async function runCleanup(call: Call): Promise<number> {
  const { io, screen, args, options } = call;
  options.seconds("older-than"); // reported before anything changes
  const places = await Promise.all(args.map((place) => folderPlace(place, call)));
  let failed = 0;
  for (const place of places) {
    try {
      await (place.storage instanceof S3Storage ? abortUploads(place, call) : deleteFiles(place, call));
    } catch (error) {
      if (io.signal.aborted || error instanceof UsageError || error instanceof OutputClosed) throw error;
      screen.error(`Cannot clean up ${place.label}: ${explain(error)}`);
      failed++;
    }
  }
  return failed > 0 ? EXIT.failed : EXIT.done;
}

/** @throws {Failure} If a place on disk is not a folder. */
async function folderPlace(text: string, { io }: Call): Promise<Place> {
  const place = await findPlace(text, io);
  if (isS3(text) || (await stat(text).catch(() => undefined))?.isDirectory()) return place;
  throw new Failure(`Cannot clean up ${place.label}: it is not a folder`);
}

async function abortUploads({ storage, name }: Place, call: Call): Promise<void> {
  const begun = performance.now();
  const options = commonOptions(call);
  const { uploads } = (storage as S3Storage).with({ location: name });
  const aborted = await uploads.abortIncomplete(options);
  if (options.dryRun) {
    for (const { key, uploadId } of aborted) {
      await call.screen.give(`abort   ${labelOf(storage, key)}  ${printable(uploadId)}`);
    }
  } else await report(call, `${count(aborted.length, "incomplete upload")} aborted`, begun);
}

async function deleteFiles({ storage }: Place, call: Call): Promise<void> {
  const begun = performance.now();
  const options = commonOptions(call);
  const deleted = await (storage as LocalStorage).deleteIncomplete(options);
  if (options.dryRun) {
    for (const { path } of deleted) await call.screen.give(`delete  ${printable(path)}`);
    return;
  }
  const size = bytes(deleted.reduce((sum, { size }) => sum + size, 0));
  await report(call, `${count(deleted.length, "incomplete file")} deleted (${size})`, begun);
}

function commonOptions({ io, options }: Call): { signal: AbortSignal; olderThanSeconds?: number; dryRun: boolean } {
  const olderThanSeconds = options.seconds("older-than");
  return {
    signal: io.signal,
    dryRun: options.has("dry-run"),
    ...(olderThanSeconds === undefined ? {} : { olderThanSeconds }),
  };
}

async function report({ screen, options }: Call, what: string, begun: number): Promise<void> {
  if (options.has("quiet")) return;
  await screen.report(`${screen.paint("green", "✓", "stdout")} ${what} in ${duration(performance.now() - begun)}`);
}
