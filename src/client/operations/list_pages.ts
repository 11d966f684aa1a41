import { child, childText, exactChildText, type XmlElement } from "../../kit/text/xml.ts";
import type { ReceivedResponse } from "../exchange.ts";
import { invalidResponse } from "../invalid_response.ts";
import { findRepetition } from "../repetition.ts";
import type { S3Request } from "../request.ts";
import type { S3Client } from "../s3_client.ts";

/** A listing, and how its pages follow each other. */
export interface Listing
  extends Pick<S3Request, "operation" | "bucket" | "key" | "headers" | "signal" | "unsentSignal"> {
  /** The name of the document. */
  readonly root: string;
  /** The parameters of all pages. */
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Parameters of the first page alone. */
  readonly firstQuery?: Readonly<Record<string, string | undefined>>;
  /** The elements that locate the next page, by the parameters that pass them on. The first one is required. */
  readonly markers: Readonly<Record<string, string>>;
  /** Whether the first one is sent only if another page follows, so that it may represent `IsTruncated`. */
  readonly impliesMore?: boolean;
  /** Converts the first one. */
  readonly readMarker?: (text: string, page: Page) => string;
  /** The names of the entries. */
  readonly entries: readonly string[];
  /** The elements that together identify an entry. */
  readonly ids: readonly string[];
}

/** A page of a listing. */
export interface Page {
  readonly document: XmlElement;
  readonly response: Response;
  /** The elements of the entries. */
  readonly entries: readonly XmlElement[];
  /** Decodes a key of this page. */
  readonly decode: (text: string) => string;
  /** Decodes a folder of this page. */
  readonly decodeFolder: (text: string) => string;
}

/**
 * Yields the pages of a listing, one request each. All listings share this reader, as services differ in the same ways:
 * in how they mark the last page, in white space around values, and in the encoding of keys.
 *
 * @throws {ServiceError} If a page does not locate the next one, or the pages repeat.
 */
export async function* listingPages(client: S3Client, listing: Listing): AsyncGenerator<Page> {
  const { operation, root, query, firstQuery, ids, bucket, key, headers, signal, unsentSignal } = listing;
  const target = { bucket, ...(key === undefined ? {} : { key }), headers, signal, unsentSignal };
  const [isRepeatedMarker, isRepeatedPage] = [findRepetition(), findRepetition()];
  let next = firstQuery;
  do {
    const request = { operation, method: "GET", ...target, query: { ...query, ...next } } as const;
    const page = readPage(await client.sendForXml(request, root), listing.entries);
    const [first = child(page.document, "CommonPrefixes")] = page.entries;
    // A service that ignores the marker sends the first page again, perhaps with a new marker.
    const isRepeated = first !== undefined &&
      isRepeatedPage(JSON.stringify([...ids, "Prefix"].map((id) => childText(first, id))));
    next = nextPage(page, listing);
    if (isRepeated || (next !== undefined && isRepeatedMarker(JSON.stringify(next)))) {
      throw invalidResponse(operation, "its pages repeat", listing);
    }
    yield page;
  } while (next !== undefined);
}

function readPage(
  { document, response }: ReceivedResponse & { readonly document: XmlElement },
  names: readonly string[],
): Page {
  return {
    document,
    response,
    entries: document.children.filter(({ name }) => names.includes(name)),
    decode: decoder(document, "Key"),
    decodeFolder: decoder(document, "Prefix"),
  };
}

/** The parameters of the next page; `undefined` on the last page. */
function nextPage(
  page: Page,
  { operation, markers, impliesMore = false, readMarker, ...target }: Listing,
): Listing["firstQuery"] {
  const { document } = page;
  const truncated = childText(document, "IsTruncated") ?? "";
  if (/^(false|0)$/i.test(truncated)) return undefined;
  const next: Record<string, string | undefined> = {};
  for (const [parameter, element] of Object.entries(markers)) {
    next[parameter] = exactChildText(document, element, "IsTruncated") || undefined;
  }
  const [[parameter, element]] = Object.entries(markers) as [[string, string]];
  const marker = next[parameter];
  if (truncated === "" && (marker === undefined || !impliesMore)) return undefined;
  if (marker === undefined) throw invalidResponse(operation, `missing ${element}`, target);
  return { ...next, [parameter]: readMarker?.(marker, page) ?? marker };
}

/** The text of a key in a form encoding: printable ASCII without spaces, and every percent sign begins an escape. */
const ENCODED = /^(?:[!-$&-~]|%[\da-f]{2})*$/i;

/**
 * Returns a function that decodes the keys or the folders of a page. Some services announce an encoding that they do not use,
 * or use for keys alone: then those of the page are returned as they are.
 */
function decoder(document: XmlElement, kind: "Key" | "Prefix"): (text: string) => string {
  if (!/^url$/i.test(childText(document, "EncodingType") ?? "")) return (text) => text;
  for (const { children } of document.children) {
    for (const { name, text } of children) {
      if (name === kind && !PLAIN.test(text) && !ENCODED.test(text.trim())) return (text) => text;
    }
  }
  return decodeKey;
}

/** The text of a key that is encoded as itself. */
const PLAIN = /^[!-$&-*,-~]*$/;

/** Listings are form-encoded: a space is a plus. Bytes that are no UTF-8 remain encoded. */
function decodeKey(text: string): string {
  if (PLAIN.test(text)) return text;
  try {
    return decodeURIComponent(text.trim().replaceAll("+", "%20"));
  } catch {
    return text;
  }
}
