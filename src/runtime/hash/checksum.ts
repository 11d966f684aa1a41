import { blobStream } from "../blob_stream.ts";
import { asBytes, type Bytes, encodeBase64, encodeHex } from "../../kit/bytes/bytes.ts";
import { crc32, CRC32_POLYNOMIAL, CRC32C_POLYNOMIAL } from "../../kit/bytes/crc32.ts";
import { type Crc64, crc64 } from "./crc64.ts";
import { builtin } from "../builtin.ts";
import type { ChecksumAlgorithm, ReportedAlgorithm } from "./checksum_algorithms.ts";
import { md5 } from "./digest.ts";

/** A checksum that is being computed. */
export interface Checksum {
  update(chunk: Bytes): void;
  /** The bytes. */
  digest(): Iterable<number> | Promise<Bytes>;
}

/** A checksum that is a hash. */
interface Hash extends Checksum {
  digest(): Bytes | Promise<Bytes>;
}

interface NodeZlib {
  crc32?(data: Uint8Array, before: number): number;
}

type DigestStreamClass = new (algorithm: string) => WritableStream<Uint8Array> & {
  readonly digest: Promise<ArrayBuffer>;
};

interface NodeCrypto {
  createHash?(algorithm: string): { update(chunk: Uint8Array): void; digest(): Uint8Array };
}

/**
 * Computes the checksum of bytes or of a Blob, in base64 as in S3's headers.
 *
 * @param signal Aborts the reading of a Blob, which is read chunk by chunk.
 */
export async function checksum(
  algorithm: ChecksumAlgorithm,
  body: Bytes | Blob,
  signal?: AbortSignal,
): Promise<string> {
  const sum = begin(algorithm);
  await take(body, sum, signal);
  return encodeBase64(await sum.digest());
}

/** Computes the SHA-256 of a Blob in hexadecimal, which signatures contain. */
export async function blobSha256Hex(body: Blob, signal?: AbortSignal): Promise<string> {
  const sum = digestOf("SHA256");
  await take(body, sum, signal);
  return encodeHex(await sum.digest());
}

/** Computes the MD5 of bytes or of a Blob. */
export async function contentDigest(body: Bytes | Blob, signal?: AbortSignal): Promise<Bytes> {
  const hash = nativeHash("MD5");
  if (hash !== undefined) {
    await take(body, hash, signal);
    return await hash.digest();
  }
  const bytes = body instanceof Blob ? new Uint8Array(await body.arrayBuffer()) : body;
  signal?.throwIfAborted();
  return await md5(bytes);
}

/** Starts a checksum of a stream of bytes; `undefined` if all bytes would have to be kept in memory. */
export function beginChecksum(algorithm: Digest): Hash | undefined;
export function beginChecksum(algorithm: ReportedAlgorithm): Checksum | undefined;
export function beginChecksum(algorithm: ReportedAlgorithm): Checksum | undefined {
  return isDigest(algorithm) ? nativeHash(algorithm) : begin(algorithm);
}

/** The checksums that a runtime computes by a hash of its own. */
type Digest = Extract<ReportedAlgorithm, "MD5" | `SHA${string}`>;

function isDigest(algorithm: ReportedAlgorithm): algorithm is Digest {
  return /^(MD|SHA)/.test(algorithm);
}

async function take(body: Bytes | Blob, sum: Checksum, signal: AbortSignal | undefined): Promise<void> {
  if (!(body instanceof Blob)) return sum.update(body);
  const sink = new WritableStream<Uint8Array>({ write: (chunk) => sum.update(asBytes(chunk)) });
  await blobStream(body).pipeTo(sink, signal && { signal });
}

function begin(algorithm: ChecksumAlgorithm): Checksum {
  switch (algorithm) {
    case "CRC32": {
      const native = builtin<NodeZlib>("node:zlib")?.crc32;
      return checksumOf32Bits(native ?? ((bytes, before) => crc32(CRC32_POLYNOMIAL, bytes, before)));
    }
    case "CRC32C":
      return checksumOf32Bits((bytes, before) => crc32(CRC32C_POLYNOMIAL, bytes, before));
    case "CRC64NVME": {
      let check: Crc64 = [0, 0];
      return { update: (chunk) => void (check = crc64(chunk, check)), digest: () => bigEndian(...check) };
    }
    default:
      return digestOf(algorithm);
  }
}

function checksumOf32Bits(next: (bytes: Uint8Array, before: number) => number): Checksum {
  let check = 0;
  // The CRC-32 of Deno below 2.4 is signed, and refuses to continue from a negative one.
  return { update: (chunk) => void (check = next(chunk, check) >>> 0), digest: () => bigEndian(check) };
}

/** Starts an incremental hash: that of Node, which Deno and Bun have too, or that of Cloudflare's runtime. */
function nativeHash(algorithm: Digest): Hash | undefined {
  const hash = builtin<NodeCrypto>("node:crypto")?.createHash?.(algorithm.toLowerCase());
  if (hash !== undefined) return { update: (chunk) => void hash.update(chunk), digest: () => asBytes(hash.digest()) };
  const { DigestStream } = crypto as { DigestStream?: DigestStreamClass };
  if (DigestStream === undefined) return undefined;
  const stream = new DigestStream(algorithm.replace("SHA", "SHA-"));
  const writer = stream.getWriter();
  return {
    update: (chunk) => void writer.write(chunk.slice()).catch(() => {}), // reported by digest()
    digest: async () => {
      await writer.close();
      return new Uint8Array(await stream.digest);
    },
  };
}

/** WebCrypto hashes only complete data, so chunks are kept where the runtime has no incremental hash. */
function digestOf(algorithm: "SHA1" | "SHA256"): Hash {
  const hash = nativeHash(algorithm);
  if (hash !== undefined) return hash;
  const chunks: Bytes[] = [];
  return {
    update: (chunk) => void chunks.push(chunk),
    digest: async () => {
      return new Uint8Array(
        await crypto.subtle.digest(algorithm.replace("SHA", "SHA-"), await new Blob(chunks).arrayBuffer()),
      );
    },
  };
}

/** The bytes of words. An array, as a typed one would take longer than the checksum of a small body. */
function bigEndian(...words: readonly number[]): number[] {
  const bytes: number[] = [];
  for (const word of words) bytes.push(word >>> 24, word >>> 16 & 255, word >>> 8 & 255, word & 255);
  return bytes;
}
