import { concatBytes } from "../../kit/bytes/bytes.ts";

/** Reads the first bytes of an iterable, fewer if it is shorter, and returns an iterable that still has them. */
export async function peekChunks(
  source: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ head: Uint8Array; chunks: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  const peeked: Uint8Array[] = [];
  for (let peekedBytes = 0; peekedBytes < length;) {
    const { done, value } = await iterator.next();
    if (done) break;
    peeked.push(value.slice()); // a source may reuse its buffer
    peekedBytes += value.byteLength;
  }
  const head = concatBytes(peeked);
  let isDelivered = head.byteLength === 0;
  const whole: AsyncIterator<Uint8Array> = {
    next: async () => {
      if (isDelivered) return await iterator.next();
      isDelivered = true;
      return { value: head };
    },
    return: async () => await iterator.return?.() ?? { done: true, value: undefined },
  };
  return { head, chunks: { [Symbol.asyncIterator]: () => whole } };
}
