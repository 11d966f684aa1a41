import { IntegrityError, NotSupportedError } from "../../errors.ts";
import type { Bytes } from "../../kit/bytes/bytes.ts";
import { findBrotliDecoder } from "../../runtime/compression/brotli_decoder.ts";
import type { ByteSource } from "../contract/bytes.ts";
import { isGzip } from "./coding.ts";
import { GunzipSource } from "./gunzip.ts";

/**
 * A source of the decompressed bytes of an object.
 *
 * @param name The file's name, for errors.
 * @param how The coding of the bytes; `true` for the one that the object is stored with.
 * @throws {NotSupportedError} If the coding is Brotli, which the runtime cannot decompress.
 */
export async function decompressed(source: ByteSource, name: string, how: true | "gzip" | "br"): Promise<ByteSource> {
  const isBrotli = how === "br" || (how === true && !isGzip(source.stat.contentEncoding));
  if (!isBrotli) return new GunzipSource(source, name);
  if (findBrotliDecoder() !== undefined) return new GunzipSource(source, name, brotliStream);
  await source.close();
  throw new NotSupportedError(`Cannot decompress '${name}': this runtime has no Brotli`);
}

/** Decompresses a Brotli stream. Errors of the source are passed on; all others mean that the data is corrupt. */
function brotliStream(packed: ReadableStream<Uint8Array>, name: string): ReadableStream<Bytes> {
  const source = packed.getReader();
  let failure: { readonly cause: unknown } | undefined;
  const watched = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      const { done, value } = await source.read().catch((cause) => {
        failure = { cause };
        throw cause;
      });
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => source.cancel(reason),
  }, { highWaterMark: 0 });
  const reader = findBrotliDecoder()!(watched).getReader();
  return new ReadableStream<Bytes>({
    async pull(controller): Promise<void> {
      const { done, value } = await reader.read().catch((error) => {
        throw failure === undefined ? corrupt(name, error) : failure.cause;
      });
      if (done) controller.close();
      else controller.enqueue(value.slice()); // it may be a view of a larger buffer
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

function corrupt(name: string, cause: unknown): IntegrityError {
  const what = (cause as Error).message || String((cause as { readonly code?: unknown }).code);
  return new IntegrityError(`Cannot decompress '${name}': its Brotli data is corrupt or cut short: ${what}`, { cause });
}
