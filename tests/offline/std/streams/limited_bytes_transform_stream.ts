/** Stands in for `@std/streams/limited-bytes-transform-stream` where JSR cannot be reached. */

/** Options for {@linkcode LimitedBytesTransformStream}. */
export interface LimitedBytesTransformStreamOptions {
  /**
   * Whether a chunk beyond the limit is an error; otherwise the stream ends before it.
   * @default {false}
   */
  error?: boolean;
}

/** Passes bytes on as long as there are no more than `size`. */
export class LimitedBytesTransformStream extends TransformStream<Uint8Array, Uint8Array> {
  constructor(size: number, { error = false }: LimitedBytesTransformStreamOptions = {}) {
    let length = 0;
    super({
      transform(chunk, controller): void {
        length += chunk.byteLength;
        if (length <= size) controller.enqueue(chunk);
        else if (error) throw new RangeError(`Exceeded byte size limit of '${size}'`);
        else controller.terminate();
      },
    });
  }
}
