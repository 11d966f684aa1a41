import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { isStorageError } from "../../errors.ts";
import { anySignal } from "../../kit/async/any_signal.ts";
import { Pool } from "../../kit/async/pool.ts";
import { S3Storage } from "../../s3/s3_storage.ts";
import type { DownloadOptions } from "../../s3/download_options.ts";
import type { BinaryFile } from "../../storage/files/binary_file.ts";
import { checkDescription } from "../../storage/contract/header_values.ts";
import type { ReadOptions, TransferProgress, WriteOptions } from "../../storage/contract/options.ts";
import type { Storage } from "../../storage/storage.ts";
import type { Settings } from "../../settings/resolve.ts";
import type { Call, Command } from "../command.ts";
import { CopyProgress } from "../output/copy_progress.ts";
import { EXIT, explain, Failure, UsageError } from "../output/failure.ts";
import { bytes, count, duration, printable } from "../output/format.ts";
import { LeftOut } from "../output/skipped_entries.ts";
import { findPlace, isS3, labelOf, type Place, realFolder, within } from "../place.ts";

/** Files under way at once, where nothing else is said. */
const CONCURRENCY = 8;

/** Copies files. */
export const copyCommand: Command = {
  name: "cp",
  usage: "FROM TO",
  summary: "Copy a file, or with -r a folder: to S3, from S3, or within it.",
  details: "- stands for standard input or output. A file appears once all of it is there, and files of the " +
    "same name are replaced. With -r, links in a folder on disk are followed as long as they lead to something in it, " +
    "and the others are told and left out. A file that cannot be read, or a name that the target cannot have, is told, " +
    "and the others are copied.",
  takes: [2, 2],
  options: {
    recursive: { short: "r", help: "Copy all that is in the folder" },
    "follow-links": { help: "Follow links out of the folder, too, with -r" },
    "no-clobber": { help: "Leave files alone that are there already" },
    "content-type": { value: "TYPE", help: "The media type to store with; a guess from the name" },
    "cache-control": { value: "TEXT", help: "How long it may be cached: max-age=3600" },
    concurrency: { value: "N", help: `Files under way at once, with -r (${CONCURRENCY})` },
    "dry-run": { short: "n", help: "Copy nothing, show what would be" },
    verbose: { short: "v", help: "Name each file that is copied" },
  },
  examples: [
    ["cp report.pdf s3://media/reports/", "Into that folder, under its own name."],
    ["cp -r s3://media/uploads ./uploads", "A folder, as it is."],
    ["cp s3://media/data.json - | jq .", "To standard output."],
  ],
  run: runCopy,
};

