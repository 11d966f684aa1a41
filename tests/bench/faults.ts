// deno-lint-ignore-file no-console -- it prints what it found
/**
 * Random operations under all kinds of faults, judged by boto3 on Ceph RGW: `deno task bench faults [OPERATIONS] [SEED]
 * [RUNTIME…] [KIND…]`, 5,000 operations on each runtime and all kinds by default. It exits with 1 if anything is not as promised.
 */
import { startFaultStorage } from "../clients/fault_storage.ts";
import { FAULT_RUNTIMES, runFaults } from "../clients/faults.ts";
import { FAULT_KINDS, type FaultKind } from "../fakes/fault_plan.ts";
import { RuntimeUnavailableError } from "../runtimes/install.ts";

const WORKERS = 16;
const RATE = 0.12;
/** The share if only some kinds are wanted. */
const FOCUSED_RATE = 0.3;
const TIMEOUT_SECONDS = 2;

const [operations = 5000, seed = 20_261_130] = Deno.args.filter((arg) => /^\d+$/.test(arg)).map(Number);
const named = Deno.args.filter((arg) => Object.hasOwn(FAULT_RUNTIMES, arg));
/** Only these kinds, to find the smallest reproduction. */
const kinds = Deno.args.filter((arg): arg is FaultKind => (FAULT_KINDS as readonly string[]).includes(arg));
const runtimes = named.length > 0 ? named : Object.keys(FAULT_RUNTIMES);

let isRight = true;
for (const name of runtimes) {
  try {
    const command = await FAULT_RUNTIMES[name]!();
    await using storage = await startFaultStorage();
    const run = {
      seed,
      operations,
      workers: WORKERS,
      rate: kinds.length > 0 ? FOCUSED_RATE : RATE,
      timeout: TIMEOUT_SECONDS,
    };
    const report = await runFaults(command, storage, kinds.length > 0 ? { ...run, kinds } : run);
    const injected = Object.entries(report.injected).filter(([, count]) => count > 0);
    console.log(
      `${name} on ${storage.name}, seed ${seed}: ${report.operations} operations, ${report.requests} requests, ` +
        `${injected.length} kinds of fault, ${report.refused} refused, ${report.failed} failed with a typed error, ` +
        `${report.abortedUploads} empty uploads aborted, ${report.seconds.toFixed(0)} s, ${report.wrong.length} WRONG`,
    );
    console.log(`  faults: ${injected.map(([kind, count]) => `${kind} ${count}`).join(", ")}`);
    for (const [what, { count, message }] of Object.entries(report.errors)) {
      console.log(`  ${count} ${what}, such as ${message.slice(0, 200)}`);
    }
    for (const what of report.wrong) console.log(`  WRONG: ${what}`);
    if (report.wrong.length > 0) isRight = false;
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    console.log(`${name} skipped: ${error.message}`);
  }
}
Deno.exit(isRight ? 0 : 1);
