import { fitsType } from "../kit/bytes/file_signature.ts";
import type { FileStat } from "../storage/contract/entry.ts";

/** How many bytes are looked at: enough that compressed ones do not pass for text by chance. */
export const SAMPLE_BYTES = 512;

/** There are a dozen codings; a longer list is an attack, of which the beginning counts. */
const MOST_CODINGS = 100;

/** Below this many bytes compressed ones could pass for text. */
const LEAST_TEXT_BYTES = 16;

/**
 * Whether a file's first bytes show that they are not compressed: by how its type begins, or as text. Where they do not,
 * only the storage can tell.
 */
export function isPlainly(file: Pick<FileStat, "contentType" | "size">, head: Uint8Array): boolean {
  if (file.size === 0) return true;
  const type = (file.contentType ?? "").split(";")[0]!.trim().toLowerCase();
  if (!/zip|zstd/.test(type) && !isText(type) && fitsType(type, head)) return true;
  if (head.byteLength < LEAST_TEXT_BYTES) return false;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    // deno-lint-ignore no-control-regex -- they are what is looked for
    return !/[\x00-\x08\x0e-\x1f\x7f]/.test(text);
  } catch {
    return false;
  }
}

function isText(type: string): boolean {
  return type.startsWith("text/") || /json|xml|javascript|yaml/.test(type);
}

/** Whether nobody compresses files of this type: they are seeked in, and compressed already. */
export function isNeverCoded(contentType: string | undefined): boolean {
  return /^(audio|video)\//i.test(contentType ?? "");
}

/**
 * Whether a client takes gzip. One that says nothing of codings may take any, by RFC 9110, section 12.5.3; those that do
 * not say it are the ones that cannot unpack it, and get the file as it was.
 */
export function acceptsGzip(header: string | null): boolean {
  const quality = (coding: RegExp): number | undefined => {
    for (const item of header?.split(",", MOST_CODINGS) ?? []) {
      const [name, ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
      if (!coding.test(name!)) continue;
      return Number(parameters.find((one) => one.startsWith("q="))?.slice(2) ?? 1);
    }
  };
  return (quality(/^(x-)?gzip$/) ?? quality(/^\*$/) ?? 0) > 0;
}
