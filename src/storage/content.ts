import { asBytes, type Bytes, concatBytes, encodeUtf8 } from "../kit/bytes.ts";

/**
 * What can be saved. Text is stored as UTF-8. Streams and iterables are read once, as fast as they can be stored;
 * their chunks are bytes or text.
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

/** Content made ready: whole where it is there already, else as a stream of bytes. */
export type PreparedContent =
  & { readonly type: string | undefined; readonly name: string | undefined }
  & ({ readonly whole: Bytes | Blob } | { readonly stream: AsyncIterable<Uint8Array> });

/**
 * @throws {TypeError} If it is none of the kinds that can be saved, was read already, or is an answer that failed.
 */
export function prepareContent(content: SaveContent): PreparedContent {
  if (typeof content === "string") return { whole: encodeUtf8(content), type: undefined, name: undefined };
  if (content instanceof ArrayBuffer) return { whole: new Uint8Array(content), type: undefined, name: undefined };
  if (ArrayBuffer.isView(content)) {
    const view = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
    return { whole: asBytes(view), type: undefined, name: undefined };
  }
  if (content instanceof Blob) {
    return {
      whole: content,
      type: content.type || undefined,
      name: content instanceof File ? content.name : undefined,
    };
  }
  if (content instanceof Request || content instanceof Response) return prepareMessage(content);
  if (typeof content === "object" && content !== null && Symbol.asyncIterator in content) {
    return { stream: bytesOf(content), type: undefined, name: undefined };
  }
  throw new TypeError(
    "Cannot save this content: it must be a string, bytes, a Blob, a Request, a Response, a ReadableStream or an " +
      `async iterable, and is ${content === null ? "null" : typeof content}`,
  );
}

function prepareMessage(message: Request | Response): PreparedContent {
  if (message.bodyUsed) throw new TypeError("Cannot save this body: it was read already");
  if (message instanceof Response && !message.ok) {
    throw new TypeError(`Cannot save a response that failed: its status is ${message.status}`);
  }
  const type = message.headers.get("content-type") ?? undefined;
  if (message.body === null) return { whole: new Uint8Array(0), type, name: undefined };
  return { stream: bytesOf(message.body), type, name: undefined };
}

async function* bytesOf(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield toBytes(chunk);
}

/** @throws {TypeError} If it is neither text nor bytes. */
export function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") return encodeUtf8(chunk);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  const kind = chunk === null ? "null" : typeof chunk;
  throw new TypeError(`Cannot write this: it must be a string or bytes, and is ${kind}`);
}

/** Streams up to this many bytes are kept in memory where they may have to be written twice. */
const SPOOL_BYTES = 8 * 1024 * 1024;

/** Reads a short stream to its end, so that it is there as a whole; a longer one stays a stream. */
export async function spoolContent(content: PreparedContent): Promise<PreparedContent> {
  if ("whole" in content) return content;
  const { type, name } = content;
  const iterator = content.stream[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  for (let length = 0; length <= SPOOL_BYTES;) {
    const { done, value } = await iterator.next();
    if (done) return { whole: concatBytes(head), type, name };
    head.push(value.slice()); // a source may fill one buffer again and again
    length += value.byteLength;
  }
  return { stream: headThenRest(head, iterator), type, name };
}

async function* headThenRest(
  head: readonly Uint8Array[],
  iterator: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* head;
    for await (const chunk of { [Symbol.asyncIterator]: () => iterator }) yield chunk;
  } finally {
    await iterator.return?.(); // lets the source go, also when the loop was never reached
  }
}
