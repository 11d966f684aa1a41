import { concatBytes } from "../../kit/bytes/bytes.ts";
import type { ChunkSigning } from "../authentication/identity.ts";
import { S3ServerError } from "../protocol/errors.ts";
import { equalInConstantTime, sha256Hex } from "./digests.ts";

/** The minimum size of every chunk except the last; S3 refuses smaller chunks. */
const MIN_CHUNK_BYTES = 8192;

const EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** The trailer with the signature of the others. */
const SIGNATURE = "x-amz-trailer-signature";

/** Keeps a byte order mark, which is not allowed in chunk headers. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A decoded `aws-chunked` body. */
export interface DecodedChunks {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The trailing headers, by lower-case name. */
  readonly trailers: ReadonlyMap<string, string>;
}

/**
 * Decodes an `aws-chunked` body; with `signing`, checks the chain of chunk signatures on the way.
 *
 * @param options.trailers The names of the trailers that `x-amz-trailer` announces, in lower case. No others may follow.
 */
export async function decodeAwsChunked(
  body: Uint8Array<ArrayBuffer>,
  options: { signing: ChunkSigning | undefined; trailers: readonly string[] },
): Promise<DecodedChunks> {
  const { signing } = options;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let previous = signing?.seed ?? "";
  let position = 0;
  let small = false;
  while (true) {
    const lineEnd = endOfLine(body, position);
    const head = /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(
      decoder.decode(body.subarray(position, lineEnd)),
    );
    if (head === null) throw new S3ServerError("IncompleteBody", "The chunked body is not well-formed");
    const size = parseInt(head[1]!, 16);
    position = lineEnd + 2;
    const chunk = body.subarray(position, position + size);
    if (chunk.length < size) throw new S3ServerError("IncompleteBody");
    if (signing !== undefined) {
      previous = await checkChunk(signing, previous, chunk, head[2] ?? "");
    }
    if (size === 0) break;
    if (small) throw new S3ServerError("InvalidChunkSizeError");
    small = size < MIN_CHUNK_BYTES;
    chunks.push(chunk);
    position += size;
    if (body[position] !== 0x0d || body[position + 1] !== 0x0a) throw new S3ServerError("IncompleteBody");
    position += 2;
  }
  const rest = decoder.decode(body.subarray(position));
  return { bytes: concatBytes(chunks), trailers: await readTrailers(rest, options.trailers, signing, previous) };
}

async function checkChunk(
  signing: ChunkSigning,
  previous: string,
  chunk: Uint8Array<ArrayBuffer>,
  signature: string,
): Promise<string> {
  const stringToSign = [
    "AWS4-HMAC-SHA256-PAYLOAD",
    signing.timestamp,
    signing.scope,
    previous,
    EMPTY_SHA256,
    await sha256Hex(chunk),
  ].join("\n");
  const expected = await signing.sign(stringToSign);
  if (!equalInConstantTime(signature, expected)) {
    throw new S3ServerError("SignatureDoesNotMatch", undefined, {
      StringToSign: stringToSign,
      SignatureProvided: signature,
    });
  }
  return expected;
}

/** Parses the announced trailers, and the empty line that ends the body. */
async function readTrailers(
  text: string,
  announced: readonly string[],
  signing: ChunkSigning | undefined,
  previous: string,
): Promise<Map<string, string>> {
  if (!/(^|\n)\r\n$/.test(text)) throw new S3ServerError("IncompleteBody");
  if (announced.length === 0 && text !== "\r\n") throw new S3ServerError("MalformedTrailerError");
  const trailers = new Map<string, string>();
  for (const line of text.slice(0, -2).split(/\r?\n/)) {
    if (line === "") continue;
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).trim().toLowerCase();
    const isSignature = name === SIGNATURE && signing !== undefined && announced.length > 0;
    if (colon < 1 || trailers.has(name) || !(announced.includes(name) || isSignature)) {
      throw new S3ServerError("MalformedTrailerError");
    }
    trailers.set(name, line.slice(colon + 1).trim());
  }
  if (signing === undefined || announced.length === 0) return trailers;
  const signature = trailers.get(SIGNATURE) ?? "";
  trailers.delete(SIGNATURE);
  const canonical = [...trailers].map(([name, value]) => `${name}:${value}\n`).join("");
  const stringToSign = [
    "AWS4-HMAC-SHA256-TRAILER",
    signing.timestamp,
    signing.scope,
    previous,
    await sha256Hex(canonical),
  ].join("\n");
  if (!equalInConstantTime(signature, await signing.sign(stringToSign))) {
    throw new S3ServerError("SignatureDoesNotMatch", undefined, {
      StringToSign: stringToSign,
      SignatureProvided: signature,
    });
  }
  return trailers;
}

function endOfLine(body: Uint8Array, from: number): number {
  for (let index = from; index + 1 < body.length; index++) {
    if (body[index] === 0x0d && body[index + 1] === 0x0a) return index;
  }
  throw new S3ServerError("IncompleteBody");
}
