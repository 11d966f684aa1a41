import { IntegrityError } from "../errors.ts";
import { withoutCoding } from "../kit/text/content_codings.ts";
import { isBun } from "../runtime/detect.ts";
import { withLength } from "../runtime/transport/fixed_length.ts";
import type { FileStat } from "../storage/contract/entry.ts";
import { isPacked } from "../storage/files/lazy.ts";
import type { BinaryFile } from "../storage/files/binary_file.ts";
import type { Part } from "./range.ts";

/** Headers that describe content; a 304 must not have them. */
const OF_CONTENT = ["disposition", "encoding", "language", "length", "range", "type"].map((name) => `content-${name}`);

/**
 * The longest body that is sent from memory on Bun. Bun sends streams of several chunks without their Content-Length, even if
 * the response has one (measured in 1.4.5). Then a cache such as nginx's cannot answer ranges. It asks for such slices.
 */
const MAX_SIZED_BYTES = 1024 ** 2;

/** Headers to which the caller's values are added. */
const ADDED_TO = ["vary", "content-security-policy"] as const;

/** What a response is made of. */
export interface ResponseParts {
  readonly request: Request;
  readonly status: 200 | 206 | 304 | 406 | 412 | 416;
  readonly stat: FileStat;
  readonly part: Part | undefined;
  readonly decoded: boolean;
  readonly contentType: string;
  readonly contentDisposition: string | undefined;
  readonly cacheControl: string | undefined;
  /** The Content-Security-Policy of the file. */
  readonly policy: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** The file, positioned after its first bytes; `undefined` for HEAD. */
  readonly body: { readonly file: BinaryFile; readonly head: Uint8Array } | undefined;
}

/** Makes a response without the file, with its status as text. */
export function plainResponse(
  request: Request,
  status: number,
  policy: string | undefined,
  headers: Record<string, string> = {},
): Response {
  const text = {
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    412: "Precondition Failed",
    416: "Range Not Satisfiable",
  }[status] + "\n";
  return new Response(request.method === "HEAD" ? null : text, {
    status,
    headers: merged(headers, {
      "content-type": "text/plain; charset=utf-8",
      "content-length": String(text.length), // also for HEAD
      "content-security-policy": policy,
      "x-content-type-options": "nosniff",
    }),
  });
}

/** Makes the response to a request for an existing file. */
export async function fileResponse(parts: ResponseParts): Promise<Response> {
  const { request, status, stat, part, decoded, body } = parts;
  const headers: Record<string, string | undefined> = {
    etag: stat.etag || undefined,
    "last-modified": Number.isNaN(+stat.modifiedTime) ? undefined : stat.modifiedTime.toUTCString(),
    "cache-control": parts.cacheControl,
    // Also for 304: browsers update the headers of their cached response.
    "content-security-policy": parts.policy,
    "x-content-type-options": "nosniff",
    vary: isPacked(stat.contentEncoding) ? "Accept-Encoding" : undefined,
  };
  if (status === 412) return plainResponse(request, status, parts.policy);
  if (status === 406) return plainResponse(request, status, parts.policy, { vary: "Accept-Encoding" });
  if (status === 416) {
    return plainResponse(request, status, parts.policy, {
      "content-range": `bytes */${stat.size}`,
      "accept-ranges": "bytes",
    });
  }
  if (status === 304) {
    const all = merged(parts.headers, headers);
    for (const name of OF_CONTENT) all.delete(name);
    return new Response(null, { status, headers: all });
  }
  const length = decoded ? undefined : part === undefined ? stat.size : part.end - part.start;
  Object.assign(headers, {
    "accept-ranges": decoded ? "none" : "bytes",
    "content-type": parts.contentType,
    "content-disposition": parts.contentDisposition,
    "content-language": stat.contentLanguage,
    "content-encoding": decoded ? undefined : withoutCoding(stat.contentEncoding, "aws-chunked"),
    "content-length": length?.toString(),
    "content-range": part && `bytes ${part.start}-${part.end - 1}/${stat.size}`,
  });
  return new Response(body ? await bodyOf(body.file, body.head, length) : bodyOfHead(length), {
    status,
    headers: merged(parts.headers, headers),
    // Otherwise Cloudflare's runtime would compress the body again.
    ...(!decoded && stat.contentEncoding !== undefined && { encodeBody: "manual" }),
  });
}

/** The headers of a response with those of the caller. */
function merged(
  others: Readonly<Record<string, string>> | undefined,
  headers: Readonly<Record<string, string | undefined>>,
): Headers {
  const all = new Headers(others);
  const theirs = ADDED_TO.map((name) => [name, all.get(name)] as const);
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) all.set(name, value);
  for (const [name, other] of theirs) if (other !== null && headers[name] !== undefined) all.append(name, other);
  return all;
}

/**
 * The body of a HEAD. Deno and Bun send `Content-Length: 0` for `null`, unless the response has the length. So a length that is
 * unknown needs a stream; its bytes are never sent.
 */
function bodyOfHead(length: number | undefined): ReadableStream<Uint8Array> | null {
  if (length !== undefined) return null;
  return new ReadableStream({ pull: (controller) => controller.close() }, { highWaterMark: 0 });
}

/** The body of a GET, in the form that the runtime sends with its length. */
async function bodyOf(
  file: BinaryFile,
  head: Uint8Array,
  length: number | undefined,
): Promise<ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>> {
  const bytes = streamOf(file, head, length);
  if (length === undefined) return bytes;
  if (!isBun() || length > MAX_SIZED_BYTES) return withLength(bytes, length);
  const whole = new Uint8Array(await new Response(bytes).arrayBuffer());
  if (whole.byteLength === length) return whole;
  throw new IntegrityError(`Cannot serve file: it ended after ${whole.byteLength} of ${length} bytes`);
}

/** The first bytes and the rest, but no more than announced, in case a storage ignores the end of a range. */
function streamOf(file: BinaryFile, head: Uint8Array, length = Infinity): ReadableStream<Uint8Array> {
  const rest = file.readable.getReader();
  let next = head.byteLength > 0 ? head : undefined;
  let missing = length;
  return new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      const chunk = next ?? (missing > 0 ? (await rest.read()).value : undefined);
      next = undefined;
      if (chunk === undefined) {
        await rest.cancel();
        return controller.close();
      }
      controller.enqueue(chunk.subarray(0, missing));
      missing -= chunk.byteLength;
    },
    cancel: (reason) => rest.cancel(reason),
  }, { highWaterMark: 0 });
}
