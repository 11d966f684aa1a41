// deno-lint-ignore-file no-console -- it prints what it measured
/**
 * Lists 100,000 keys in pages of 1,000 beside peers: `deno task bench list [RUNTIME…]`.
 *
 * A server in another process answers prepared pages. Every listing runs in a new process, and all of them take turns.
 */
import { ROOT } from "../offline/import_map.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, RuntimeUnavailableError } from "../runtimes/install.ts";
import { runProcess } from "../runtimes/run_suite.ts";
import { BOTO3, type ListFigures, type ListWish, OURS, PEERS } from "./list_ways.ts";
import { median } from "./rounds.ts";
import { startServerProcess } from "./server_process.ts";
import { wantedRuntimes } from "./transfer_run.ts";

const ROUNDS = 7;
const KEYS = 100_000;
/** The lead over the fastest peer. */
const LEAST = 1.5;
/** How much more memory ten times as many keys may take: the pages are read one by one. */
const MOST_GROWTH = 1.3;

const path = await bundle("tests/bench/list_client.ts", ".cache/bench/list_client.mjs", "deno");

const COMMANDS: Readonly<Record<string, () => Promise<string[]>>> = {
  deno: () => Promise.resolve([Deno.execPath(), "run", "-A", "--no-config", path]),
  node: async () => [await nodePath(), path],
  bun: async () => [await bunPath(), "run", path],
};

async function listing(runtime: string, wish: ListWish): Promise<ListFigures> {
  const [command, ...args] = await COMMANDS[runtime]!();
  const [figures] = await runProcess<ListFigures>(command!, [...args, JSON.stringify(wish)]);
  return figures!;
}

/** Lists with boto3; `undefined` if it is not installed. */
async function boto3(wish: ListWish): Promise<ListFigures | undefined> {
  const args = ["tests/bench/list_boto3.py", JSON.stringify(wish)];
  const { success, stdout } = await new Deno.Command("python3", { args, cwd: ROOT, stdout: "piped", stderr: "null" })
    .output().catch(() => ({ success: false, stdout: new Uint8Array(0) }));
  return success ? JSON.parse(new TextDecoder().decode(stdout)) : undefined;
}

function show(name: string, figures: readonly ListFigures[]): void {
  const times = figures.map(({ milliseconds }) => milliseconds);
  const spread = `${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)}`;
  const peak = median(figures.map(({ peakMebibytes }) => peakMebibytes));
  console.log(
    `  ${name.padEnd(20)} ${median(times).toFixed(0).padStart(6)} ms (${spread}), peak ${peak.toFixed(0)} MiB`,
  );
}

await using server = await startServerProcess("tests/bench/list_server.ts", String(KEYS));
await using small = await startServerProcess("tests/bench/list_server.ts", String(KEYS / 10));
for (const runtime of wantedRuntimes(Deno.args)) {
  const rounds = new Map<string, ListFigures[]>([OURS, ...PEERS, BOTO3].map((name) => [name, []]));
  const peaks: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const [name, figures] of rounds) {
        const wish = { origin: server.origin, name, keys: KEYS };
        const figure = name === BOTO3 ? await boto3(wish) : await listing(runtime, wish);
        if (figure !== undefined) figures.push(figure);
      }
      peaks.push((await listing(runtime, { origin: small.origin, name: OURS, keys: KEYS / 10 })).peakMebibytes);
    }
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    console.log(`${runtime}: not measured: ${error.message}`);
    continue;
  }
  console.log(`${runtime}: ${KEYS.toLocaleString("en")} keys, medians of ${ROUNDS} rounds`);
  const measured = [...rounds].filter(([, figures]) => figures.length > 0);
  for (const [name, figures] of measured) show(name, figures);
  const ours = rounds.get(OURS)!;
  const ratios = measured.filter(([name]) => name !== OURS).map(([, figures]) =>
    median(figures.map(({ milliseconds }, round) => milliseconds / ours[round]!.milliseconds))
  );
  const lead = Math.min(...ratios);
  const growth = median(ours.map(({ peakMebibytes }) => peakMebibytes)) / median(peaks);
  console.log(`  times the best peer: ${lead.toFixed(2)}, at least ${LEAST}: ${lead >= LEAST ? "ok" : "MISSED"}`);
  console.log(
    `  memory, times that of ${KEYS / 10} keys: ${growth.toFixed(2)}, at most ${MOST_GROWTH}: ` +
      (growth <= MOST_GROWTH ? "ok" : "MISSED"),
  );
}
