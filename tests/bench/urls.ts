// deno-lint-ignore-file no-console -- it prints what it measured
/**
 * Measures presigned URLs beside peers on every runtime, then small requests: `deno task bench urls [RUNTIME…]`.
 *
 * Contenders and runtimes alternate in the same rounds. On a busy machine the ratios are more reliable than the rates;
 * both are best on an idle machine.
 */
import { ROOT } from "../offline/import_map.ts";
import { bundle } from "../runtimes/bundle.ts";
import { lifetime } from "../runtimes/ending.ts";
import { bunPath, nodePath, RuntimeUnavailableError, workerdPath } from "../runtimes/install.ts";
import { withWorkerd } from "../runtimes/workerd.ts";
import type { Listed } from "./answer.ts";
import { type Contender, measure, rate } from "./rounds.ts";
import { benchSmallRequests } from "./small_requests.ts";
import { targetRows } from "./targets.ts";

const RUNTIMES = ["deno", "node", "bun", "workerd"] as const;
type RuntimeName = typeof RUNTIMES[number];
type ContenderThere = Contender & { readonly runtime: RuntimeName };

const LIMIT_MILLISECONDS = 900_000;

/** Gives `use` the URL at which a runtime answers. */
async function withRuntime(runtime: RuntimeName, use: (url: string) => Promise<void>): Promise<void> {
  switch (runtime) {
    case "deno":
      return await withProcess([Deno.execPath(), "run", "-A"], use);
    case "node":
      return await withProcess([await nodePath()], use);
    case "bun":
      return await withProcess([await bunPath(), "run"], use);
    case "workerd":
      return await withWorkerd(await workerdPath(), await workerBundle(), use);
  }
}

let processBundle: Promise<string> | undefined;

async function withProcess([command, ...args]: string[], use: (url: string) => Promise<void>): Promise<void> {
  // The same text for all: none has to transpile, or to find packages.
  processBundle ??= bundle("tests/bench/process.ts", ".cache/bench/process.mjs", "deno");
  const child = new Deno.Command(command!, {
    args: [...args, await processBundle],
    cwd: ROOT,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
    signal: lifetime(LIMIT_MILLISECONDS),
  }).spawn();
  try {
    let said = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      said += text;
      const port = /^port (\d+)\n/m.exec(said)?.[1];
      if (port !== undefined) return await use(`http://127.0.0.1:${port}/`);
    }
    throw new Error(`${command} ended without a port: ${said}`);
  } finally {
    try {
      child.kill("SIGKILL");
    } catch { /* it has ended by itself */ }
    await child.status;
  }
}

/** Workerd gives modules no URL, which the bundle's own way to Node's modules would ask for. */
async function workerBundle(): Promise<string> {
  const path = await bundle("tests/bench/worker.ts", ".cache/bench/worker.js", "deno");
  const text = await Deno.readTextFile(path);
  await Deno.writeTextFile(path, text.replace("createRequire(import.meta.url)", 'createRequire("file:///worker.js")'));
  return path;
}

async function contendersOf(runtime: RuntimeName, url: string): Promise<ContenderThere[]> {
  const ask = async (body: string): Promise<string> => {
    const response = await fetch(url, { method: "POST", body });
    const text = await response.text();
    if (!response.ok) throw new Error(`${runtime} answers ${response.status}: ${text}`);
    return text;
  };
  const listed: Listed = JSON.parse(await ask(""));
  return listed.map(({ name, batch }) => ({
    runtime,
    name,
    batch,
    run: (from, count) => ask(JSON.stringify({ name, from, count })),
  }));
}

/** Starts one runtime after the other; once all answer, measures them together. */
async function measureOn(runtimes: readonly RuntimeName[], contenders: ContenderThere[]): Promise<void> {
  const [runtime, ...others] = runtimes;
  if (runtime === undefined) return await report(contenders);
  try {
    return await withRuntime(runtime, async (url) => {
      await measureOn(others, [...contenders, ...await contendersOf(runtime, url)]);
    });
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    console.log(`${runtime.padEnd(8)} not measured: ${error.message}`);
    await measureOn(others, contenders);
  }
}

async function report(contenders: readonly ContenderThere[]): Promise<void> {
  const measured = await measure(contenders);
  for (const one of measured) {
    console.log(`${one.runtime.padEnd(8)} ${one.name.padEnd(38)} ${inWhole(rate(one)).padStart(9)} URLs/s`);
  }
  console.log("");
  for (const { runtime, what, value, least } of targetRows(measured)) {
    const [shown, wanted] = least < 1000 ? [value.toFixed(2), least.toString()] : [inWhole(value), inWhole(least)];
    const verdict = value >= least ? "ok" : "MISSED";
    console.log(
      `${runtime.padEnd(8)} ${what.padEnd(54)} ${shown.padStart(9)}, at least ${wanted.padStart(7)}: ${verdict}`,
    );
  }
}

function inWhole(value: number): string {
  return Math.round(value).toLocaleString("en");
}

const wanted = Deno.args.length === 0 ? RUNTIMES : Deno.args.map((name) => {
  const runtime = RUNTIMES.find((runtime) => runtime === name);
  if (runtime === undefined) throw new TypeError(`There is no runtime "${name}": use ${RUNTIMES.join(", ")}`);
  return runtime;
});
await measureOn(wanted, []);
console.log("");
await benchSmallRequests(wanted);
