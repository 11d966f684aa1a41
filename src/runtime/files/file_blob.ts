import { bunApi } from "../detect.ts";

/**
 * Whether a Blob is a reference to something that is read later: a file, a pipe, standard input or an object of Bun's S3
 * client. Its size is then 0, NaN, Infinity or that of an earlier content, and once the size was read, Bun reads at most so
 * many bytes (measured with 1.4.5). Only its name in `Bun.inspect` distinguishes it from a Blob in memory.
 */
export function isFileReference(blob: Blob): boolean {
  const bun = bunApi<{ inspect(value: unknown): string }>();
  return bun !== undefined && /^\w+Ref\b/.test(bun.inspect(blob));
}
