/** Calls that begin while the port of their server is closed, on Deno, Bun and Node. */
import { assertEquals } from "@std/assert";
import { withImportMap } from "../offline/import_map.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, whyMissing } from "../runtimes/install.ts";
import { OUTAGE_BYTES, OUTAGE_CALLS } from "./outage_tasks.ts";
import { OutageClient } from "./outages.ts";

const CLIENT = "tests/clients/outage_client.ts";
const CALLS = 10;
const AWAY_SECONDS = 1;

const bundled = (): Promise<string> => bundle(CLIENT, "tests/.build/outage_client.js");

const RUNTIMES: Readonly<Record<string, () => Promise<string[]>>> = {
  deno: async () => [Deno.execPath(), ...await withImportMap(["run", "-A", CLIENT])],
  bun: async () => [await bunPath(), "run", await bundled()],
  node: async () => [await nodePath(), await bundled()],
};

for (const [name, command] of Object.entries(RUNTIMES)) {
  const reason = await whyMissing(command);
  Deno.test({
    name: `${name}: ${CALLS} saves, opens and lists outlast a server that is away for ${AWAY_SECONDS} s${
      reason ? ` (skipped: ${reason})` : ""
    }`,
    ignore: reason !== undefined,
    fn: async () => {
      await using client = new OutageClient(await command());
      for (const call of OUTAGE_CALLS) {
        const { failures, error, stored } = await client.round({ call, count: CALLS }, AWAY_SECONDS);
        assertEquals([call, failures, error], [call, 0, undefined]);
        const names = Array.from({ length: call === "save" ? CALLS : 1 }, (_, index) => `file${index}.bin`);
        assertEquals(stored, Object.fromEntries(names.map((name) => [name, OUTAGE_BYTES])));
      }
    },
  });
}
