import { bunApi } from "../detect.ts";

/**
 * Whether a Blob is a reference to something that is read when it is asked for: a file, a pipe, standard input or an object
 * of Bun's S3 client. Its size is then 0, NaN, Infinity or that of an earlier content, and once it was asked for, Bun reads
 * no more than so many bytes (measured with 1.4.5). Only what `Bun.inspect` calls it tells one from a Blob in memory.
 */
export function isFileReference(blob: Blob): boolean {
  const bun = bunApi<{ inspect(value: unknown): string }>();
  return bun !== undefined && /^\w+Ref\b/.test(bun.inspect(blob));
}
