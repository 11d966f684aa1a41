import { answeredHead, type ObjectTarget, type ObjectVersion } from "../../client/operations/objects.ts";
import { readChecksum } from "../../client/read_checksum.ts";
import type { S3Client } from "../../client/s3_client.ts";
import { isStorageError } from "../../errors.ts";
import { anySignal } from "../../kit/async/any_signal.ts";
import { beginByteCheck, type ByteCheck } from "./byte_check.ts";
import { type ObjectBody, readObject } from "./object_reader.ts";

/** How an object is fetched in ranges. */
export interface DownloadPlan {
  /** In bytes. */
  readonly partSize: number;
  /** Ranges that are fetched, or wait to be read, at once: so many times `partSize` is what they take of memory. */
  readonly maxConcurrency: number;
  /** Is told how many bytes and ranges were read, and how many bytes there are. */
  readonly onProgress?:
    | ((progress: { readonly bytes: number; readonly parts: number; readonly total: number }) => void)
    | undefined;
}

/**
 * Reads an object's bytes in order, while the ranges that follow are on their way already. Each is asked for of the very
 * object that the first one came from, and goes on where its connection breaks.
 *
 * What fits into one range takes one request. So does, whatever its size, an object whose ranges could be of different
 * objects because it has no strong ETag, or one that is answered as a whole; of the former, the first range is lost.
 *
 * @throws {RangeError} If the plan has other than whole numbers of 1 or more.
 */
export async function downloadObject(
  client: S3Client,
  target: ObjectTarget,
  { partSize, maxConcurrency, onProgress }: DownloadPlan,
): Promise<Pick<ObjectBody, "head" | "body">> {
  checkCount("partSize", partSize);
  checkCount("maxConcurrency", maxConcurrency);
  const stop = new AbortController();
  const whole = { ...target, signal: anySignal(target.signal, stop.signal) };
  // One more than a part has: its end is read too, which lets the connection go.
  const ahead = new ByteLengthQueuingStrategy({ highWaterMark: partSize + 1 });
  const fetchPart = (start: number, sameAs?: ObjectVersion): Promise<ObjectBody> =>
    readObject(client, { ...whole, start, end: start + partSize, sameAs }, ahead);

  let first: ObjectBody;
  try {
    first = maxConcurrency === 1 ? await readObject(client, whole) : await fetchPart(0);
  } catch (error) {
    // Of nothing there is no range to give.
    if (!isStorageError(error) || error.status !== 416) throw error;
    onProgress?.({ bytes: 0, parts: 1, total: 0 });
    return {
      head: answeredHead(new Headers({ "content-length": "0" }), "GetObject", target),
      body: new Blob().stream(),
    };
  }
  if (first.end < first.head.size && !first.isSteady) {
    await first.body.cancel();
    first = await readObject(client, whole, ahead);
  }
  const { head, end } = first;
  const parts = [Promise.resolve(first.body.getReader())];
  // Ranges have no checksum; that of the whole is asked for while the first of them comes.
  const checking = first.isRange ? checkOf(client, whole, head) : undefined;
  checking?.catch(() => {}); // whoever reads is told
  let next = end;
  let bytes = 0;
  let ended = 0;
  const tell = (): void => onProgress?.({ bytes, parts: ended + Number(bytes === head.size), total: head.size });

  function fetchAhead(): void {
    for (; next < head.size && parts.length < maxConcurrency; next += partSize) {
      const part = fetchPart(next, head).then(({ body }) => body.getReader());
      part.catch(() => {}); // whoever comes to it is told
      parts.push(part);
    }
  }

  async function leave(reason: unknown): Promise<void> {
    stop.abort(reason);
    await Promise.allSettled([checking, ...parts.splice(0).map(async (part) => await (await part).cancel(reason))]);
  }

  if (head.size === 0) tell(); // of nothing nothing is read
  fetchAhead();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      try {
        while (parts[0] !== undefined) {
          const check = await checking;
          const { done, value } = await (await parts[0]).read();
          target.signal?.throwIfAborted();
          if (!done) {
            check?.update(value);
            bytes += value.byteLength;
            if (bytes === head.size) await check?.finish(); // before the last bytes are handed on
            controller.enqueue(value);
            return tell();
          }
          parts.shift();
          ended++;
          fetchAhead();
        }
        controller.close();
      } catch (error) {
        await leave(error);
        throw error;
      }
    },
    cancel: leave,
  }, { highWaterMark: 0 });
  return { head, body };
}

async function checkOf(client: S3Client, target: ObjectTarget, head: ObjectVersion): Promise<ByteCheck | undefined> {
  const told = await readChecksum(client, target, head);
  return told && beginByteCheck(told, target);
}

function checkCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new RangeError(`${name} must be a whole number of 1 or more: current value is ${value}`);
}
