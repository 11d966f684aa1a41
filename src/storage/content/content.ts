import { asBytes } from "../../kit/bytes/bytes.ts";
import { isFileReference } from "../../runtime/files/file_blob.ts";
import type { ContentStream, PreparedContent } from "./prepared_content.ts";
import type { ReadFile } from "../files/read_file.ts";
import { toBytes } from "./to_bytes.ts";

/**
 * Content that can be saved. Text is stored as UTF-8. Streams and iterables are read once, as fast as they can be stored;
 * their chunks are bytes or text. The entries of a `FormData` are content; `null` for a missing one is not.
 *
 * A file that is open for reading is stored from its beginning, and then closed. Its media type, content encoding, caching,
 * disposition, language and metadata are stored too; save its `readable` to store only its bytes.
 *
 * The `Content-Encoding` of a Request or a Response is stored if the bytes agree with it.
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
  | Iterable<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>;

/** The name of the content: of a File, or of a file opened for reading. */
export function nameOfContent(content: SaveContent): string | undefined {
  return content instanceof File || isReadFile(content) ? content.name : undefined;
}

/**
 * Prepares content to be stored. The size of a Blob is used only if its bytes cannot change: a file of Bun may change, and
 * a size of 0 may be that of a file in `/proc`.
 *
 * @param name The file's name, for errors.
 * @param contentEncoding The caller's encoding, which overrides that of the content.
 * @returns A promise only if a module must be loaded or the content inspected.
 * @throws {TypeError} If the content is of another type, was already read or has a reader, or is a failed response.
 */
export function prepareContent(
  name: string,
  content: SaveContent,
  signal?: AbortSignal,
  contentEncoding?: string,
): PreparedContent | Promise<PreparedContent> {
  const isUtf8 = typeof content === "string";
  if (isUtf8 || content instanceof ArrayBuffer || ArrayBuffer.isView(content)) {
    return { whole: asBytes(toBytes(content)), isUtf8 };
  }
  if (content instanceof Blob) {
    const isSized = !isFileReference(content) && Number.isSafeInteger(content.size) && content.size > 0;
    const type = content.type || undefined;
    return isSized ? { whole: content, type } : streamed(() => content.stream(), signal, type);
  }
  if (content instanceof Request || content instanceof Response) {
    return import("./message_content.ts")
      .then(({ prepareMessage }) => prepareMessage(name, content, signal, contentEncoding));
  }
  if (isReadFile(content)) {
    // Loaded on demand: few programs copy from one storage to another.
    return import("./file_content.ts").then(({ fileContent }) => fileContent(content, signal));
  }
  if (isIterable(content)) return streamed(() => content, signal);
  return import("./refused_content.ts").then(({ refusedContent }) => {
    throw refusedContent(name, content);
  });
}

/** Loaded on demand: content that is complete needs no stream. */
async function streamed(
  open: () => ReadableStream<Uint8Array> | Chunks,
  signal: AbortSignal | undefined,
  type?: string,
): Promise<ContentStream & { readonly type: string | undefined }> {
  const { contentStream } = await import("./stream_content.ts");
  return { ...contentStream(open(), signal), type };
}

/** An iterable of chunks. */
type Chunks = Iterable<Uint8Array | string> | AsyncIterable<Uint8Array | string>;

/** Whether a value has chunks; collections of pairs, such as a Map, have none. In Safari a stream is no iterable. */
function isIterable(content: unknown): content is Chunks {
  if (typeof content !== "object" || content === null) return false;
  return "getReader" in content || Symbol.asyncIterator in content ||
    (Symbol.iterator in content && !("entries" in content && "get" in content));
}

/** A file opened to read text or bytes. */
type AnyReadFile = ReadFile<string | Uint8Array<ArrayBuffer>>;

/** Recognizes files opened for reading, also those of another copy of this module. */
function isReadFile(content: unknown): content is AnyReadFile {
  const { mode, describe } = Object(content) as Partial<AnyReadFile>;
  return (mode === "r" || mode === "rb") && typeof describe === "function";
}