async function runCopy(call: Call): Promise<number> {
  const [from, to] = call.given as [string, string];
  if (from === "-" && to === "-") throw new UsageError("cp takes - for one of its places, not for both");
  if ((from === "-" || to === "-") && call.options.has("recursive")) throw new UsageError("-r is not for -");
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

/** Whether a place is what shells make of `<(…)`, or another file without a size. */
async function isPipe(place: string): Promise<boolean> {
  const stats = isS3(place) ? undefined : await stat(place).catch(() => undefined);
  return stats !== undefined && !stats.isFile() && !stats.isDirectory();
}

async function fromStream(
  { io, screen, given, options }: Call,
  open: () => ReadableStream,
  place: Place,
): Promise<number> {
  const { storage, name, label, isFolder } = place;
  const { signal } = io;
  if (isFolder) throw new UsageError("What comes from standard input, or a pipe, needs a name: add one to the folder");
  if (options.has("no-clobber") && await storage.exists(name, { signal })) {
    screen.note(`${label} is left alone`);
    return EXIT.done;
  }
  if (options.has("dry-run")) {
    await screen.give(`copy  ${printable(given[0]!)} → ${label}`);
    return EXIT.done;
  }
  try {
    await storage.save(name, open(), { ...writeOptions(options), ...conflicts(options), removeOnAbort: false, signal });
  } catch (error) {
    if (!isTaken(error, options)) throw error;
    screen.note(`${label} is left alone`); // it was stored meanwhile
  }
  return EXIT.done;
}

async function toOutput({ io, screen, options }: Call, { storage, name, label, isFolder }: Place): Promise<number> {
  if (isFolder) throw new UsageError(`${label} is a folder: standard output takes one file`);
  if (options.has("dry-run")) throw new UsageError("--dry-run is not for standard output");
  const file = await openFile(storage, name, io.signal).catch((error) => missing(error, label));
  for await (const chunk of file) await screen.give(chunk);
  return EXIT.done;
}

/** Storages call a file by its name alone. */
function missing(error: unknown, label: string): never {
  throw isStorageError(error, "NotFound") ? new Failure(`There is no ${label}`, { cause: error }) : error;
}

/** A file on its way. */
interface Job {
  readonly from: string;
  readonly to: string;
  readonly size: number;
}

async function copyPlace(call: Call, source: Place, target: Place): Promise<number> {
  const { io, screen, options } = call;
  const begun = performance.now();
  const progress = new CopyProgress();
  const leftOut = new LeftOut();
  const isRecursive = options.has("recursive");
  if (isRecursive) await checkApart(source, target, call.given);
  screen.show((columns) => progress.line(columns));
  let done: number;
  let code: number = EXIT.done;
  try {
    const found = isRecursive ? folderJobs(source, target, leftOut, io.signal) : fileJob(source, target, io.signal);
    // A link may lead to where the files go: what is copied there would be found without end.
    const isOneDisk = !(source.storage instanceof S3Storage || target.storage instanceof S3Storage);
    const jobs = isOneDisk && options.has("follow-links") ? await allOf(found) : found;
    done = await copyAll(call, source.storage, target.storage, jobs, progress);
  } finally {
    screen.end();
    if (leftOut.tell(screen) || progress.refused > 0) code = EXIT.failed;
  }
  if (options.has("quiet") || options.has("dry-run")) return code;
  const skipped = (progress.skipped > 0 ? `, ${progress.skipped} left alone` : "") +
    (leftOut.links > 0 ? `, ${count(leftOut.links, "link")} left out` : "");
  const mark = code === EXIT.done ? `${screen.paint("green", "✓", "stdout")} ` : "";
  await screen.report(
    `${mark}${count(done, "file")} copied${skipped} · ${bytes(progress.bytes)} in ${
      duration(performance.now() - begun)
    }`,
  );
  return code;
}

/** A folder in itself would be found again while it is copied, without end. */
async function checkApart(source: Place, target: Place, given: readonly string[]): Promise<void> {
  const onS3 = source.storage instanceof S3Storage;
  if (onS3 ? !isSameBucket(source.storage, target.storage) : target.storage instanceof S3Storage) return;
  const keys = [source, target].map(({ name }) => within(name, ""));
  const [from, to] = (onS3 ? keys : await Promise.all(given.map(realFolder))) as [string, string];
  if (to !== from && to.startsWith(from)) throw new UsageError(`${target.label} is in ${source.label} itself`);
}

async function* fileJob(source: Place, target: Place, signal: AbortSignal): AsyncGenerator<Job> {
  if (source.isFolder) throw new UsageError(`${source.label} is a folder: add -r to copy all in it`);
  const { size } = await source.storage.stat(source.name, { signal }).catch((error) => missing(error, source.label));
  const own = source.name.slice(source.name.lastIndexOf("/") + 1);
  yield { from: source.name, to: target.isFolder ? within(target.name, own) : target.name, size };
}

async function* folderJobs(
  source: Place,
  target: Place,
  { add: onLeftOut }: LeftOut,
  signal: AbortSignal,
): AsyncGenerator<Job> {
  const prefix = within(source.name, "");
  let isEmpty = true;
  // With -r the target is a folder, whatever it looks like.
  const folder = target.storage instanceof S3Storage || target.isFolder ? target.name : within(target.name, "");
  for await (const { name, size } of source.storage.list(source.name, { recursive: true, onLeftOut, signal })) {
    isEmpty = false;
    yield { from: name, to: within(folder, name.slice(prefix.length)), size };
  }
  if (!isEmpty) return;
  if (source.isFolder) throw new Failure(`There is nothing in ${source.label} to copy`);
  yield* fileJob(source, target, signal); // it may be a file itself
}

async function allOf(found: AsyncIterable<Job>): Promise<Job[]> {
  const jobs: Job[] = [];
  for await (const job of found) jobs.push(job);
  return jobs;
}

async function copyAll(
  { io, screen, options }: Call,
  from: Storage,
  to: Storage,
  jobs: AsyncIterable<Job> | Iterable<Job>,
  progress: CopyProgress,
): Promise<number> {
  const stop = new AbortController();
  const signal = anySignal(io.signal, stop.signal);
  const pool = new Pool(options.number("concurrency", 1, 1000) ?? CONCURRENCY, (reason) => stop.abort(reason));
  let done = 0;
  try {
    for await (const job of jobs) {
      progress.found(job.size);
      await pool.add(async () => {
        if (options.has("no-clobber") && await to.exists(job.to, { signal })) {
          progress.skip(job.size);
          return;
        }
        const line = `${labelOf(from, job.from)} → ${labelOf(to, job.to)}`;
        try {
          if (!options.has("dry-run")) await copyFile(from, to, job, options, signal, progress);
        } catch (error) {
          if (isTaken(error, options)) return progress.skip(job.size);
          if (!options.has("recursive") || !isOfOneFile(error, to)) throw error;
          screen.error(explain(error));
          progress.refuse();
          return;
        }
        if (options.has("dry-run")) await screen.give(`copy  ${line}`);
        else if (options.has("verbose")) await screen.report(`copy  ${line}`);
        done++;
        progress.finish();
      });
    }
    await pool.drain();
  } catch (error) {
    stop.abort(error);
    await pool.drain().catch(() => {});
    throw error;
  }
  return done;
}

/** Whether others may be copied all the same: what is wrong is a name, or a file that is gone, or cannot be read or stored. */
function isOfOneFile(error: unknown, to: Storage): boolean {
  // On disk some names are for the storage itself, and none is for a file and a folder at once.
  if (isStorageError(error, "SuspiciousName") || isStorageError(error, "NotSupported")) return true;
  if (isStorageError(error, "NotFound")) return error.s3Code !== "NoSuchBucket";
  if (!(to instanceof S3Storage)) return false;
  // What describes a file may be what no header can carry; the options were checked before.
  return error instanceof TypeError || (error as { code?: string }).code === "EACCES";
}

async function copyFile(
  from: Storage,
  to: Storage,
  { from: source, to: target, size }: Job,
  given: Call["options"],
  signal: AbortSignal,
  progress: CopyProgress,
): Promise<void> {
  const options = writeOptions(given);
  if (isCopiedByServer(from, to) && Object.keys(options).length === 0) {
    await to.copy(source, target, { overwrite: !given.has("no-clobber"), signal });
    progress.moved(size);
    return;
  }
  const file = await openFile(from, source, signal);
  // On disk, what describes a file has no place but a file of its own.
  const content = to instanceof S3Storage ? file : file.readable;
  let moved = 0;
  const onProgress = ({ bytes }: TransferProgress): void => {
    progress.moved(bytes - moved);
    moved = bytes;
  };
  const how = { ...options, ...conflicts(given), removeOnAbort: false, signal, onProgress };
  await to.save(target, content, how).finally(() => file.close()); // `await using` is not for Node 20
}

/** What becomes of a file of the same name. */
function conflicts(options: Call["options"]): WriteOptions {
  return options.has("no-clobber") ? { ifNoneMatch: "*" } : { overwrite: true };
}

/** Whether a file was left alone, as there is one of its name by now. */
function isTaken(error: unknown, options: Call["options"]): boolean {
  return options.has("no-clobber") &&
    (isStorageError(error, "PreconditionFailed") || isStorageError(error, "AlreadyExists"));
}

function isSameBucket(from: Storage, to: Storage): boolean {
  if (!(from instanceof S3Storage && to instanceof S3Storage)) return false;
  const place = ({ settings, bucketName }: S3Storage): string =>
    JSON.stringify([bucketName, settings.regionName, settings.endpointUrl?.href]);
  return place(from) === place(to);
}

/** Whether one request of the target's can copy: it has the rights of the target's keys, and reads by its parameters. */
function isCopiedByServer(from: Storage, to: Storage): boolean {
  if (!isSameBucket(from, to)) return false;
  const [source, target] = [from, to].map((storage) => (storage as S3Storage).settings) as [Settings, Settings];
  const keys = ({ accessKey, sessionProfile }: Settings): string => JSON.stringify([accessKey, sessionProfile]);
  const { objectParameters: read } = source;
  const isReadAlike = Object.keys(read).length === 0 || // and hidden keys look the same
    (read.SSECustomerKey === undefined && JSON.stringify(read) === JSON.stringify(target.objectParameters));
  return keys(source) === keys(target) && isReadAlike && target.objectParameters.SSECustomerKey === undefined;
}

/** A file as it is stored; from S3 it is read in ranges, several at once. */
async function openFile(storage: Storage, name: string, signal: AbortSignal): Promise<BinaryFile> {
  const plain: ReadOptions = { decompress: false, signal };
  if (!(storage instanceof S3Storage)) return await storage.open(name, "rb", plain);
  const { partSize, downloadConcurrency: maxConcurrency } = storage.settings.transferConfig;
  const inRanges: ReadOptions & DownloadOptions = { ...plain, partSize, maxConcurrency };
  return await storage.open(name, "rb", inRanges);
}

function writeOptions(options: Call["options"]): WriteOptions {
  const contentType = options.text("content-type");
  const cacheControl = options.text("cache-control");
  return { ...(contentType && { contentType }), ...(cacheControl && { cacheControl }) };
}
