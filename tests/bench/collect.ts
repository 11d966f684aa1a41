// deno-lint-ignore-file no-console -- it prints its findings
/**
 * How long it takes to collect 2,000 real files into Ceph RGW, beside Django's collectstatic with django-storages: at first
 * and when nothing has changed, without and with 20 milliseconds on the way of each request.
 *
 * `deno task bench collect [DELAY…]`, in milliseconds, `0 20` by default. Without any, both have five turns, in
 * which they alternate, and the median counts.
 */
import { djangoCollect, type DjangoCollected, djangoVersions } from "../clients/django/django.ts";
import { npmPackages } from "../clients/npm_packages.ts";
import { S3Peer } from "../conformance/s3_peer.ts";
import { withImportMap } from "../offline/import_map.ts";
import { delayingProxy } from "../servers/delaying_proxy.ts";
import { startRgw } from "../servers/rgw.ts";

/** Packages that Django 3.2 can also collect; it fails for a `url()` in a comment of jquery-ui, for example. */
const PACKAGES = [
  "@fortawesome/fontawesome-free@6.5.2",
  "bootstrap@5.3.3",
  "font-awesome@4.7.0",
  "leaflet@1.9.4",
  "lodash-es@4.17.21",
  "normalize.css@8.0.1",
  "select2@4.0.13",
  "slick-carousel@1.8.1",
];
const FILES = 2000;
/** The number of turns with a delay, where a turn takes a minute. */
const TURNS = 5;

/** Creates a tree with a number of files, a share of each package. */
async function makeTree(modules: string): Promise<string> {
  const packages = PACKAGES.map((name) => name.slice(0, name.lastIndexOf("@")));
  const files = await Promise.all(packages.map((name) => filesOf(modules, name)));
  const tree = await Deno.makeTempDir({ prefix: "storages-collect-" });
  // Whole small packages, and the rest of the largest, in which only the first files refer to other files.
  const chosen = files.slice(1).flat();
  chosen.push(...files[0]!.slice(0, FILES - chosen.length));
  for (const name of chosen) {
    await Deno.mkdir(`${tree}/${name.slice(0, name.lastIndexOf("/"))}`, { recursive: true });
    await Deno.copyFile(`${modules}/${name}`, `${tree}/${name}`);
  }
  return tree;
}

/** Style sheets and the files that they refer to come first, then pictures. */
async function filesOf(folder: string, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${prefix}`)) {
    if (name.startsWith(".")) continue;
    if (isDirectory) names.push(...await filesOf(folder, `${prefix}/${name}`));
    else names.push(`${prefix}/${name}`);
  }
  const rank = (name: string): number => /\/(?:css|webfonts)\//.test(name) ? 0 : name.endsWith(".svg") ? 1 : 2;
  return names.sort((one, other) => rank(one) - rank(other) || (one < other ? -1 : 1));
}

async function ours(asked: unknown): Promise<DjangoCollected> {
  const child = decodeURIComponent(new URL("./collect_child.ts", import.meta.url).pathname);
  const args = await withImportMap(["run", "-A", child, JSON.stringify(asked)]);
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout).trim().split("\n").at(-1)!);
}

function show(who: string, { milliseconds, cpuMilliseconds, summary, requests }: DjangoCollected): void {
  const counted = Object.entries(requests).map(([method, count]) => `${count} ${method}`).join(", ");
  const seconds = (milliseconds / 1000).toFixed(2).padStart(8);
  console.log(`  ${who.padEnd(8)}${seconds} s (${(cpuMilliseconds / 1000).toFixed(2)} s CPU)  ${counted}  ${summary}`);
}

const versions = await djangoVersions();
const modules = await npmPackages(PACKAGES);
const rgw = await startRgw();
if (versions === undefined || typeof modules !== "string" || "skipped" in rgw) {
  console.error("Needs Ceph RGW, npm, and Debian's python3-django and python3-django-storages-boto3");
  Deno.exit(1);
}
const tree = await makeTree(modules);
try {
  const { accessKey, secretKey } = rgw;
  for (const delay of Deno.args.length > 0 ? Deno.args.map(Number) : [0, 20]) {
    const proxy = delay > 0 ? delayingProxy(rgw.endpoint, delay) : undefined;
    const endpoint = proxy?.endpoint ?? rgw.endpoint;
    console.log(`${FILES} files, ${delay} ms on the way of each request; Django and django-storages ${versions}`);
    const times: Record<string, number[]> = { first: [], unchanged: [] };
    for (let turn = 1; turn <= (delay === 0 ? TURNS : 1); turn++) {
      const buckets = { django: `django-${delay}-${turn}`, ours: `ours-${delay}-${turn}` };
      for (const bucket of Object.values(buckets)) {
        await new S3Peer({ endpoint: rgw.endpoint, accessKey, secretKey, bucket }).createBucket();
      }
      for (const what in times) {
        const mine = await ours({ folder: tree, endpoint, bucket: buckets.ours, accessKey, secretKey });
        const theirs = await djangoCollect({ endpoint, bucket: buckets.django, accessKey, secretKey }, [tree]);
        show("ours", mine);
        show("Django", theirs);
        times[what]!.push(theirs.milliseconds / mine.milliseconds);
      }
    }
    for (const [what, ratios] of Object.entries(times)) {
      const each = ratios.map((ratio) => ratio.toFixed(1)).join(", ");
      const median = ratios.toSorted((one, other) => one - other)[ratios.length >> 1]!;
      console.log(`  ${what}: ${median.toFixed(1)} times as fast (${each})`);
    }
    await proxy?.close();
  }
} finally {
  await Deno.remove(tree, { recursive: true });
  await rgw.stop();
}
