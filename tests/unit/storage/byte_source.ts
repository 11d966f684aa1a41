import type { ByteSource } from "../../../src/storage/contract/bytes.ts";
import { chunkedStream } from "../random.ts";

/** A source of bytes in memory that records its calls and the fate of its streams. */
export class CountingSource implements ByteSource {
  readonly stat: ByteSource["stat"];
  /** The positions at which it was opened, in order. */
  readonly starts: number[] = [];
  /** Streams that were cancelled before their end. */
  cancelled = 0;
  closed = 0;

  constructor(readonly content: Uint8Array<ArrayBuffer>, readonly sizes: readonly number[] = [3]) {
    this.stat = {
      size: content.byteLength,
      etag: '"e"',
      modifiedTime: new Date(0),
      contentType: "text/plain",
      contentEncoding: undefined,
      cacheControl: undefined,
      contentDisposition: undefined,
      contentLanguage: undefined,
      metadata: {},
      versionId: undefined,
      storageClass: undefined,
    };
  }

  open(start: number): Promise<ReadableStream<Uint8Array>> {
    this.starts.push(start);
    const reader = chunkedStream(this.content.slice(start), this.sizes).getReader();
    return Promise.resolve(
      new ReadableStream({
        pull: async (controller) => {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: () => void this.cancelled++,
      }, { highWaterMark: 0 }),
    );
  }

  close(): Promise<void> {
    this.closed++;
    return Promise.resolve();
  }
}

/** A source whose first stream that gets that far fails after 20 chunks. */
export function failingOnce(inner: ByteSource): ByteSource {
  let failures = 1;
  return {
    stat: inner.stat,
    close: () => inner.close(),
    open: async (start) => {
      const reader = (await inner.open(start)).getReader();
      let chunks = 0;
      return new ReadableStream({
        pull: async (controller) => {
          if (++chunks > 20 && failures-- > 0) throw new Error("connection lost");
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
      }, { highWaterMark: 0 });
    },
  };
}
