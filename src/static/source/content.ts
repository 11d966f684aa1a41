import type { Bytes } from "../../kit/bytes/bytes.ts";
import { md5Hex, md5OfStream } from "../hash.ts";
import { bytesOf, type StaticFile } from "./source.ts";

/** A file's content as it is to be stored, and its hash. */
export interface Content {
  /** MD5 in hexadecimal. */
  readonly md5: string;
  /** Bytes. */
  readonly size: number;
  /** All of it; left out where that is too much for memory. */
  readonly bytes?: Bytes;
  /** Opens it where there are no `bytes`. */
  readonly stream?: StaticFile["stream"];
}

/** Content whose bytes are all there. */
export async function contentOf(bytes: Bytes): Promise<Content & { readonly bytes: Bytes }> {
  return { md5: await md5Hex(bytes), size: bytes.byteLength, bytes };
}

/** A file's content: in memory up to so many bytes, else read once for its hash and once more to be stored. */
export async function readContent(file: StaticFile, mostBytes: number): Promise<Content> {
  if (file.size <= mostBytes) return await contentOf(await bytesOf(file));
  const stream = await file.stream();
  return { ...await md5OfStream(stream), stream: () => file.stream() };
}
