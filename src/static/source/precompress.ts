import { NotSupportedError } from "../../errors.ts";
import { type Bytes, concatBytes } from "../../kit/bytes/bytes.ts";
import { findBrotli } from "../../runtime/compression/brotli.ts";
import { firstBytes, withCharset } from "../../storage/content/charset.ts";
import { guessContentType } from "../../storage/content/guess_type.ts";
import { gzipSink } from "../../storage/files/gzip.ts";
import type { Precompress } from "../collect_options.ts";
import { isCompressible } from "./compressible.ts";
import { SIBLING_SUFFIXES } from "./siblings.ts";

/** Content in another encoding. */
export interface Compressed {
  readonly encoding: "gzip" | "br";
  /** The suffix of a sibling's name: `.gz` or `.br`. */
  readonly suffix: string;
  /** The type of the decompressed content. */
  readonly type: string;
  readonly bytes: Bytes;
}

/**
 * Compresses a file in each wanted encoding that makes it smaller. Files whose extension is not of a type that compresses
 * well are not compressed. All runtimes write the same gzip; their Brotli differs.
 *
 * @param wanted The encodings; those that the runtime lacks are skipped. With `as: "encoding"` only the first one is used.
 * @throws {NotSupportedError} If the runtime supports none of them, or one is unknown.
 */
export async function precompress(
  name: string,
  bytes: Bytes,
  { encodings, as }: Precompress,
): Promise<readonly Compressed[]> {
  const compressors = encodings.flatMap((encoding) => {
    const compress = compressorOf(encoding);
    return compress === undefined ? [] : [{ encoding, compress }];
  });
  if (encodings.length > 0 && compressors.length === 0) {
    throw new NotSupportedError("This runtime cannot compress with Brotli: use gzip, or collect on Deno, Bun or Node");
  }
  if (!isCompressible(name)) return [];
  const type = withCharset(guessContentType(name)!, firstBytes(bytes));
  const gained: Compressed[] = [];
  for (const { encoding, compress } of as === "encoding" ? compressors.slice(0, 1) : compressors) {
    const compressed = await compress(bytes);
    if (compressed.byteLength >= bytes.byteLength) continue;
    gained.push({ encoding, suffix: SIBLING_SUFFIXES[encoding], type, bytes: compressed });
  }
  return gained;
}

function compressorOf(encoding: unknown): ((bytes: Bytes) => Promise<Bytes>) | undefined {
  if (encoding === "gzip") return gzip;
  if (encoding === "br") return findBrotli();
  throw new NotSupportedError(`An encoding must be "gzip" or "br", got "${String(encoding)}"`);
}

async function gzip(bytes: Bytes): Promise<Bytes> {
  const chunks: Uint8Array[] = [];
  const sink = gzipSink({
    write: (chunk) => Promise.resolve(void chunks.push(chunk)),
    close: () => Promise.resolve(),
    abort: () => Promise.resolve(),
  });
  await sink.write(bytes);
  await sink.close();
  return concatBytes(chunks);
}
