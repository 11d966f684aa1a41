import { getObject, type ObjectHead, type ObjectTarget } from "../client/objects.ts";
import type { S3Client } from "../client/s3_client.ts";
import { isStorageError, NotFoundError } from "../errors.ts";
import type { StoredName } from "../storage/backend.ts";
import type { FileStat } from "../storage/entry.ts";
import type { ByteSource } from "../storage/read_file.ts";

/**
 * Opens an object for reading with one request: its bytes are already on their way when the file is handed out.
 * Reading elsewhere asks for the bytes from there on, of the very object that was opened.
 */
export async function openObjectSource(
  client: S3Client,
  file: StoredName,
  target: ObjectTarget,
): Promise<ByteSource> {
  const { head, body } = await getObject(client, target);
  let unread: ReadableStream<Uint8Array> | undefined = body;
  // The answer says `identity`, because that was asked for; how the object is encoded is not known from here.
  const stat = fileStat(file, { ...head, contentEncoding: undefined });
  const close = async (): Promise<void> => {
    const body = unread;
    unread = undefined;
    await body?.cancel();
  };
  return {
    stat,
    close,
    open: async (start) => {
      if (start === 0 && unread !== undefined) {
        const body = unread;
        unread = undefined;
        return body;
      }
      await close();
      return (await getObject(client, { ...target, start, ifMatch: head.etag })).body;
    },
  };
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
