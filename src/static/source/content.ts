import type { Bytes } from "../../kit/bytes/bytes.ts";
import { md5Hex, md5OfStream } from "../hash.ts";
import { bytesOf, type StaticFile } from "./source.ts";

/** A file's content to store, and its hash. */
export interface Content {
  /** MD5 in hexadecimal. */
  readonly md5: string;
  /** Size in bytes. */
  readonly size: number;
  /** The whole content; `undefined` for files that are streamed. */
  readonly bytes?: Bytes;
  /** Opens the content where `bytes` is `undefined`. */
  readonly stream?: StaticFile["stream"];
}

/** Content in memory. */
export async function contentOf(bytes: Bytes): Promise<Content & { readonly bytes: Bytes }> {
  return { md5: await md5Hex(bytes), size: bytes.byteLength, bytes };
}

/** A file's content: in memory up to `maxBytes`; a larger file is read once for its hash and again to be stored. */
export async function readContent(file: StaticFile, maxBytes: number): Promise<Content> {
  if (file.size <= maxBytes) return await contentOf(await bytesOf(file));
  const stream = await file.stream();
  return { ...await md5OfStream(stream), stream: () => file.stream() };
}
