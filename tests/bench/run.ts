// deno-lint-ignore-file no-console -- this is a command: its output is the report
/**
 * Runs one benchmark: `deno task bench NAME [ARGUMENT…]`. Without a name it lists all of them.
 *
 * @module
 */
import { ROOT, withImportMap } from "../offline/import_map.ts";

/** Each benchmark is the file of its name in this folder. */
const BENCHES: Readonly<Record<string, string>> = {
  urls: "presigned URLs beside peers, then small requests; takes runtimes",
  small_requests: "small PUTs and GETs beside bare fetch and peers; takes runtimes",
  own: "own time of small requests beside a fetch signed by hand; takes runtimes",
  download: "parallel ranges beside one stream on a slow line; takes runtimes",
  list: "100,000 keys listed beside peers, with memory; takes runtimes",
  copy: "cp -r of 5,000 small files to Ceph RGW and back beside rclone and aws-cli; takes rounds",
  slow_uplink: "20 MiB in four parts over a line of 150 kB/s; takes runtimes",
  soak: "memory and descriptors during 5 minutes of calls with one signal; takes minutes and runtimes",
  transfer: "large uploads and downloads beside peers, with memory; takes runtimes",
  memory: "peak memory of a 10 GiB upload and download; takes another number of GiB and runtimes",
  upload_form: "memory of a 2 GiB form uploaded to Ceph RGW; takes another size in MiB",
  collect: "collect beside Django's collectstatic on Ceph RGW; takes delays in milliseconds",
  collect_memory: "memory of a collection of 100,000 files; takes numbers of files",
  faults: "random operations under all kinds of faults, judged by boto3; takes their number, a seed, runtimes",
  cold_start: "from the start of a process to the end of its first call, beside bare fetch; takes runtimes",
  site_trees: "twelve packages from npm, collected, beside the originals in Chromium; needs npm",
  outages: "calls while the server is away, beside boto3 and the AWS SDK; takes seconds, calls, clients",
};

const [name, ...args] = Deno.args;
if (name === undefined || !Object.hasOwn(BENCHES, name)) {
  if (name !== undefined) console.error(`error: Unknown benchmark "${name}"`);
  console.error("Usage: deno task bench NAME [ARGUMENT…]\n");
  for (const [bench, summary] of Object.entries(BENCHES)) console.error(`  ${bench.padEnd(15)} ${summary}`);
  Deno.exit(2);
}
const { code } = await new Deno.Command(Deno.execPath(), {
  args: [...await withImportMap(["run", "-A", `tests/bench/${name}.ts`]), ...args],
  cwd: ROOT,
}).spawn().status;
Deno.exit(code);
