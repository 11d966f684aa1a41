/** Reads a stream of bytes to its end. As in `@std/streams` it takes `Response.bytes`, which Node has from version 22. */
export function toBytes(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).bytes();
}
