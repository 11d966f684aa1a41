/** Compares the credentials of a storage without keys with those of Debian's botocore in 300 generated environments. */
import { assert, assertEquals } from "@std/assert";
import { encodeHex } from "../../src/kit/bytes/bytes.ts";
import { containerDocument, serveContainer } from "../fakes/container_server.ts";
import { metadataDocument, serveMetadata } from "../fakes/metadata_server.ts";
import { startSsoServer } from "../fakes/sso_server.ts";
import { serveSts } from "../fakes/sts_server.ts";
import { runOnDeno } from "../runtimes/run_suite.ts";
import { SeededRandom } from "../unit/random.ts";
import type { ChainInput, ChainResult } from "./botocore/chain_case.ts";
import { secretOf } from "./botocore/chain_profiles.ts";
import { REASONS, refusalReason, rewritten } from "./botocore/chain_reasons.ts";
import {
  type ChainServices,
  CONTAINER_TOKEN,
  fixedCases,
  generateCase,
  type GeneratedCase,
  PLANTED,
  plantedFiles,
  WEB_IDENTITY_TOKEN,
} from "./botocore/chain_generator.ts";

const CASES = 300;
const SEED = 14;

const PYTHON = "/usr/bin/python3";
const END = "2099-01-01T00:00:00Z";

