/** The targets: the minimum speed compared with a peer on each runtime. */
import * as cloudFront from "./cloudfront.ts";
import * as presign from "./presign.ts";
import * as peers from "./presign_peers.ts";
import { SDK } from "./presign_sdk.ts";
import { type Measured, rate, ratio } from "./rounds.ts";

/** A target with its result. */
export interface TargetRow {
  readonly runtime: string;
  readonly what: string;
  readonly value: number;
  readonly least: number;
}

/** The minimum ratio of the rate of `one` to that of `than`, for each runtime. */
interface Target {
  readonly one: string;
  readonly than: string;
  readonly least: number;
  readonly runtimes: readonly string[];
}

const ALL = ["deno", "node", "bun", "workerd"];

const TARGETS: readonly Target[] = [
  { one: presign.OURS, than: peers.LEAN, least: 2.5, runtimes: ["deno", "node"] },
  { one: presign.OURS, than: peers.BUN, least: 1.5, runtimes: ["bun"] },
  { one: presign.OURS, than: SDK, least: 40, runtimes: ALL },
  { one: cloudFront.OURS, than: cloudFront.SDK, least: 1.5, runtimes: ALL },
  { one: cloudFront.OURS, than: cloudFront.BARE, least: 0.9, runtimes: ALL },
];

const REUSED_A_SECOND = 100_000;
const WORKERD_OF_NODE = 0.5;

/** A row for each target of the measured runtimes. */
export function targetRows(measured: readonly Measured[]): TargetRow[] {
  const find = (runtime: string, name: string): Measured => {
    const found = measured.find((one) => one.runtime === runtime && one.name === name);
    if (found === undefined) throw new Error(`${name} was not measured on ${runtime}`);
    return found;
  };
  const rows: TargetRow[] = [];
  const runtimes = new Set(measured.map(({ runtime }) => runtime));
  for (const runtime of runtimes) {
    for (const { one, than, least, runtimes } of TARGETS) {
      if (!runtimes.includes(runtime)) continue;
      const value = ratio(find(runtime, one), find(runtime, than));
      rows.push({ runtime, what: `${one}, times ${than}`, value, least });
    }
    const reused = rate(find(runtime, cloudFront.REUSE));
    rows.push({ runtime, what: `${cloudFront.REUSE}, URLs/s`, value: reused, least: REUSED_A_SECOND });
  }
  if (runtimes.has("workerd") && runtimes.has("node")) {
    const value = ratio(find("workerd", presign.OURS), find("node", presign.OURS));
    rows.push({ runtime: "workerd", what: `${presign.OURS}, times Node's`, value, least: WORKERD_OF_NODE });
  }
  return rows;
}
