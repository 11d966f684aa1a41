import { isStorageError } from "../../errors.ts";
import { FilePool, poolWeight } from "../../kit/async/file_pool.ts";
import { S3Storage } from "../../s3/s3_storage.ts";
import type { Settings } from "../../settings/resolve.ts";
import type { OnExisting, TransferProgress, WriteOptions } from "../../storage/contract/options.ts";
import type { BinaryFile } from "../../storage/files/binary_file.ts";
import type { Storage } from "../../storage/storage.ts";
import type { Call } from "../command.ts";
import { collectGarbage } from "../garbage.ts";
import type { CopyProgress } from "../output/copy_progress.ts";
import { explain } from "../output/failure.ts";
import { labelOf } from "../place.ts";
import { type CopyJob, isSameBucket } from "./copy_jobs.ts";

/** Small files copied at the same time by default. A large file counts as up to 8, as its parts are in memory. */
export const CONCURRENCY = 64;

/** Files up to this size are read in one request, and are in memory as a whole. */
const SMALL_BYTES = 256 * 1024;

/** After this many files, garbage is collected: a file leaves about 15 KB. */
const FILES_PER_COLLECTION = 512;

/** What all files of a copy have in common. */
interface Copying {
  readonly call: Call;
  readonly from: Storage;
  readonly to: Storage;
  readonly progress: CopyProgress;
  /** Whether the server copies, so that no bytes pass through this process. */
  readonly isServerSide: boolean;
  readonly written: WriteOptions & { readonly onExisting: OnExisting };
}

/**
 * Copies files, many at the same time. With --recursive, failures that concern one file only are reported, and the others are
 * copied.
 */
export async function copyFiles(
  call: Call,
  from: Storage,
  to: Storage,
  jobs: AsyncIterable<CopyJob> | Iterable<CopyJob>,
  progress: CopyProgress,
): Promise<void> {
  const { io, options } = call;
  const described = writeOptions(options);
  const copying: Copying = {
    call,
    from,
    to,
    progress,
    isServerSide: isCopiedByServer(from, to) && Object.keys(described).length === 0,
    written: { ...described, onExisting: options.has("no-clobber") ? "refuse" : "replace" },
  };
  const given = options.number("concurrency", 1, 1000);
  const pool = new FilePool(given ?? CONCURRENCY);
  // A number that was given is that of files, whatever their size.
  const weightOf = (job: CopyJob): number => given === undefined && !copying.isServerSide ? poolWeight(job) : 1;
  let found = 0;
  await pool.run(async () => {
    for await (const job of jobs) {
      progress.found(job.size);
      if (++found % FILES_PER_COLLECTION === 0) collectGarbage();
      await pool.add(() => copyOne(copying, job, pool.signal), weightOf(job));
    }
    await pool.drain();
  }, io.signal);
}

/** Copies and reports one file. */
async function copyOne(copying: Copying, job: CopyJob, signal: AbortSignal): Promise<void> {
  const { call: { screen, options }, from, to, progress } = copying;
  const isDryRun = options.has("dry-run");
  if (options.has("no-clobber") && await to.exists(job.to, { signal })) {
    return progress.skip(job.size);
  }
  try {
    if (!isDryRun) await copyFile(copying, job, signal);
  } catch (error) {
    if (isTaken(error, options)) {
      return progress.skip(job.size);
    }
    if (!options.has("recursive") || !isFileError(error, to)) throw error;
    screen.error(explain(error));
    return progress.fail();
  }
  if (isDryRun || options.has("verbose")) {
    const line = `copy  ${labelOf(from, job.from)} → ${labelOf(to, job.to)}`;
    await (isDryRun ? screen.give(line) : screen.report(line));
  }
  progress.finish();
}

/** Whether an error concerns one file only, such as its name or its permissions, so that the others can be copied. */
function isFileError(error: unknown, to: Storage): boolean {
  // On disk some names are reserved, and a file and a folder cannot have the same name.
  if (isStorageError(error, "SuspiciousName") || isStorageError(error, "NotSupported")) return true;
  if (isStorageError(error, "Archived")) return true;
  if (isStorageError(error, "NotFound")) return error.s3Code !== "NoSuchBucket";
  if (!(to instanceof S3Storage)) return false;
  // The TypeError concerns metadata of the file that no header can carry: the options were checked before.
  return error instanceof TypeError || ((error as Error).cause as { code?: string } | undefined)?.code === "EACCES";
}

async function copyFile(
  { from, to, isServerSide, written, progress }: Copying,
  { from: source, to: target, size }: CopyJob,
  signal: AbortSignal,
): Promise<void> {
  if (isServerSide) {
    await to.copy(source, target, { onExisting: written.onExisting, signal });
    progress.moved(size);
    return;
  }
  const options = { ...written, deleteOnAbort: false, signal };
  const isSmall = size <= SMALL_BYTES;
  const file = isSmall
    ? await from.open(source, "rb", { decompress: false, signal })
    : await openFile(from, source, signal);
  try {
    // Without the metadata of the file: a local storage would keep it in a second file.
    const isDescribed = to instanceof S3Storage;
    // The file may have grown since it was listed.
    if (isSmall && file.size <= SMALL_BYTES) {
      await to.save(target, isDescribed ? file : await file.bytes(), options);
      progress.moved(file.size);
      return;
    }
    let moved = 0;
    const onProgress = ({ bytes }: TransferProgress): void => {
      progress.moved(bytes - moved);
      moved = bytes;
    };
    await to.save(target, isDescribed ? file : file.readable, { ...options, onProgress });
  } finally {
    await file.close(); // Node 20 has no `await using`
  }
}

/** Whether a file was not stored because of --no-clobber. */
export function isTaken(error: unknown, options: Call["options"]): boolean {
  return options.has("no-clobber") && isStorageError(error, "AlreadyExists");
}

/** Whether the server can copy: the request has the keys of the target, and reads with its parameters. */
function isCopiedByServer(from: Storage, to: Storage): boolean {
  if (!isSameBucket(from, to)) return false;
  const [source, target] = [from, to].map((storage) => (storage as S3Storage).settings) as [Settings, Settings];
  const keys = ({ accessKey, sessionProfile }: Settings): string => JSON.stringify([accessKey, sessionProfile]);
  const { objectParameters: read } = source;
  const isReadAlike = Object.keys(read).length === 0 || // customer keys look the same in JSON
    (read.SSECustomerKey === undefined && JSON.stringify(read) === JSON.stringify(target.objectParameters));
  return keys(source) === keys(target) && isReadAlike && target.objectParameters.SSECustomerKey === undefined;
}

/** Opens a file without decompression; from S3 several ranges are read at the same time. */
export async function openFile(storage: Storage, name: string, signal: AbortSignal): Promise<BinaryFile> {
  const partSize = storage.backend.capabilities.rangeSize;
  return await storage.open(name, "rb", { decompress: false, partSize, signal });
}

/** How the files are stored. */
export function writeOptions(options: Call["options"]): WriteOptions {
  const contentType = options.text("content-type");
  const cacheControl = options.text("cache-control");
  return { ...(contentType && { contentType }), ...(cacheControl && { cacheControl }) };
}
