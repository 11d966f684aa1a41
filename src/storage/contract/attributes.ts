import type { ObjectWriteOptions } from "./backend.ts";
import type { FileStat } from "./entry.ts";

/** What describes a file beside its bytes. */
export type Description = Pick<
  FileStat,
  "contentType" | "contentEncoding" | "cacheControl" | "contentDisposition" | "contentLanguage" | "metadata"
>;

/**
 * How a file is described by the options that it is written with, which `Storage` has checked: a text that is empty counts
 * as none.
 */
export function descriptionOf(options: ObjectWriteOptions): Description {
  const metadata = Object.entries(options.metadata ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    contentType: options.contentType || options.fallbackContentType,
    contentEncoding: (options.contentEncoding ?? options.fallbackContentEncoding) || undefined,
    cacheControl: options.cacheControl || undefined,
    contentDisposition: options.contentDisposition || undefined,
    contentLanguage: options.contentLanguage || undefined,
    metadata: Object.fromEntries(metadata),
  };
}
