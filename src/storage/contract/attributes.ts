import type { ObjectWriteOptions } from "./backend.ts";
import type { ObjectStat } from "./entry.ts";
import type { FileAttributes } from "./options.ts";

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

/** The attributes of a copy: those of the object, except the ones that are given. An empty text counts as unset. */
export function copiedAttributes(stat: Description, given: FileAttributes): Description {
  const metadata = given.metadata && Object.entries(given.metadata).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    contentType: given.contentType || stat.contentType,
    contentEncoding: (given.contentEncoding ?? stat.contentEncoding) || undefined,
    cacheControl: (given.cacheControl ?? stat.cacheControl) || undefined,
    contentDisposition: (given.contentDisposition ?? stat.contentDisposition) || undefined,
    contentLanguage: (given.contentLanguage ?? stat.contentLanguage) || undefined,
    metadata: metadata === undefined ? stat.metadata : Object.fromEntries(metadata),
  };
}
