// deno-lint-ignore-file no-console -- it prints what it measured
/**
 * Copies 5,000 files of 4 KiB to Ceph RGW and back, beside rclone with 32 transfers and aws-cli where they are installed:
 * `deno task bench copy [ROUNDS]`, 5 by default. All of them take turns; peak memory is that of the process.
 *
 * With --runtimes, `cp -r` also runs on Node and Bun.
 */
import { S3Peer } from "../conformance/s3_peer.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath } from "../runtimes/install.ts";
import { startRgw } from "../servers/rgw.ts";
import { median } from "./rounds.ts";

const FILES = 5000;
const FILE_BYTES = 4096;
const FILES_PER_FOLDER = 250;
const BUCKET = "copies";
const OURS = "cp -r (deno)";
const MAX_PEAK_MEBIBYTES = 120;

/** How many times as fast as a peer the copy must be, by its direction. */
const LEAST: Readonly<Record<string, { readonly up: number; readonly down: number }>> = {
  rclone: { up: 1.5, down: 1 },
  "aws-cli": { up: 4, down: 6 },
};

/** A program that copies a folder. */
interface Contender {
  readonly name: string;
  readonly copy: (from: string, to: string) => string[];
  /** The name of a folder of the bucket. */
  readonly place: (prefix: string) => string;
  readonly up: Figures[];
  readonly down: Figures[];
}

interface Figures {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMebibytes: number;
}

async function makeFiles(folder: string): Promise<void> {
  const bytes = new Uint8Array(FILE_BYTES);
  for (let number = 0; number < FILES; number++) {
    const path = `${folder}/${Math.floor(number / FILES_PER_FOLDER)}`;
    if (number % FILES_PER_FOLDER === 0) await Deno.mkdir(path, { recursive: true });
    await Deno.writeFile(`${path}/${number}.bin`, crypto.getRandomValues(bytes));
  }
}

async function countFiles(folder: string): Promise<number> {
  let count = 0;
  for await (const { name, isDirectory, isFile } of Deno.readDir(folder)) {
    if (isDirectory && name !== ".storages") count += await countFiles(`${folder}/${name}`);
    if (isFile && (await Deno.stat(`${folder}/${name}`)).size === FILE_BYTES) count++;
  }
  return count;
}

async function isInstalled(command: string): Promise<boolean> {
  const options: Deno.CommandOptions = { args: ["--version"], stdout: "null", stderr: "null" };
  return await new Deno.Command(command, options).output().then(({ success }) => success, () => false);
}

