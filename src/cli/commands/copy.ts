import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { isStorageError } from "../../errors.ts";
import { S3Storage } from "../../s3/s3_storage.ts";
import { checkDescription } from "../../storage/checks/header_values.ts";
import type { Call, Command } from "../command.ts";
import { CopyProgress } from "../output/copy_progress.ts";
import { EXIT, Failure, UsageError } from "../output/failure.ts";
import { bytes, count, duration, printable } from "../output/format.ts";
import { SkippedEntries } from "../output/skipped_entries.ts";
import { findPlace, isS3, type Place, realFolder, within } from "../place.ts";
import { CONCURRENCY, copyFiles, type CopyJob, isSameBucket, isTaken, openFile, writeOptions } from "./copy_files.ts";

/** Copies files. */
export const copyCommand: Command = {
  name: "cp",
  usage: "FROM TO",
  summary: "Copy a file, or with -r a folder: to S3, from S3, or within S3.",
  details: "- means standard input or output. A file appears only when it is complete, and replaces a file of the " +
    "same name. With -r, links in a folder on disk are followed if they stay inside it; other links are reported and " +
    "skipped. Files that cannot be read, and names that the target does not allow, are reported, and the others are " +
    "copied.",
  takes: [2, 2],
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
    ["cp report.pdf s3://media/reports/", "To this folder, under the same name."],
    ["cp -r s3://media/uploads ./uploads", "A whole folder."],
    ["cp s3://media/data.json - | jq .", "To standard output."],
  ],
  run: runCopy,
};

async function runCopy(call: Call): Promise<number> {
  const [from, to] = call.args as [string, string];
  if (from === "-" && to === "-") throw new UsageError("cp accepts - for FROM or for TO, not for both");
  if ((from === "-" || to === "-") && call.options.has("recursive")) {
    throw new UsageError("-r cannot be combined with -");
  }
  checkDescription("Cannot copy", writeOptions(call.options));
  if (from === "-") return await fromStream(call, call.io.stdin, await findPlace(to, call.io));
  if (to !== "-" && await isPipe(from)) {
    const open = (): ReadableStream => Readable.toWeb(createReadStream(from)) as unknown as ReadableStream;
    return await fromStream(call, open, await findPlace(to, call.io));
  }
  const followLinks = call.options.has("follow-links") ? "anywhere" : "inside";
  const source = await findPlace(from, call.io, followLinks);
  if (to === "-") return await toOutput(call, source);
  return await copyPlace(call, source, await findPlace(to, call.io));
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

/** Names the place of a missing file; errors of storages contain only the name in the storage. */
function missing(error: unknown, label: string): never {
  throw isStorageError(error, "NotFound")
    ? new Failure(`Cannot copy ${label}: it does not exist`, { cause: error })
    : error;
}

async function copyPlace(call: Call, source: Place, target: Place): Promise<number> {
  const { io, screen, options } = call;
  const begun = performance.now();
  const progress = new CopyProgress();
  const skipped = new SkippedEntries();
  const isRecursive = options.has("recursive");
  if (isRecursive) await checkNotNested(source, target, call.args);
  screen.show((columns) => progress.line(columns));
  let done: number;
  let code: number = EXIT.done;
  try {
    const found = isRecursive ? folderJobs(source, target, skipped, io.signal) : fileJob(source, target, io.signal);
    // A link may lead to the target, whose copies would be listed again and again.
    const isOneDisk = !(source.storage instanceof S3Storage || target.storage instanceof S3Storage);
    const jobs = isOneDisk && options.has("follow-links") ? await allOf(found) : found;
    done = await copyFiles(call, source.storage, target.storage, jobs, progress);
  } finally {
    screen.end();
    if (skipped.report(screen) || progress.failed > 0) code = EXIT.failed;
  }
  if (options.has("quiet") || options.has("dry-run")) return code;
  const notCopied = (progress.existing > 0 ? `, ${progress.existing} already existing` : "") +
    (skipped.links > 0 ? `, ${count(skipped.links, "link")} skipped` : "");
  const mark = code === EXIT.done ? `${screen.paint("green", "✓", "stdout")} ` : "";
  await screen.report(
    `${mark}${count(done, "file")} copied${notCopied} · ${bytes(progress.bytes)} in ${
      duration(performance.now() - begun)
    }`,
  );
  return code;
}

/** Refuses a target inside the source, whose copies would be listed again and again. */
async function checkNotNested(source: Place, target: Place, args: readonly string[]): Promise<void> {
  const onS3 = source.storage instanceof S3Storage;
  if (onS3 ? !isSameBucket(source.storage, target.storage) : target.storage instanceof S3Storage) return;
  const keys = [source, target].map(({ name }) => within(name, ""));
  const [from, to] = (onS3 ? keys : await Promise.all(args.map(realFolder))) as [string, string];
  if (to !== from && to.startsWith(from)) {
    throw new UsageError(`Cannot copy ${source.label} to ${target.label}: the target is inside the source`);
  }
}

async function* fileJob(source: Place, target: Place, signal: AbortSignal): AsyncGenerator<CopyJob> {
  if (source.isFolder) {
    throw new UsageError(`Cannot copy ${source.label}: it is a folder, add -r to copy all its files`);
  }
  const { size } = await source.storage.stat(source.name, { signal }).catch((error) => missing(error, source.label));
  const own = source.name.slice(source.name.lastIndexOf("/") + 1);
  yield { from: source.name, to: target.isFolder ? within(target.name, own) : target.name, size };
}

async function* folderJobs(
  source: Place,
  target: Place,
  { add: onOmitted }: SkippedEntries,
  signal: AbortSignal,
): AsyncGenerator<CopyJob> {
  const prefix = within(source.name, "");
  let isEmpty = true;
  // With -r the target is a folder, even without a slash at its end.
  const folder = target.storage instanceof S3Storage || target.isFolder ? target.name : within(target.name, "");
  for await (const { name, size } of source.storage.list(source.name, { recursive: true, onOmitted, signal })) {
    isEmpty = false;
    yield { from: name, to: within(folder, name.slice(prefix.length)), size };
  }
  if (!isEmpty) return;
  if (source.isFolder) throw new Failure(`Cannot copy ${source.label}: it has no files`);
  yield* fileJob(source, target, signal); // the source may be a file
}

async function allOf(found: AsyncIterable<CopyJob>): Promise<CopyJob[]> {
  const jobs: CopyJob[] = [];
  for await (const job of found) jobs.push(job);
  return jobs;
}
