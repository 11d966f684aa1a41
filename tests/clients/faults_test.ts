/** Random operations behind all kinds of faults, on Deno, Bun and Node. */
import { assert, assertEquals } from "@std/assert";
import { whyMissing } from "../runtimes/install.ts";
import { startFaultStorage } from "./fault_storage.ts";
import { FAULT_RUNTIMES, type FaultReport, runFaults } from "./faults.ts";

/** `deno task bench faults` has more operations, and takes another seed. */
const RUN = { seed: 20_261_130, operations: 208, workers: 16, rate: 0.25, timeout: 3 };

/** The least kinds of fault that a run meets. */
const LEAST_KINDS = 30;

interface Run {
  readonly report: FaultReport;
  readonly storage: string;
}

async function run(runtime: string): Promise<Run> {
  await using storage = await startFaultStorage();
  return { report: await runFaults(await FAULT_RUNTIMES[runtime]!(), storage, RUN), storage: storage.name };
}

const missing = new Map<string, string>();
for (const [name, command] of Object.entries(FAULT_RUNTIMES)) {
  const reason = await whyMissing(command);
  if (reason !== undefined) missing.set(name, reason);
}
const present = Object.keys(FAULT_RUNTIMES).filter((name) => !missing.has(name));

let runs: ReadonlyMap<string, Promise<Run>> | undefined;

/** The runs begin together, as most of their time is waiting for timeouts; each has a server of its own. */
function allRuns(): ReadonlyMap<string, Promise<Run>> {
  if (runs !== undefined) return runs;
  runs = new Map(present.map((name) => [name, run(name)]));
  for (const each of runs.values()) each.catch(() => {}); // reported by the test of its runtime
  return runs;
}

for (const name of Object.keys(FAULT_RUNTIMES)) {
  const reason = missing.get(name);
  Deno.test({
    name:
      `${name}: ${RUN.operations} operations behind faults are right or throw a typed error, and leave nothing behind${
        reason ? ` (skipped: ${reason})` : ""
      }`,
    ignore: reason !== undefined,
    fn: async () => {
      const { report: { operations, injected, wrong }, storage } = await allRuns().get(name)!;
      assertEquals(wrong, [], storage);
      assertEquals(operations, RUN.operations);
      const kinds = Object.values(injected).filter((count) => count > 0);
      assert(kinds.length >= LEAST_KINDS, JSON.stringify(injected));
    },
  });
}