/** Runs a command; Python reports its time and its memory, as on Linux only a parent knows the peak of a process. */
async function timed(command: readonly string[], env: Record<string, string>): Promise<Figures> {
  const program = "import json, resource, subprocess, sys, time; begun = time.perf_counter(); " +
    "code = subprocess.call(sys.argv[1:], stdout=sys.stderr); seconds = time.perf_counter() - begun; " +
    "used = resource.getrusage(resource.RUSAGE_CHILDREN); " +
    'print(json.dumps({"seconds": seconds, "cpuSeconds": used.ru_utime + used.ru_stime, ' +
    '"peakMebibytes": used.ru_maxrss / 1024})); sys.exit(code)';
  const { success, stdout, stderr } = await new Deno.Command("python3", { args: ["-c", program, ...command], env })
    .output();
  if (!success) throw new Error(`${command[0]} failed: ${new TextDecoder().decode(stderr).slice(-1000)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function contenders(): Promise<Contender[]> {
  const cli = await bundle("src/cli/mod.ts", ".cache/bench/cli.mjs", "deno");
  const s3 = (prefix: string): string => `s3://${BUCKET}/${prefix}/`;
  const ours = (name: string, command: readonly string[]): Contender => ({
    name,
    copy: (from, to) => [...command, cli, "cp", "--quiet", "-r", from, to],
    place: s3,
    up: [],
    down: [],
  });
  const all = [ours(OURS, [Deno.execPath(), "run", "-A", "--no-config"])];
  if (Deno.args.includes("--runtimes")) {
    all.push(ours("cp -r (node)", [await nodePath()]), ours("cp -r (bun)", [await bunPath(), "run"]));
  }
  if (await isInstalled("rclone")) {
    const copy = (from: string, to: string): string[] => ["rclone", "copy", "--transfers", "32", from, to];
    all.push({ name: "rclone", copy, place: (prefix) => `rgw:${BUCKET}/${prefix}`, up: [], down: [] });
  }
  if (await isInstalled("aws")) {
    const copy = (from: string, to: string): string[] => ["aws", "s3", "cp", "--recursive", "--quiet", from, to];
    all.push({ name: "aws-cli", copy, place: s3, up: [], down: [] });
  }
  return all;
}

function show(what: string, figures: readonly Figures[]): void {
  const seconds = figures.map(({ seconds }) => seconds);
  const of = (pick: (one: Figures) => number): string => median(figures.map(pick)).toFixed(1);
  console.log(
    `  ${what.padEnd(22)} ${median(seconds).toFixed(2).padStart(6)} s (${Math.min(...seconds).toFixed(2)} to ` +
      `${Math.max(...seconds).toFixed(2)}), ${of(({ cpuSeconds }) => cpuSeconds)} s of CPU, peak ` +
      `${of(({ peakMebibytes }) => peakMebibytes)} MiB`,
  );
}

function judge(ours: Contender, peer: Contender): void {
  const least = LEAST[peer.name];
  if (least === undefined) return;
  for (const way of ["up", "down"] as const) {
    const ratio = median(peer[way].map(({ seconds }, round) => seconds / ours[way][round]!.seconds));
    const verdict = ratio >= least[way] ? "ok" : "MISSED";
    console.log(`  ${way}, times as fast as ${peer.name}: ${ratio.toFixed(2)}, at least ${least[way]}: ${verdict}`);
  }
}

const rounds = Number(Deno.args.find((argument) => /^\d+$/.test(argument)) ?? 5);
const rgw = await startRgw();
if ("skipped" in rgw) {
  console.error(rgw.skipped);
  Deno.exit(1);
}
const folder = await Deno.makeTempDir({ prefix: "storages-copy-" });
try {
  const { endpoint, accessKey, secretKey } = rgw;
  await new S3Peer({ endpoint, accessKey, secretKey, bucket: BUCKET }).createBucket();
  await makeFiles(`${folder}/source`);
  const env = {
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: secretKey,
    AWS_ENDPOINT_URL: endpoint,
    AWS_DEFAULT_REGION: "us-east-1",
    AWS_CA_BUNDLE: "",
    RCLONE_CONFIG_RGW_TYPE: "s3",
    RCLONE_CONFIG_RGW_PROVIDER: "Ceph",
    RCLONE_CONFIG_RGW_ACCESS_KEY_ID: accessKey,
    RCLONE_CONFIG_RGW_SECRET_ACCESS_KEY: secretKey,
    RCLONE_CONFIG_RGW_ENDPOINT: endpoint,
  };
  const all = await contenders();
  for (let round = 0; round < rounds; round++) {
    for (const { name, copy, place, up, down } of all) {
      const there = place(`${name.replaceAll(/\W/g, "")}-${round}`);
      up.push(await timed(copy(`${folder}/source`, there), env));
      down.push(await timed(copy(there, `${folder}/copy`), env));
      const count = await countFiles(`${folder}/copy`);
      if (count !== FILES) throw new Error(`${name} copied ${count} of ${FILES} files`);
      await Deno.remove(`${folder}/copy`, { recursive: true });
    }
  }
  console.log(`${FILES} files of ${FILE_BYTES} bytes, medians of ${rounds} rounds`);
  for (const { name, up, down } of all) {
    show(`${name}, up`, up);
    show(`${name}, down`, down);
  }
  const ours = all[0]!;
  for (const peer of all.slice(1)) judge(ours, peer);
  const peak = Math.max(...[...ours.up, ...ours.down].map(({ peakMebibytes }) => peakMebibytes));
  const verdict = peak <= MAX_PEAK_MEBIBYTES ? "ok" : "MISSED";
  console.log(`  most memory: ${peak.toFixed(0)} MiB, at most ${MAX_PEAK_MEBIBYTES}: ${verdict}`);
} finally {
  await Deno.remove(folder, { recursive: true });
  await rgw.stop();
}
