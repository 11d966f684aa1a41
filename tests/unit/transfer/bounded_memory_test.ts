import { assert } from "@std/assert";
import { type RuntimeName, startNullServer, transferBundle, transferOn } from "../../bench/transfer_run.ts";
import { DOWN, UP } from "../../bench/transfer_ways.ts";

const MEBIBYTE = 1024 ** 2;

/** The tolerance for two heaps that were not collected; holding the object would take 192. */
const MOST_GROWTH_MEBIBYTES = 64;

for (const runtime of ["deno", "node", "bun"] satisfies RuntimeName[]) {
  Deno.test(`a process on ${runtime} takes no more memory for 256 MiB than for 64 MiB, in uploads and downloads`, async () => {
    const path = await transferBundle("transfer_client");
    await using server = await startNullServer();
    const { endpointUrl } = server;
    for (const name of [UP, DOWN]) {
      const peak = async (mebibytes: number): Promise<number> => {
        const wish = { name, endpointUrl, sizeBytes: mebibytes * MEBIBYTE, reusesChunk: true, warmUpBytes: 0 };
        return (await transferOn(runtime, path, wish)).peakMebibytes;
      };
      const [small, large] = [await peak(64), await peak(256)];
      assert(large <= small + MOST_GROWTH_MEBIBYTES, `${name} took ${small} MiB for 64 MiB, and ${large} for 256`);
    }
  });
}
