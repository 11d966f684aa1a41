/** Files that a program does not read to their ends, and does not close, on Deno, Bun and Node. */
import { assert } from "@std/assert";
import { withImportMap } from "../offline/import_map.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, whyMissing } from "../runtimes/install.ts";
import { runProcess } from "../runtimes/run_suite.ts";
import { type DroppedResult, type DroppedWish, MOST_KEPT } from "./dropped_files.ts";
import { serve } from "./served_server.ts";
import { s3On } from "../unit/storage/storages.ts";

const PROBE = "tests/clients/dropped_probe.ts";
const FILES = 200;
const BLOCK_BYTES = 64 * 1024;
const BYTES = Uint8Array.from({ length: 64 * BLOCK_BYTES }, (_, index) => Math.floor(index / BLOCK_BYTES));

let bundled: Promise<string> | undefined;
const probe = (): Promise<string> => bundled ??= bundle(PROBE, "tests/.build/dropped_probe.js");

const RUNTIMES: Readonly<Record<string, () => Promise<string[]>>> = {
  deno: async () => [Deno.execPath(), ...await withImportMap(["run", "-A", "--v8-flags=--expose-gc", PROBE])],
  bun: async () => [await bunPath(), "run", await probe()],
  node: async () => [await nodePath(), "--expose-gc", await probe()],
};

const PROMISES: Readonly<Record<DroppedWish["kind"], string>> = {
  dropped: "a program may drop half-read files: it continues, and a garbage collection closes their connections",
  unread:
    "a program may drop files that it did not read: it continues, and a garbage collection closes their connections",
  held: "a half-read file releases its connection after idleTimeout, without a garbage collection, and can be read on",
};

for (const [name, command] of Object.entries(RUNTIMES)) {
  const reason = await whyMissing(command);
  for (const [kind, promise] of Object.entries(PROMISES) as [DroppedWish["kind"], string][]) {
    Deno.test({
      name: `${name}: ${promise}${reason ? ` (skipped: ${reason})` : ""}`,
      ignore: reason !== undefined,
      fn: async () => {
        await using served = serve();
        await s3On(served.server).save("large.bin", BYTES);
        const files = kind === "held" ? 20 : FILES;
        const wish: DroppedWish = { endpointUrl: served.endpoint, files, sizeBytes: BYTES.byteLength, kind };
        const [program, ...args] = await command();
        const [result] = await runProcess<DroppedResult>(program!, [...args, JSON.stringify(wish)]);
        const { sockets = 0 } = result!;
        assert(sockets <= MOST_KEPT, `${sockets} sockets`);
      },
    });
  }
}
