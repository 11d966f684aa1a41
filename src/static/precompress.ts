import { NotSupportedError } from "../errors.ts";
import type { Bytes } from "../kit/bytes.ts";
import type { Precompress } from "./collect_options.ts";

/** Content in another encoding. */
export interface Compressed {
  readonly encoding: "gzip" | "br";
  /** What a sibling's name ends in: `.gz` or `.br`. */
  readonly suffix: string;
  readonly bytes: Bytes;
}

/** A file's content in those of the encodings that it gains by. */
export function precompress(
  _name: string,
  _bytes: Bytes,
  _encodings: Precompress["encodings"],
): Promise<readonly Compressed[]> {
  return Promise.reject(new NotSupportedError("Precompression is not there yet"));
}
