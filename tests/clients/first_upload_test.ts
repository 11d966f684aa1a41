/** The first upload of the README, as a new user runs it: the printed program on Deno, Bun and Node, against real servers. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ROOT } from "../offline/import_map.ts";
import { bundle } from "../runtimes/bundle.ts";
import { lifetime } from "../runtimes/ending.ts";
import { bunPath, nodePath, RuntimeUnavailableError } from "../runtimes/install.ts";
import { startRgw } from "../servers/rgw.ts";
import { S3Peer } from "../conformance/s3_peer.ts";
import { CREDENTIALS, serve } from "./served_server.ts";

const BUCKET = "my-bucket";

/** The program that the README prints. */
async function printedProgram(): Promise<string> {
  const blocks = (await Deno.readTextFile(new URL("README.md", ROOT))).matchAll(/^```js ignore\n([^`]*)^```$/gm);
  const [program, ...others] = Array.from(blocks, ([, code]) => code!);
  assert(program !== undefined && others.length === 0, "the README prints one program");
  return program;
}

/** The arguments of the command that the README prints for a runtime. */
async function commandOf(runtime: string): Promise<string[]> {
  const readme = await Deno.readTextFile(new URL("README.md", ROOT));
  const line = readme.split("\n").find((line) => line.startsWith(`${runtime} `) && line.endsWith(" first_upload.mjs"));
  assert(line !== undefined, `the README says how to run it on ${runtime}`);
  return line.split(" ").slice(1);
}

/** A folder with the program and the package, bundled, as `deno add` or npm would install it. */
async function newProject(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "storages-first-" });
  const installed = `${folder}/node_modules/@storages/s3`;
  await Deno.mkdir(installed, { recursive: true });
  await Deno.copyFile(await bundle("mod.ts", "tests/.build/package.js"), `${installed}/mod.js`);
  const manifest = { name: "@storages/s3", type: "module", exports: { ".": "./mod.js" } };
  await Deno.writeTextFile(`${installed}/package.json`, JSON.stringify(manifest));
  const config = { imports: { "@storages/s3": "./node_modules/@storages/s3/mod.js" }, nodeModulesDir: "manual" };
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(config));
  await Deno.writeTextFile(`${folder}/first_upload.mjs`, await printedProgram());
  return folder;
}

interface Server {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
}

async function runProgram(binary: string, args: readonly string[], cwd: string, server: Server): Promise<string[]> {
  const { code, stdout, stderr } = await new Deno.Command(binary, {
    args: [...args],
    cwd,
    env: {
      AWS_S3_REGION_NAME: "eu-west-1",
      AWS_ACCESS_KEY_ID: server.accessKey,
      AWS_SECRET_ACCESS_KEY: server.secretKey,
      AWS_S3_ENDPOINT_URL: server.endpoint,
      NO_COLOR: "1",
    },
    stdin: "null",
    signal: lifetime(),
  }).output();
  const [output, errors] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assertEquals([code, code === 0 ? "" : errors], [0, ""]);
  return output!.trim().split("\n");
}

/** Runs the program on a runtime, and follows the link that it prints. */
async function checkProgram(runtime: RuntimeName, server: Server): Promise<void> {
  const folder = await newProject();
  try {
    const lines = await runProgram(await RUNTIMES[runtime](), await commandOf(runtime), folder, server);
    const url = lines.at(-1)!;
    assertEquals(lines.slice(0, -1).filter(Boolean), ["Hello from @storages/s3"]);
    assertStringIncludes(url, `${server.endpoint}/${BUCKET}/hello.txt?`);
    const response = await fetch(url);
    assertEquals([response.status, await response.text()], [200, "Hello from @storages/s3\n"]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const RUNTIMES = { deno: () => Promise.resolve(Deno.execPath()), bun: bunPath, node: nodePath };
type RuntimeName = keyof typeof RUNTIMES;

/** The runtimes of this machine. */
const available: RuntimeName[] = [];
for (const runtime of Object.keys(RUNTIMES) as RuntimeName[]) {
  const name = `the first upload of the README runs on ${runtime} as printed`;
  try {
    await RUNTIMES[runtime]();
    available.push(runtime);
    Deno.test(name, async () => {
      await using served = serve({ buckets: [BUCKET], region: "eu-west-1" });
      const { accessKeyId: accessKey, secretAccessKey: secretKey } = CREDENTIALS;
      await checkProgram(runtime, { endpoint: served.endpoint, accessKey, secretKey });
    });
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    Deno.test.ignore(`${name}: ${error.message}`, () => {});
  }
}

const rgw = await startRgw();

Deno.test({
  name: `the first upload of the README runs as printed against Ceph RGW${"skipped" in rgw ? `: ${rgw.skipped}` : ""}`,
  ignore: "skipped" in rgw,
  fn: async () => {
    if ("skipped" in rgw) return;
    try {
      const { endpoint, accessKey, secretKey } = rgw;
      await new S3Peer({ endpoint, accessKey, secretKey, bucket: BUCKET }).createBucket();
      for (const runtime of available) await checkProgram(runtime, rgw);
    } finally {
      await rgw.stop();
    }
  },
});
