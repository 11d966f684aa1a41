import type { Bytes } from "../../kit/bytes/bytes.ts";
import { builtin } from "../builtin.ts";

interface NodeZlib {
  readonly constants: Readonly<Record<"BROTLI_PARAM_QUALITY" | "BROTLI_PARAM_SIZE_HINT", number>>;
  brotliCompress?(
    bytes: Uint8Array,
    options: { readonly params: Readonly<Record<number, number>> },
    done: (error: Error | null, compressed: Uint8Array) => void,
  ): void;
}

/** The highest quality: files are compressed once and sent often. */
const QUALITY = 11;

/** Returns a function that compresses with Brotli outside the event loop; `undefined` if the runtime has none. */
export function findBrotli(): ((bytes: Uint8Array) => Promise<Bytes>) | undefined {
  const zlib = builtin<NodeZlib>("node:zlib");
  if (zlib?.brotliCompress === undefined) return undefined;
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
  return (bytes) =>
    new Promise((resolve, reject) => {
      const params = { [BROTLI_PARAM_QUALITY]: QUALITY, [BROTLI_PARAM_SIZE_HINT]: bytes.byteLength };
      // A copy, as the result may be a view of a larger buffer.
      zlib.brotliCompress!(bytes, { params }, (error, done) => error ? reject(error) : resolve(new Uint8Array(done)));
    });
}
