import { concatBytes } from "../../kit/bytes/bytes.ts";

/** Looks at the first bytes of an iterable, fewer where it ends before; the iterable that comes back has them still. */
export async function peekChunks(
  source: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ head: Uint8Array; chunks: AsyncIterable<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  const shown: Uint8Array[] = [];
  for (let shownBytes = 0; shownBytes < length;) {
    const { done, value } = await iterator.next();
    if (done) break;
    shown.push(value.slice()); // a source may fill one buffer again and again
    shownBytes += value.byteLength;
  }
  const head = concatBytes(shown);
  let isShown = head.byteLength === 0;
  const whole: AsyncIterator<Uint8Array> = {
    next: async () => {
      if (isShown) return await iterator.next();
      isShown = true;
      return { value: head };
    },
    return: async () => await iterator.return?.() ?? { done: true, value: undefined },
  };
  return { head, chunks: { [Symbol.asyncIterator]: () => whole } };
}
