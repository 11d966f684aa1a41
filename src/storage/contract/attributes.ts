import type { ObjectWriteOptions } from "./backend.ts";
import type { ObjectStat } from "./entry.ts";

/** The attributes of an object that its writer chooses. */
export type Description = Pick<
  ObjectStat,
  "contentType" | "contentEncoding" | "cacheControl" | "contentDisposition" | "contentLanguage" | "metadata"
>;

/** The attributes in the options of a write, which `Storage` has checked. An empty text counts as unset. */
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
