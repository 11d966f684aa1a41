import { basename, extname } from "@std/path/posix";
import { IntegrityError, NotSupportedError } from "../errors.ts";
import { asBytes, type Bytes, concatBytes, encodeHex } from "../kit/bytes/bytes.ts";
import { createMd5, md5, type Md5Stream } from "../runtime/hash/digest.ts";

/** Length of the hash in a name, as in Django. */
const HASH_LENGTH = 12;

/** MD5 in hexadecimal. */
export async function md5Hex(bytes: Uint8Array): Promise<string> {
  return encodeHex(await md5(asBytes(bytes)));
}

/** MD5 of a stream in hexadecimal, and its size in bytes. */
export async function md5OfStream(stream: AsyncIterable<Uint8Array>): Promise<{ md5: string; size: number }> {
  const hash = createMd5() ?? new CollectedMd5();
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    hash.update(chunk);
  }
  return { md5: encodeHex(await hash.digest()), size };
}

/**
 * Passes a stream on, and checks its hash at the end.
 *
 * @param name The file, for the error.
 * @throws {IntegrityError} At the end, if the hash differs.
 */
export async function* checkedStream(
  stream: AsyncIterable<Uint8Array>,
  md5: string,
  name: string,
): AsyncGenerator<Uint8Array> {
  const hash = createMd5() ?? new CollectedMd5();
  for await (const chunk of stream) {
    hash.update(chunk);
    yield chunk;
  }
  if (encodeHex(await hash.digest()) !== md5) throw changedError(name);
}

/** The error for a file whose content differs when it is read again. */
export function changedError(name: string): IntegrityError {
  return new IntegrityError(`'${name}' changed while it was collected: collect again`, { key: name });
}

/** The most bytes that are collected for a hash, since edge runtimes have little memory: 64 MiB. */
const MAX_COLLECTED_BYTES = 64 * 1024 * 1024;

/**
 * MD5 of a stream for runtimes without one: collects all chunks. These are edge runtimes, which have no large files.
 */
class CollectedMd5 implements Md5Stream {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  /** @throws {NotSupportedError} If the stream is larger than 64 MiB. */
  update(chunk: Uint8Array): void {
    this.#size += chunk.byteLength;
    if (this.#size > MAX_COLLECTED_BYTES) {
      throw new NotSupportedError(
        `Cannot hash a file of more than ${MAX_COLLECTED_BYTES} bytes (64 MiB): this runtime has no MD5 of streams`,
      );
    }
    this.#chunks.push(chunk.slice());
  }

  async digest(): Promise<Bytes> {
    return await md5(concatBytes(this.#chunks));
  }
}

/** The name with the hash before its extension: `css/base.css` becomes `css/base.0123456789ab.css`. */
export function withHash(name: string, md5: string): string {
  const extension = extname(basename(name).replace(/^\.+/, ".")); // as Python's splitext: leading dots do not count
  return `${name.slice(0, name.length - extension.length)}.${md5.slice(0, HASH_LENGTH)}${extension}`;
}

/** The parts of a hashed name; `undefined` for other names. */
export function withoutHash(name: string): { readonly name: string; readonly hash: string } | undefined {
  const match = /^(.*)\.([0-9a-f]{12})(\.[^./]*)?$/s.exec(name);
  return match === null ? undefined : { name: match[1]! + (match[3] ?? ""), hash: match[2]! };
}