/** The version of botocore, or the reason why it is missing. */
async function botocoreVersion(): Promise<string | undefined> {
  try {
    const args = ["-c", "import botocore; print(botocore.__version__)"];
    const { success, stdout } = await new Deno.Command(PYTHON, { args, stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch {
    return undefined;
  }
}

async function askBotocore(input: ChainInput): Promise<ChainResult[]> {
  const script = new URL("botocore/chain.py", import.meta.url).pathname;
  const child = new Deno.Command(PYTHON, { args: [script], stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(input)));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
}

/** The results of botocore for each case. */
type Ask = (cases: readonly GeneratedCase[]) => Promise<ChainResult[]>;

interface Tally {
  sameKey: number;
  bothRefuse: number;
  /** The number of differences that each reason explains. */
  readonly reasons: Map<string, number>;
}

async function askOurs(input: ChainInput, root: string): Promise<ChainResult[]> {
  await Deno.writeTextFile(`${root}/cases.json`, JSON.stringify(input));
  return await runOnDeno<ChainResult>("tests/clients/botocore/chain_ours.ts", `${root}/cases.json`);
}

/** Runs with servers whose answers do not depend on the order of requests. */
async function withServices<T>(run: (services: ChainServices) => Promise<T>): Promise<T> {
  await using sts = serveSts(END);
  sts.webIdentityTokens.add(WEB_IDENTITY_TOKEN);
  sts.nameKey = ({ RoleArn, WebIdentityToken = "" }, source = WebIdentityToken) =>
    `ASIASTS${encodeHex(new TextEncoder().encode(`${RoleArn} ${source}`.replace(/^.*\//, ""))).toUpperCase()}`;
  sts.secrets.get = (key) => key.startsWith("ASIASTS") ? "hunter2-sts-secret" : knownSecret(key);
  await using sso = startSsoServer();
  sso.expiration = Date.parse(END);
  await using container = serveContainer(containerDocument(END));
  await using closed = serveContainer(containerDocument(END, { AccessKeyId: "ASIACLOSED" }));
  closed.authorization = CONTAINER_TOKEN;
  await using metadata = serveMetadata(metadataDocument(END));
  await using bare = serveMetadata({});
  bare.role = undefined;
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const nowhere = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  return await run({
    container: container.origin,
    closedContainer: closed.origin,
    metadata: metadata.origin,
    bareMetadata: bare.origin,
    nowhere,
    endpoints: { sts: sts.origin, sso: sso.url, "sso-oidc": sso.url },
  });
}

function knownSecret(key: string): string {
  if (key.startsWith("ASIAPROCESS")) return "hunter2-process";
  if (key === "ASIACONTAINER" || key === "ASIACLOSED") return "hunter2-container-secret";
  if (key === "ASIAINSTANCE") return "hunter2-instance-secret";
  return key.startsWith("ASIASSO") ? "secret-key-of-sso" : secretOf(key);
}

const version = await botocoreVersion();

Deno.test({
  name: version === undefined
    ? `a storage without keys signs as botocore does (${PYTHON} has no botocore: apt-get install python3-botocore)`
    : `a storage without keys signs as botocore ${version} does in ${CASES} environments, or there is a reason`,
  ignore: version === undefined,
  fn: async () => {
    const root = await Deno.makeTempDir({ prefix: "storages-chain-" });
    try {
      await withServices(async (services) => {
        const random = new SeededRandom(SEED);
        // Must not use the real home folder.
        const hasOtherHome = await isThere(".aws") || await isThere(".boto");
        const cases = fixedCases(root, services);
        while (cases.length < CASES) {
          cases.push(generateCase(random, cases.length, root, services, hasOtherHome));
        }
        await writeFiles([plantedFiles(root), ...cases.map(({ files }) => files)]);
        const inputOf = (cases: readonly GeneratedCase[]): ChainInput => ({
          container: new URL(services.container).host,
          endpoints: services.endpoints,
          cases: cases.map(({ folder, environment, profile }) => ({ folder, environment, profile })),
        });
        const ours = await askOurs(inputOf(cases), root);
        const tally = await compare(cases, ours, (cases) => askBotocore(inputOf(cases)));
        const missing = Object.keys(REASONS).filter((reason) => !tally.reasons.has(reason));
        assertEquals(missing, [], "reasons that explain no difference");
        assert(Math.min(tally.sameKey, tally.bothRefuse) >= CASES / 6, `${tally.sameKey} and ${tally.bothRefuse}`);
      });
    } finally {
      await Deno.remove(root, { recursive: true });
    }
  },
});

async function isThere(name: string): Promise<boolean> {
  const { homedir } = await import("node:os");
  return await Deno.stat(`${homedir()}/${name}`).then(() => true, () => false);
}

async function writeFiles(all: readonly GeneratedCase["files"][]): Promise<void> {
  for (const files of all) {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(path, text);
    }
  }
}

/** Whether both sign with the same key, or both fail. */
function agree(theirs: ChainResult, ours: ChainResult): boolean {
  return "key" in theirs ? "key" in ours && ours.key === theirs.key : "refused" in ours;
}

async function compare(cases: readonly GeneratedCase[], ours: readonly ChainResult[], ask: Ask): Promise<Tally> {
  const tally: Tally = { sameKey: 0, bothRefuse: 0, reasons: new Map() };
  const count = (reason: string): unknown => tally.reasons.set(reason, (tally.reasons.get(reason) ?? 0) + 1);
  const theirs = await ask(cases);
  const open: number[] = [];
  for (const [number, own] of ours.entries()) {
    assertEquals(JSON.stringify(own).includes(PLANTED), false, `case ${number} is signed by a planted file`);
    assertEquals(JSON.stringify(own).includes("hunter2"), false, `case ${number} reveals a secret`);
    const their = theirs[number]!;
    if (agree(their, own)) tally["key" in own ? "sameKey" : "bothRefuse"]++;
    else {
      const reason = refusalReason(their, own);
      if (reason === undefined) open.push(number);
      else count(reason);
    }
  }
  const others = open.map((number) => rewritten(cases[number]!));
  const answers = others.length === 0 ? [] : await ask(others.map(({ given }) => given));
  const unexplained = open.flatMap((number, index) => {
    const { reasons } = others[index]!;
    const refused = refusalReason(answers[index]!, ours[number]!);
    if (reasons.length > 0 && (agree(answers[index]!, ours[number]!) || refused !== undefined)) {
      for (const reason of refused === undefined ? reasons : [...reasons, refused]) count(reason);
      return [];
    }
    const { files: _, ...given } = cases[number]!;
    return [{ number, theirs: theirs[number], ours: ours[number], reasons, then: answers[index], given }];
  });
  assertEquals(unexplained, []);
  return tally;
}
