import type { Bytes } from "../kit/bytes/bytes.ts";
import { builtin } from "./builtin.ts";

interface NodeZlib {
  readonly constants: Readonly<Record<"BROTLI_PARAM_QUALITY" | "BROTLI_PARAM_SIZE_HINT", number>>;
  brotliCompress?(
    bytes: Uint8Array,
    options: { readonly params: Readonly<Record<number, number>> },
    done: (error: Error | null, compressed: Uint8Array) => void,
  ): void;
}

/** The best quality there is: what is compressed once and sent often is worth the time. */
const QUALITY = 11;

/** What compresses by Brotli, beside the event loop; `undefined` where the runtime cannot. */
export function findBrotli(): ((bytes: Uint8Array) => Promise<Bytes>) | undefined {
  const zlib = builtin<NodeZlib>("node:zlib");
  if (zlib?.brotliCompress === undefined) return undefined;
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = zlib.constants;
  return (bytes) =>
    new Promise((resolve, reject) => {
      const params = { [BROTLI_PARAM_QUALITY]: QUALITY, [BROTLI_PARAM_SIZE_HINT]: bytes.byteLength };
      // A copy: what it gives may be a piece of a buffer that is larger.
      zlib.brotliCompress!(bytes, { params }, (error, done) => error ? reject(error) : resolve(new Uint8Array(done)));
    });
}
