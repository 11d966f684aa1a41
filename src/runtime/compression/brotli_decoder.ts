import { builtin } from "../builtin.ts";

interface NodeZlib {
  createBrotliDecompress?(): unknown;
}

interface NodeStream {
  readonly Duplex: {
    toWeb?(stream: unknown): {
      readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
      readonly writable: WritableStream<Uint8Array>;
    };
  };
}

/**
 * Returns a function that decompresses a stream of Brotli; `undefined` if the runtime has none.
 *
 * The decoder of `node:zlib` gives at most 16 KiB at a time: that of `DecompressionStream` on Deno 2.9 gave 1 GiB in one
 * chunk for a file of 2 KB. On Deno a file that is cut short ends without an error.
 */
export function findBrotliDecoder():
  | ((packed: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array<ArrayBuffer>>)
  | undefined {
  const [zlib, streams] = [builtin<NodeZlib>("node:zlib"), builtin<NodeStream>("node:stream")];
  if (zlib?.createBrotliDecompress === undefined || streams?.Duplex.toWeb === undefined) return undefined;
  return (packed) => packed.pipeThrough(streams.Duplex.toWeb!(zlib.createBrotliDecompress!()));
}
