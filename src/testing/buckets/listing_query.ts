import { invalidArgument } from "../protocol/errors.ts";
import { percentEncode } from "../protocol/percent.ts";
import { queryInteger, queryValue, type S3Request } from "../protocol/request.ts";

/** The most entries on one page of a listing. */
const MAX_ENTRIES = 1000;

/** The number of entries that a parameter such as `max-keys` asks for, at most 1,000. */
export function pageSize(request: S3Request, parameter: string): number {
  return Math.min(MAX_ENTRIES, queryInteger(request, parameter, 0, 2 ** 31 - 1) ?? MAX_ENTRIES);
}

/** Reads `encoding-type`; `url` encodes as HTML forms do, a space as "+", and leaves slashes unchanged. */
export function readEncoding(
  request: S3Request,
): { encodingType: string | undefined; encode: (text: string) => string } {
  const encodingType = queryValue(request, "encoding-type");
  if (encodingType === undefined || encodingType === "") return { encodingType: undefined, encode: (text) => text };
  if (encodingType !== "url") {
    throw invalidArgument("Invalid Encoding Method specified in Request", "encoding-type", encodingType);
  }
  return { encodingType, encode: (text) => percentEncode(text, "/*").replaceAll("%20", "+").replaceAll("~", "%7E") };
}

/** The query of a listing of objects or versions. */
export interface Listing {
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  readonly encodingType: string | undefined;
  /** Encodes a name as `encoding-type` demands. */
  readonly encode: (text: string) => string;
}

/** Reads the parameters that all listings have. */
export function readListing(request: S3Request): Listing {
  return {
    prefix: queryValue(request, "prefix") ?? "",
    delimiter: queryValue(request, "delimiter") ?? "",
    maxKeys: pageSize(request, "max-keys"),
    ...readEncoding(request),
  };
}

/** The prefix under which a key is grouped, or `undefined` if the delimiter does not follow `prefix` in it. */
export function commonPrefix(key: string, prefix: string, delimiter: string): string | undefined {
  const at = delimiter === "" ? -1 : key.indexOf(delimiter, prefix.length);
  return at === -1 ? undefined : key.slice(0, at + delimiter.length);
}
