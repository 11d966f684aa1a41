import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { resolve } from "@std/path";
import { S3Storage } from "../../s3/s3_storage.ts";
import { checkDescription } from "../../storage/checks/header_values.ts";
import type { Call, Command } from "../command.ts";
import { CopyProgress } from "../output/copy_progress.ts";
import { EXIT, explain, Failure, UsageError } from "../output/failure.ts";
import { bytes, count, duration, printable } from "../output/format.ts";
import { SkippedEntries } from "../output/skipped_entries.ts";
import { findPlace, isS3, type Place, within } from "../place.ts";
import { CONCURRENCY, copyFiles, isTaken, openFile, writeOptions } from "./copy_files.ts";
import { baseName, checkNotNested, type CopyPlaces, fileJob, folderJobs, missing } from "./copy_jobs.ts";

/** Copies files. */
export const copyCommand: Command = {
  name: "cp",
  usage: "FROM... TO",
  summary: "Copy files, or with -r folders: to S3, from S3, or within S3.",
  details:
    "With -r the files of a folder are copied into TO, whether or not TO exists. Several folders are copied into " +
    "folders of their own names in TO. - means standard input or output. A file appears only when it is complete, and replaces a file of the " +
    "same name. With -r, links in a folder on disk are followed if they stay inside it; other links are reported and " +
    "skipped. Files that cannot be read, and names that the target does not allow, are reported, and the others are " +
    "copied.",
  takes: [2, Infinity],
  options: {
    recursive: { short: "r", help: "Copy all files in the folder" },
    "follow-links": { help: "With -r, also follow links out of the folder" },
    "no-clobber": { help: "Do not replace existing files" },
    "content-type": { value: "TYPE", help: "The media type to store; by default guessed from the name" },
    "cache-control": { value: "TEXT", help: "The Cache-Control header to store, such as max-age=3600" },
    concurrency: { value: "N", help: `Files copied at the same time, with -r (up to ${CONCURRENCY})` },
    "dry-run": { short: "n", help: "Copy nothing, print what would be copied" },
    verbose: { short: "v", help: "Print each file that is copied" },
  },
  examples: [
    ["cp report.pdf *.csv s3://media/reports/", "To this folder, under the same names."],
    ["cp -r s3://media/uploads ./uploads", "A whole folder."],
    ["cp s3://media/data.json - | jq .", "To standard output."],
  ],
  run: runCopy,
};

