import { hold, type WaitUntil } from "../../kit/async/hold.ts";
import type { ByteSink } from "../contract/bytes.ts";
import type { WrittenObject } from "../contract/saved_file.ts";

/** Opens a sink that keeps a Worker alive until it is closed or aborted. */
export function heldSink(waitUntil: WaitUntil, open: () => ByteSink): ByteSink {
  const end = hold(waitUntil);
  const sink = open();
  return {
    failed: sink.failed,
    write: (bytes) => sink.write(bytes),
    // A failed close is followed by an abort.
    async close(): Promise<WrittenObject | void> {
      const stored = await sink.close();
      end();
      return stored;
    },
    async abort(reason): Promise<void> {
      await sink.abort(reason).finally(end);
    },
  };
}
