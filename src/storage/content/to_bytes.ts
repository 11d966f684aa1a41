import { encodeUtf8 } from "../../kit/bytes/bytes.ts";

/** @throws {TypeError} If the buffer is detached: it would be stored as an empty file. */
function checkAttached<B extends ArrayBufferLike>(buffer: B): B {
  try {
    if (buffer.byteLength === 0) new Uint8Array(buffer);
    return buffer;
  } catch (cause) {
    throw new TypeError("Cannot write this ArrayBuffer: it is detached", { cause });
  }
}

/** @throws {TypeError} If it is neither text nor bytes, or its buffer is detached. */
export function toBytes(chunk: unknown): Uint8Array {
  if (typeof chunk === "string") return encodeUtf8(chunk);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(checkAttached(chunk));
  if (ArrayBuffer.isView(chunk)) {
    const { byteOffset, byteLength } = chunk;
    if (byteLength === 0) checkAttached(chunk.buffer);
    return chunk instanceof Uint8Array ? chunk : new Uint8Array(chunk.buffer, byteOffset, byteLength);
  }
  throw new TypeError(`Cannot write: data must be a string or bytes, got ${chunk === null ? "null" : typeof chunk}`);
}