async function runCopy(call: Call): Promise<number> {
  const [from, ...others] = call.args.slice(0, -1) as [string, ...string[]];
  const to = call.args.at(-1)!;
  if (others.length > 0 && call.args.includes("-")) throw new UsageError("- cannot be combined with several places");
  if (from === "-" && to === "-") throw new UsageError("cp accepts - for FROM or for TO, not for both");
  if ((from === "-" || to === "-") && call.options.has("recursive")) {
    throw new UsageError("-r cannot be combined with -");
  }
  try {
    checkDescription("Cannot copy", writeOptions(call.options));
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
  if (from === "-") return await fromStream(call, call.io.stdin, await findPlace(to, call.io));
  if (others.length === 0 && to !== "-" && await isPipe(from)) {
    const open = (): ReadableStream => Readable.toWeb(createReadStream(from)) as unknown as ReadableStream;
    return await fromStream(call, open, await findPlace(to, call.io));
  }
  const followLinks = call.options.has("follow-links") ? "anywhere" : "inside";
  const sources = await Promise.all([from, ...others].map((place) => findPlace(place, call.io, followLinks)));
  if (to === "-") return await toOutput(call, sources[0]!);
  const target = await findPlace(to, call.io);
  if (others.length > 0 && !target.isFolder) {
    throw new UsageError(`Cannot copy several places to ${target.label}: it must be a folder, add a slash at its end`);
  }
  return await copyPlaces(call, sources, target);
}

/** Whether a place is a pipe, such as `<(…)` of a shell, or another file without a size. */
async function isPipe(place: string): Promise<boolean> {
  const stats = isS3(place) ? undefined : await stat(place).catch(() => undefined);
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}

async function fromStream(
  { io, screen, args, options }: Call,
  open: () => ReadableStream,
  place: Place,
): Promise<number> {
  const { storage, name, label, isFolder } = place;
  const { signal } = io;
  if (isFolder) throw new UsageError(`Cannot store standard input or a pipe in ${label}: add a file name`);
  if (options.has("no-clobber") && await storage.exists(name, { signal })) {
    screen.note(`Skipped ${label}: it already exists`);
    return EXIT.done;
  }
  if (options.has("dry-run")) {
    await screen.give(`copy  ${printable(args[0]!)} → ${label}`);
    return EXIT.done;
  }
  try {
    await storage.save(name, open(), {
      ...writeOptions(options),
      onExisting: options.has("no-clobber") ? "refuse" : "replace",
      deleteOnAbort: false,
      signal,
    });
  } catch (error) {
    if (!isTaken(error, options)) throw error;
    screen.note(`Skipped ${label}: it already exists`); // it was stored meanwhile
  }
  return EXIT.done;
}

async function toOutput({ io, screen, options }: Call, { storage, name, label, isFolder }: Place): Promise<number> {
  if (isFolder) throw new UsageError(`Cannot write ${label} to standard output: it is a folder`);
  if (options.has("dry-run")) throw new UsageError("--dry-run cannot be combined with standard output");
  const file = await openFile(storage, name, io.signal).catch((error) => missing(error, label));
  for await (const chunk of file) await screen.give(chunk);
  return EXIT.done;
}

async function copyPlaces(call: Call, sources: readonly Place[], target: Place): Promise<number> {
  const { screen, options } = call;
  const begun = performance.now();
  const progress = new CopyProgress();
  const skipped = new SkippedEntries();
  if (options.has("recursive")) {
    const to = call.args.at(-1)!;
    for (const [index, source] of sources.entries()) await checkNotNested({ source, target }, [call.args[index]!, to]);
  }
  screen.show((columns) => progress.line(columns));
  let code: number = EXIT.done;
  try {
    for (const source of sources) {
      try {
        await copyPlace(call, { source, target: ownFolder(call, sources, source, target) }, progress, skipped);
      } catch (error) {
        if (sources.length === 1 || !(error instanceof Failure)) throw error;
        screen.error(explain(error));
        progress.fail();
      }
    }
  } finally {
    screen.end();
    if (skipped.report(screen) || progress.failed > 0) code = EXIT.failed;
  }
  if (options.has("quiet") || options.has("dry-run")) return code;
  const notCopied = (progress.existing > 0 ? `, ${progress.existing} already existing` : "") +
    (skipped.links > 0 ? `, ${count(skipped.links, "link")} skipped` : "");
  const mark = code === EXIT.done ? `${screen.paint("green", "✓", "stdout")} ` : "";
  await screen.report(
    `${mark}${count(progress.copied, "file")} copied${notCopied} · ${bytes(progress.bytes)} in ${
      duration(performance.now() - begun)
    }`,
  );
  return code;
}

/** The target of one of several sources: a folder keeps its name there. */
function ownFolder(call: Call, sources: readonly Place[], source: Place, target: Place): Place {
  if (sources.length === 1 || !call.options.has("recursive") || !source.isFolder) return target;
  const own = baseName(
    source.storage instanceof S3Storage ? source.name : resolve(call.args[sources.indexOf(source)]!),
  );
  return own === "" ? target : { ...target, name: `${within(target.name, own)}/` };
}

async function copyPlace(
  call: Call,
  places: CopyPlaces,
  progress: CopyProgress,
  skipped: SkippedEntries,
): Promise<void> {
  const { io: { signal }, screen, options } = call;
  const onProblem = (message: string): void => {
    screen.error(message);
    progress.fail();
  };
  const [from, to] = [places.source.storage, places.target.storage];
  const found = options.has("recursive")
    ? folderJobs(places, { onOmitted: skipped.add, onProblem, signal })
    : fileJob(places, signal);
  // A link may lead to the target, whose copies would be listed again and again.
  const isOneDisk = !(from instanceof S3Storage || to instanceof S3Storage);
  const jobs = isOneDisk && options.has("follow-links") ? await Array.fromAsync(found) : found;
  await copyFiles(call, from, to, jobs, progress);
}
