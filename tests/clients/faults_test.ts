/** Random operations behind all kinds of faults, on Deno, Bun and Node. */
import { assert, assertEquals } from "@std/assert";
import { whyMissing } from "../runtimes/install.ts";
import { startFaultStorage } from "./fault_storage.ts";
import { FAULT_RUNTIMES, runFaults } from "./faults.ts";

/** `deno task bench faults` has more operations, and takes another seed. */
const RUN = { seed: 20_261_130, operations: 208, workers: 16, rate: 0.25, timeout: 3 };

/** The least kinds of fault that a run meets. */
const LEAST_KINDS = 30;

for (const [name, command] of Object.entries(FAULT_RUNTIMES)) {
  const reason = await whyMissing(command);
  Deno.test({
    name:
      `${name}: ${RUN.operations} operations behind faults are right or throw a typed error, and leave nothing behind${
        reason ? ` (skipped: ${reason})` : ""
      }`,
    ignore: reason !== undefined,
    fn: async () => {
      await using storage = await startFaultStorage();
      const { operations, injected, wrong } = await runFaults(await command(), storage, RUN);
      assertEquals(wrong, [], storage.name);
      assertEquals(operations, RUN.operations);
      const kinds = Object.values(injected).filter((count) => count > 0);
      assert(kinds.length >= LEAST_KINDS, JSON.stringify(injected));
    },
  });
}
