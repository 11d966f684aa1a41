import { asBytes } from "../../kit/bytes/bytes.ts";
import { isFileReference } from "../../runtime/files/file_blob.ts";
import type { ContentStream, PreparedContent } from "./prepared_content.ts";
import type { ReadFile } from "../files/read_file.ts";
import { toBytes } from "./to_bytes.ts";

/**
 * What can be saved. Text is stored as UTF-8. Streams and iterables are read once, as fast as they can be stored;
 * their chunks are bytes or text.
 *
 * A file that is open for reading is stored from its beginning, and then closed. It keeps its media type, content encoding,
 * caching, disposition, language and metadata; its `readable` is its bytes alone.
 *
 * What a Request or a Response says of its content encoding is believed where the bytes agree.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type SaveContent } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const contents: SaveContent[] = ["text", new Uint8Array([1, 2]), new Blob(["blob"]), new Response("response")];
 * const storage = new MemoryStorage();
 * for (const content of contents) await storage.save("file", content);
 * assertEquals(await storage.size("file"), 8);
 * ```
 */
export type SaveContent =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | Request
  | Response
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array | string>;

/** The name that content brings along: that of a File, or of a file opened for reading. */
export function nameOfContent(content: SaveContent): string | undefined {
  return content instanceof File || isReadFile(content) ? content.name : undefined;
}

/**
 * Makes content ready. A Blob's size is believed only where it is the length of bytes that never change: files of Bun are
 * asked for none, and a size of 0 may be that of a file of `/proc`.
 *
 * @param contentEncoding What the caller says of the encoding: then what the content says does not matter.
 * @returns A promise only where the content has to be looked at first.
 * @throws {TypeError} If it is none of the kinds that can be saved, was read already, or is a response that failed.
 */
export function prepareContent(
  content: SaveContent,
  signal?: AbortSignal,
  contentEncoding?: string,
): PreparedContent | Promise<PreparedContent> {
  if (typeof content === "string" || content instanceof ArrayBuffer || ArrayBuffer.isView(content)) {
    return { whole: asBytes(toBytes(content)) };
  }
  if (content instanceof Blob) {
    const isSized = !isFileReference(content) && Number.isSafeInteger(content.size) && content.size > 0;
    const type = content.type || undefined;
    return isSized ? { whole: content, type } : streamed(() => content.stream(), signal, type);
  }
  if (content instanceof Request || content instanceof Response) {
    return prepareMessage(content, signal, contentEncoding);
  }
  if (isReadFile(content)) {
    // Loaded on demand: few copy from one storage to another.
    return import("./file_content.ts").then(({ describeFile }) => describeFile(content, signal))
      .then(async (described) => ({ ...await streamed(() => content.readable, signal), described }));
  }
  if (typeof content === "object" && content !== null && Symbol.asyncIterator in content) {
    return streamed(() => content, signal);
  }
  throw new TypeError(
    "Cannot save this content: it must be a string, bytes, a Blob, a Request, a Response, a ReadableStream, a file " +
      `opened for reading or an async iterable, got ${content === null ? "null" : typeof content}`,
  );
}

/** Loaded on demand: content that is there as a whole needs no stream. */
async function streamed(
  open: () => ReadableStream<Uint8Array> | AsyncIterable<Uint8Array | string>,
  signal: AbortSignal | undefined,
  type?: string,
): Promise<ContentStream & { readonly type: string | undefined }> {
  const { contentStream } = await import("./stream_content.ts");
  return { ...contentStream(open(), signal), type };
}

function prepareMessage(
  message: Request | Response,
  signal: AbortSignal | undefined,
  contentEncoding: string | undefined,
): PreparedContent | Promise<PreparedContent> {
  if (message.bodyUsed) throw new TypeError("Cannot save this body: it was read already");
  if (message instanceof Response && !message.ok) {
    throw new TypeError(`Cannot save a response that failed: its status is ${message.status}`);
  }
  const type = /^[ -~]+$/.exec(message.headers.get("content-type") ?? "")?.[0]; // others may have said anything
  if (message.body === null) return { whole: new Uint8Array(0), type };
  const { body } = message;
  const preparing = streamed(() => body, signal, type);
  if (contentEncoding !== undefined || !message.headers.has("content-encoding")) return preparing;
  // Loaded on demand: few messages are encoded.
  return import("./message_encoding.ts").then(async ({ withEncoding }) => withEncoding(message, await preparing));
}

/** A file of text or of bytes. */
type AnyReadFile = ReadFile<string | Uint8Array<ArrayBuffer>>;

/** A file of any copy of this module that is open for reading. */
function isReadFile(content: unknown): content is AnyReadFile {
  const { mode, describe } = Object(content) as Partial<AnyReadFile>;
  return (mode === "r" || mode === "rb") && typeof describe === "function";
}
