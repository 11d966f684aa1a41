/**
 * Stands in for `@std/crypto` where JSR cannot be reached: `subtle.digest` and `subtle.digestSync`, made of @noble/hashes.
 * A digest WebCrypto knows goes to WebCrypto, as there.
 */
// deno-lint-ignore-file no-import-prefix -- only this file needs it, and deno.json lists what the package itself needs
import { md5, sha1 } from "npm:@noble/hashes@2.4.0/legacy.js";
import { sha256, sha384, sha512 } from "npm:@noble/hashes@2.4.0/sha2.js";

const DIGESTS = { "MD5": md5, "SHA-1": sha1, "SHA-256": sha256, "SHA-384": sha384, "SHA-512": sha512 } as const;

/** The digests of `@std/crypto` that this project uses. */
export type DigestAlgorithm = keyof typeof DIGESTS;

/** WebCrypto's SubtleCrypto, whose digest also takes MD5 and iterables. */
export interface StdSubtleCrypto extends SubtleCrypto {
  digest(
    algorithm: DigestAlgorithm,
    data: BufferSource | AsyncIterable<BufferSource> | Iterable<BufferSource>,
  ): Promise<ArrayBuffer>;
  digestSync(algorithm: DigestAlgorithm, data: BufferSource | Iterable<BufferSource>): ArrayBuffer;
}

/** WebCrypto's Crypto with that `subtle`. */
export interface StdCrypto extends Crypto {
  readonly subtle: StdSubtleCrypto;
}

async function digest(
  algorithm: DigestAlgorithm,
  data: BufferSource | AsyncIterable<BufferSource> | Iterable<BufferSource>,
): Promise<ArrayBuffer> {
  if (isBufferSource(data)) {
    return algorithm === "MD5" ? digestSync(algorithm, data) : await globalThis.crypto.subtle.digest(algorithm, data);
  }
  const hash = DIGESTS[algorithm].create();
  for await (const chunk of data) hash.update(bytesOf(chunk));
  return bufferOf(hash.digest());
}

function digestSync(algorithm: DigestAlgorithm, data: BufferSource | Iterable<BufferSource>): ArrayBuffer {
  const hash = DIGESTS[algorithm].create();
  for (const chunk of isBufferSource(data) ? [data] : data) hash.update(bytesOf(chunk));
  return bufferOf(hash.digest());
}

function isBufferSource(data: unknown): data is BufferSource {
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data);
}

function bytesOf(data: BufferSource): Uint8Array {
  if (!isBufferSource(data)) {
    throw new TypeError("Cannot digest the data: A chunk is not ArrayBuffer nor ArrayBufferView");
  }
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  return bytes.slice().buffer as ArrayBuffer;
}

/** The platform's `crypto`; its members are reached through proxies because their methods insist on their own `this`. */
export const crypto: StdCrypto = extend(globalThis.crypto, {
  subtle: extend(globalThis.crypto.subtle, { digest, digestSync }),
}) as StdCrypto;

function extend<T extends object>(target: T, members: Record<PropertyKey, unknown>): T {
  return new Proxy(target, {
    get(object, key): unknown {
      if (key in members) return members[key];
      const value = Reflect.get(object, key);
      return typeof value === "function" ? value.bind(object) : value;
    },
  });
}
