import type { ByteSink } from "../contract/bytes.ts";
import { Gzip } from "fflate";
import type { WrittenObject } from "../contract/saved_file.ts";

/** Bytes compressed per step. Fixed, as the output depends on it: equal content must give equal bytes. */
const BLOCK_BYTES = 64 * 1024;

/** Blocks after which other tasks may run: about ten milliseconds. */
const BLOCKS_PER_PAUSE = 4;

/** A sink that compresses, deterministically: with level 9, and without a time in the header. */
export function gzipSink(sink: ByteSink): ByteSink {
  const block = new Uint8Array(BLOCK_BYTES);
  let filled = 0;
  let blocks = 0;
  let output: Uint8Array[] = [];
  const gzip = new Gzip({ level: 9, mtime: 0 }, (bytes) => void output.push(bytes));

  async function compress(isLast: boolean): Promise<void> {
    gzip.push(block.subarray(0, filled), isLast);
    filled = 0;
    const ready = output;
    output = [];
    for (const bytes of ready) if (bytes.byteLength > 0) await sink.write(bytes);
    if (++blocks % BLOCKS_PER_PAUSE === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }

  return {
    failed: sink.failed,
    async write(chunk): Promise<void> {
      for (let offset = 0; offset < chunk.byteLength;) {
        const taken = chunk.subarray(offset, offset + BLOCK_BYTES - filled);
        block.set(taken, filled);
        filled += taken.byteLength;
        offset += taken.byteLength;
        if (filled === BLOCK_BYTES) await compress(false);
      }
    },
    async close(): Promise<WrittenObject | void> {
      await compress(true);
      return await sink.close();
    },
    abort: (reason) => sink.abort(reason),
  };
}
