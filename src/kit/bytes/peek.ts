import type { Bytes } from "./bytes.ts";
import { ByteReader, endAfter } from "./byte_reader.ts";

/** Reads up to `length` first bytes of a stream; the stream that is returned still has them. */
export async function peek(
  stream: ReadableStream<Uint8Array>,
  length: number,
): Promise<{ head: Bytes; stream: ReadableStream<Uint8Array> }> {
  const reader = new ByteReader(stream);
  const head = await reader.readUntil(endAfter(length));
  let isHeadRead = head.byteLength === 0;
  const whole = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      const chunk = isHeadRead ? await reader.readSome() : head;
      isHeadRead = true;
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  return { head, stream: whole };
}
