import { basename, extname } from "@std/path/posix";
import { IntegrityError, NotSupportedError } from "../errors.ts";
import { asBytes, type Bytes, concatBytes, encodeHex } from "../kit/bytes/bytes.ts";
import { createMd5, md5, type Md5Stream } from "../runtime/hash/digest.ts";

/** Characters of the hash in a name: as Django has it. */
const HASH_LENGTH = 12;

/** MD5 in hexadecimal: by the runtime, and where that has none by our own, loaded on demand. */
export async function md5Hex(bytes: Uint8Array): Promise<string> {
  return encodeHex(await md5(asBytes(bytes)) ?? await md5WrittenOut(bytes));
}

/** MD5 of a stream in hexadecimal, and its length in bytes. */
export async function md5OfStream(stream: AsyncIterable<Uint8Array>): Promise<{ md5: string; size: number }> {
  const hash = createMd5() ?? collecting();
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    hash.update(chunk);
  }
  return { md5: encodeHex(await hash.digest()), size };
}

/**
 * The stream as it is, which fails at its end if its bytes are others than the hash says.
 *
 * @param name The file, for the error.
 * @throws {IntegrityError} At the end.
 */
export async function* checkedStream(
  stream: AsyncIterable<Uint8Array>,
  md5: string,
  name: string,
): AsyncGenerator<Uint8Array> {
  const hash = createMd5() ?? collecting();
  for await (const chunk of stream) {
    hash.update(chunk);
    yield chunk;
  }
  if (encodeHex(await hash.digest()) !== md5) throw changedError(name);
}

/** What to say of a file that was another when it was read again. */
export function changedError(name: string): IntegrityError {
  return new IntegrityError(`${name} has changed while it was collected: collect it again`, { key: name });
}

/** The most bytes that are put together for their hash: as much as an edge has room for. */
const MAX_COLLECTED_BYTES = 64 * 1024 * 1024;

/**
 * An edge has no files, and so no large ones: what comes in pieces is put together.
 *
 * @throws {NotSupportedError} If it is too much for that.
 */
function collecting(): Md5Stream {
  const chunks: Uint8Array[] = [];
  let length = 0;
  return {
    update: (chunk) => {
      length += chunk.byteLength;
      if (length > MAX_COLLECTED_BYTES) {
        throw new NotSupportedError(
          `Cannot hash a file of more than ${MAX_COLLECTED_BYTES} bytes (64 MiB): this runtime has no MD5 of streams`,
        );
      }
      chunks.push(chunk.slice());
    },
    digest: async () => {
      const whole = concatBytes(chunks);
      return await md5(whole) ?? await md5WrittenOut(whole);
    },
  };
}

async function md5WrittenOut(bytes: Uint8Array): Promise<Bytes> {
  return (await import("../kit/bytes/md5.ts")).md5(bytes);
}

/** The name with the hash before its extension: `css/base.css` is `css/base.0123456789ab.css`. */
export function withHash(name: string, md5: string): string {
  const extension = extname(basename(name).replace(/^\.+/, ".")); // as Python's splitext: leading dots do not count
  return `${name.slice(0, name.length - extension.length)}.${md5.slice(0, HASH_LENGTH)}${extension}`;
}

/** A hashed name taken apart; `undefined` where it is none. */
export function withoutHash(name: string): { readonly name: string; readonly hash: string } | undefined {
  const match = /^(.*)\.([0-9a-f]{12})(\.[^./]*)?$/s.exec(name);
  return match === null ? undefined : { name: match[1]! + (match[3] ?? ""), hash: match[2]! };
}
