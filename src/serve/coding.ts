import { fitsType } from "../kit/bytes/file_signature.ts";
import { isTextSample, isTextType } from "../kit/bytes/text_sample.ts";
import type { FileStat } from "../storage/contract/entry.ts";

/** The most codings that are read. About a dozen exist, so a longer list is an attack. */
const MAX_CODINGS = 100;

/** Fewer compressed bytes could look like text by chance. */
const MIN_TEXT_BYTES = 16;

/**
 * Whether a file's first bytes show that it is not compressed, by the signature of its type or as text. If not, the storage
 * must be asked for its encoding.
 */
export function isSurelyUncompressed(file: Pick<FileStat, "contentType" | "size">, head: Uint8Array): boolean {
  if (file.size === 0) return true;
  const type = (file.contentType ?? "").split(";")[0]!.trim().toLowerCase();
  if (!/zip|zstd/.test(type) && !isTextType(type) && fitsType(type, head)) return true;
  return head.byteLength >= MIN_TEXT_BYTES && isTextSample(head);
}

/** Whether files of this type never have a `Content-Encoding`: players seek in them, and their formats are compressed. */
export function isNeverCoded(contentType: string | undefined): boolean {
  return /^(audio|video)\//i.test(contentType ?? "");
}

/**
 * Whether a client accepts a coding. Without `Accept-Encoding` any coding is acceptable by RFC 9110, section 12.5.3, but clients
 * without that header cannot decompress, so they get the decompressed file.
 */
export function acceptsCoding(header: string | null, coding: "gzip" | "br"): boolean {
  const quality = (coding: RegExp): number | undefined => {
    for (const item of header?.split(",", MAX_CODINGS) ?? []) {
      const [name, ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
      if (!coding.test(name!)) continue;
      return Number(parameters.find((one) => one.startsWith("q="))?.slice(2) ?? 1);
    }
  };
  return (quality(coding === "br" ? /^br$/ : /^(x-)?gzip$/) ?? quality(/^\*$/) ?? 0) > 0;
}
