import { Pool } from "../../kit/pool.ts";
import { S3Storage } from "../../s3/s3_storage.ts";
import type { WriteOptions } from "../../storage/options.ts";
import type { Storage } from "../../storage/storage.ts";
import type { Call, Command } from "../command.ts";
import { EXIT, UsageError } from "../failure.ts";
import { bytes, count, duration } from "../format.ts";
import { findPlace, labelOf, type Place, within } from "../place.ts";
import { bar } from "../screen.ts";

/** Files under way at once, where nothing else is said. */
const CONCURRENCY = 8;

/** S3 copies no larger object by itself. */
const MOST_BYTES_COPIED = 5 * 1024 ** 3;

/** Copies files. */
export const copyCommand: Command = {
  name: "cp",
  usage: "FROM TO",
  summary: "Copy a file, or with -r a folder: to S3, from S3, or within it.",
  details: "- stands for standard input or output. A file appears once all of it is there, and files of the " +
    "same name are replaced. On disk, links in a folder are left out.",
  takes: [2, 2],
  options: {
    recursive: { short: "r", help: "Copy all that is in the folder" },
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
  if (from === "-") return await fromInput(call, await findPlace(to, call.io));
  const source = await findPlace(from, call.io);
  if (to === "-") return await toOutput(call, source);
  return await copyPlace(call, source, await findPlace(to, call.io));
}

async function fromInput({ io, options }: Call, { storage, name, isFolder }: Place): Promise<number> {
  if (isFolder) throw new UsageError("What comes from standard input needs a name: add one to the folder");
  await storage.save(name, io.stdin(), { ...writeOptions(options), overwrite: true, signal: io.signal });
  return EXIT.done;
}

async function toOutput({ io }: Call, { storage, name, label, isFolder }: Place): Promise<number> {
  if (isFolder) throw new UsageError(`${label} is a folder: standard output takes one file`);
  for await (const chunk of await openStream(storage, name, io.signal)) await io.stdout.write(chunk);
  return EXIT.done;
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
  const progress = new Progress();
  screen.show((columns) => progress.line(columns));
  let done: number;
  try {
    const jobs = options.has("recursive") ? folderJobs(source, target, io.signal) : fileJob(source, target, io.signal);
    done = await copyAll(call, source.storage, target.storage, jobs, progress);
  } finally {
    screen.end();
  }
  if (options.has("quiet") || options.has("dry-run")) return EXIT.done;
  const skipped = progress.skipped > 0 ? `, ${progress.skipped} left alone` : "";
  await screen.give(
    `${screen.paint("green", "✓", "stdout")} ${count(done, "file")} copied${skipped} · ${bytes(progress.bytes)} in ${
      duration(performance.now() - begun)
    }`,
  );
  return EXIT.done;
}

async function* fileJob(source: Place, target: Place, signal: AbortSignal): AsyncGenerator<Job> {
  if (source.isFolder) throw new UsageError(`${source.label} is a folder: add -r to copy all in it`);
  const { size } = await source.storage.stat(source.name, { signal });
  const own = source.name.slice(source.name.lastIndexOf("/") + 1);
  yield { from: source.name, to: target.isFolder ? within(target.name, own) : target.name, size };
}

async function* folderJobs(source: Place, target: Place, signal: AbortSignal): AsyncGenerator<Job> {
  const prefix = within(source.name, "");
  let isEmpty = true;
  // With -r the target is a folder, whatever it looks like.
  const folder = target.storage instanceof S3Storage || target.isFolder ? target.name : within(target.name, "");
  for await (const { name, size } of source.storage.list(source.name, { recursive: true, signal })) {
    isEmpty = false;
    yield { from: name, to: within(folder, name.slice(prefix.length)), size };
  }
  if (isEmpty) throw new UsageError(`There is nothing in ${source.label} to copy`);
}

async function copyAll(
  { io, screen, options }: Call,
  from: Storage,
  to: Storage,
  jobs: AsyncIterable<Job>,
  progress: Progress,
): Promise<number> {
  const stop = new AbortController();
  const signal = AbortSignal.any([io.signal, stop.signal]);
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
        if (!options.has("dry-run")) await copyFile(from, to, job, writeOptions(options), signal, progress);
        if (options.has("dry-run") || options.has("verbose")) await screen.give(`copy  ${line}`);
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

async function copyFile(
  from: Storage,
  to: Storage,
  { from: source, to: target, size }: Job,
  options: WriteOptions,
  signal: AbortSignal,
  progress: Progress,
): Promise<void> {
  if (isSameBucket(from, to) && size <= MOST_BYTES_COPIED && Object.keys(options).length === 0) {
    await from.copy(source, target, { signal });
    progress.moved(size);
    return;
  }
  const isBoth = from instanceof S3Storage && to instanceof S3Storage;
  const described = isBoth ? await descriptionOf(from, source, signal) : {};
  const stream = await openStream(from, source, signal);
  await to.save(target, counted(stream, progress), { ...described, ...options, overwrite: true, signal });
}

function isSameBucket(from: Storage, to: Storage): from is S3Storage {
  if (!(from instanceof S3Storage && to instanceof S3Storage)) return false;
  const place = ({ settings, bucketName }: S3Storage): string =>
    JSON.stringify([bucketName, settings.regionName, settings.endpointUrl?.href]);
  return place(from) === place(to);
}

/** What describes an object beside its bytes. */
async function descriptionOf(storage: Storage, name: string, signal: AbortSignal): Promise<WriteOptions> {
  const stat = await storage.stat(name, { signal });
  const { contentType, contentEncoding = "", cacheControl, contentDisposition, contentLanguage, metadata } = stat;
  return { contentType, contentEncoding, cacheControl, contentDisposition, contentLanguage, metadata };
}

/** The bytes as they are stored; from S3 in ranges, several at once. */
async function openStream(storage: Storage, name: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  if (storage instanceof S3Storage) return await storage.download(name, { decompress: false, signal });
  return (await storage.open(name, "rb", { decompress: false, signal })).readable;
}

async function* counted(stream: ReadableStream<Uint8Array>, progress: Progress): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    progress.moved(chunk.byteLength);
    yield chunk;
  }
}

function writeOptions(options: Call["options"]): WriteOptions {
  const contentType = options.text("content-type");
  const cacheControl = options.text("cache-control");
  return { ...(contentType && { contentType }), ...(cacheControl && { cacheControl }) };
}

/** How far a copy is. */
class Progress {
  bytes = 0;
  skipped = 0;
  #total = 0;
  #files = 0;
  #done = 0;
  readonly #begun = performance.now();

  found(size: number): void {
    this.#files++;
    this.#total += size;
  }

  moved(size: number): void {
    this.bytes += size;
  }

  finish(): void {
    this.#done++;
  }

  skip(size: number): void {
    this.skipped++;
    this.#total -= size;
    this.#done++;
  }

  line(columns: number): string {
    const milliseconds = performance.now() - this.#begun;
    const speed = milliseconds > 500 ? `  ${bytes(Math.round(this.bytes / milliseconds * 1000))}/s` : "";
    const files = this.#files > 1 ? `${this.#done} of ${count(this.#files, "file")}  ` : "";
    const text = `${files}${bytes(this.bytes)} of ${bytes(this.#total)}${speed}  ${duration(milliseconds)}`;
    const room = Math.min(40, columns - text.length - 2);
    return room < 8 ? text : `${bar(this.bytes, this.#total, room)}  ${text}`;
  }
}
