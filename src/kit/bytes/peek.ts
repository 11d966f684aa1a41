import type { Bytes } from "./bytes.ts";
import { ByteReader, endAfter } from "./byte_reader.ts";

/** Looks at the first bytes of a stream, fewer where it ends before; the stream that comes back has them still. */
export async function peek(
  stream: ReadableStream<Uint8Array>,
  length: number,
): Promise<{ head: Bytes; stream: ReadableStream<Uint8Array> }> {
  const reader = new ByteReader(stream);
  const head = await reader.readUntil(endAfter(length));
  let isShown = head.byteLength === 0;
  const whole = new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      const chunk = isShown ? await reader.readSome() : head;
      isShown = true;
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  return { head, stream: whole };
}
