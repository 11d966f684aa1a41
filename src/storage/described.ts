import { ConfigurationError } from "../errors.ts";
import type { ObjectWriteOptions } from "./backend.ts";
import type { FileStat } from "./entry.ts";

/** What describes a file beside its bytes. */
export type Description = Pick<
  FileStat,
  "contentType" | "contentEncoding" | "cacheControl" | "contentDisposition" | "contentLanguage" | "metadata"
>;

/**
 * How a file is described by the options that it is written with.
 *
 * @throws {ConfigurationError} If S3 could not keep the metadata: so tests on other storages tell the truth.
 */
export function descriptionOf(options: ObjectWriteOptions): Description {
  const metadata = Object.entries(options.metadata ?? {}).map(([name, value]) => {
    if (/^[\x20-\x7e]*$/.test(value)) return [name.toLowerCase(), value];
    throw new ConfigurationError(`Metadata.${name} must be text in printable ASCII: current value is "${value}"`);
  });
  return {
    contentType: options.contentType ?? options.fallbackContentType,
    contentEncoding: (options.contentEncoding ?? options.fallbackContentEncoding) || undefined,
    cacheControl: options.cacheControl,
    contentDisposition: options.contentDisposition,
    contentLanguage: options.contentLanguage,
    metadata: Object.fromEntries(metadata),
  };
}
