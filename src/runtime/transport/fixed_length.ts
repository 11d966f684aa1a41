interface FixedLength {
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
}

/**
 * A body that is announced with its length. Cloudflare's runtime takes a length from a stream of its own class alone, and
 * sends any other in chunks.
 */
export function withLength(body: ReadableStream<Uint8Array>, length: number): ReadableStream<Uint8Array> {
  const { FixedLengthStream } = globalThis as { FixedLengthStream?: new (length: number) => FixedLength };
  if (FixedLengthStream === undefined) return body;
  const { readable, writable } = new FixedLengthStream(length);
  body.pipeTo(writable).catch(() => {}); // whoever reads is told
  return readable;
}
