import { changed, headObject, type ObjectHead, type ObjectTarget } from "../client/objects.ts";
import type { S3Client } from "../client/s3_client.ts";
import { isStorageError, NotFoundError } from "../errors.ts";
import { peek } from "../kit/peek.ts";
import type { StoredName } from "../storage/backend.ts";
import type { FileStat } from "../storage/entry.ts";
import type { ReadOptions } from "../storage/options.ts";
import type { ByteSource } from "../storage/read_file.ts";
import { readObject } from "../transfer/object_reader.ts";
import type { DownloadOptions } from "./download_options.ts";

/**
 * Opens an object for reading with one request: its bytes are already on their way when the file is handed out.
 * Reading elsewhere asks for the bytes from there on, of the very object that was opened.
 *
 * @param options.decompress Whether it matters that the bytes are gzip. It takes a second request to know, which is only
 * sent where they begin so.
 * @param options.start Together with `options.end`: what is fetched at first, and how far reading goes at all.
 * @param options.partSize Fetches the bytes in ranges, several at once.
 */
export async function openObjectSource(
  client: S3Client,
  file: StoredName,
  target: ObjectTarget,
  options: ReadOptions & DownloadOptions,
): Promise<ByteSource> {
  const { decompress, partSize, maxConcurrency = 1, onProgress, start = 0, end } = options;
  const { head, body } = partSize === undefined
    ? await readObject(client, { ...target, start, end }).catch((error) => beyondEnd(client, target, error))
    // Loaded on demand: most reads are not in parallel.
    : await (await import("../transfer/parallel_download.ts")).downloadObject(client, target, {
      partSize,
      maxConcurrency,
      onProgress,
    });
  let unread = body;
  // The answer says `identity`, because that was asked for; how the object is encoded is not known from here.
  let contentEncoding: string | undefined;
  if (decompress) {
    const { head: [first, second], stream } = await peek(body!, 2);
    unread = stream;
    if (first === 0x1f && second === 0x8b) {
      contentEncoding = await encodingOf(client, target, head).catch(async (error) => {
        await stream.cancel();
        throw error;
      });
    }
  }
  const stat = fileStat(file, { ...head, contentEncoding });
  const close = async (): Promise<void> => {
    const body = unread;
    unread = undefined;
    await body?.cancel();
  };
  return {
    stat,
    part: { start, end: Math.min(end ?? head.size, head.size) },
    close,
    open: async (from, to = end) => {
      if (from === start && unread !== undefined && (end === undefined || to! <= end)) {
        const body = unread;
        unread = undefined;
        return body;
      }
      await close();
      return (await readObject(client, { ...target, start: from, end: to, sameAs: head })).body;
    },
  };
}

/** Where nothing is left to read S3 refuses the range; that is the end of a file as any other. */
async function beyondEnd(
  client: S3Client,
  target: ObjectTarget,
  error: unknown,
): Promise<{ head: ObjectHead; body?: ReadableStream<Uint8Array> }> {
  if (!isStorageError(error) || error.status !== 416) throw error;
  return { head: await headObject(client, target) };
}

/** @throws {PreconditionFailedError} If the object is no longer the one that was opened. */
async function encodingOf(client: S3Client, target: ObjectTarget, { etag }: ObjectHead): Promise<string | undefined> {
  const head = await headObject(client, target);
  if (head.etag === etag) return head.contentEncoding;
  throw changed(target);
}

/** What S3 told of an object, under the name it was asked by. */
export function fileStat(file: StoredName, head: ObjectHead): FileStat {
  return { name: file.name, ...head };
}

/** Says that a file is missing in the words of a file, with S3's own words as the cause. */
export function explainMissing(error: unknown, file: StoredName): unknown {
  if (!isStorageError(error, "NotFound") || error.s3Code === "NoSuchBucket") return error;
  const { response } = error;
  return new NotFoundError(`File does not exist: ${file.key}`, { ...error, key: file.key, response, cause: error });
}
