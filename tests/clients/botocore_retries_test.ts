/** Compares the retries and time limits of generated variables, profiles and configurations with those of botocore. */
import { assert, assertEquals } from "@std/assert";
import { resolveSettings } from "../../src/settings/resolve.ts";
import { SeededRandom } from "../unit/random.ts";

const PYTHON = "/usr/bin/python3";
const CASES = 100;

interface Case {
  readonly variables: Readonly<Record<string, string>>;
  readonly config: Readonly<Record<string, unknown>> | null;
}

interface Made {
  readonly attempts: number | null;
  readonly mode: string;
  readonly connect: number;
  readonly read: number;
  readonly connections: number;
}

/** Runs the script; `undefined` if botocore is missing. */
async function askBotocore(cases: readonly Case[]): Promise<(Made | { readonly error: string })[] | undefined> {
  const script = new URL("botocore/retries.py", import.meta.url).pathname;
  const child = new Deno.Command(PYTHON, { args: [script], stdin: "piped", stdout: "piped", stderr: "piped" }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(cases)));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  const said = new TextDecoder().decode(stderr);
  if (!success && said.includes("ModuleNotFoundError")) return undefined;
  if (!success) throw new Error(said);
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
}

/** What a storage makes of a case; `undefined` if it refuses it. */
function askOurs({ variables, config }: Case): Omit<Made, "mode"> & { mode: string } | undefined {
  const all: Record<string, string> = { ...variables, AWS_STORAGE_BUCKET_NAME: "b" };
  if (config !== null) all.AWS_S3_CLIENT_CONFIG = JSON.stringify(config);
  try {
    const { clientConfig } = resolveSettings([], { environment: (name) => all[name] });
    const { maxAttempts, retryMode, connectTimeout, timeout, maxConnections } = clientConfig;
    return {
      attempts: maxAttempts,
      mode: retryMode,
      connect: connectTimeout ?? 60,
      read: timeout,
      connections: maxConnections,
    };
  } catch {
    return undefined;
  }
}

/** The defaults in our terms: they differ on purpose. */
function inOurTerms({ attempts, mode, connections, ...made }: Made): ReturnType<typeof askOurs> {
  return {
    ...made,
    attempts: attempts ?? 10,
    mode: mode === "legacy" ? "standard" : mode,
    connections: connections === 10 ? 32 : connections,
  };
}

function generate(
  random: SeededRandom,
  folder: string,
): { variables: Record<string, string>; config: Case["config"]; file: string } {
  const maybe = <T>(value: T): T | undefined => random.below(2) === 0 ? value : undefined;
  // No empty values: here they are unset, as all are, and botocore fails with a ValueError.
  const attempts = (): string => random.pick(["1", "3", "7", "many"]);
  const mode = (): string => random.pick(["standard", "adaptive", "legacy", "eager"]);
  const lines = [maybe(`max_attempts = ${attempts()}`), maybe(`retry_mode = ${mode()}`)].filter(Boolean);
  const retries = Object.fromEntries(
    Object.entries({
      max_attempts: maybe(random.below(5)),
      total_max_attempts: maybe(1 + random.below(5)),
      mode: maybe(random.pick(["standard", "adaptive", "legacy"])),
    }).filter(([, value]) => value !== undefined),
  );
  const config = Object.fromEntries(
    Object.entries({
      retries: maybe(retries),
      connect_timeout: maybe(5),
      read_timeout: maybe(20),
      max_pool_connections: maybe(50),
    }).filter(([, value]) => value !== undefined),
  );
  const variables = Object.fromEntries(
    Object.entries({ AWS_MAX_ATTEMPTS: maybe(attempts()), AWS_RETRY_MODE: maybe(mode()) })
      .filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
  const file = `${folder}/${crypto.randomUUID()}`;
  variables.AWS_CONFIG_FILE = file;
  variables.AWS_SHARED_CREDENTIALS_FILE = `${folder}/missing`;
  Deno.writeTextFileSync(file, `[default]\n${lines.join("\n")}\n`);
  return { variables, config: random.below(3) === 0 ? null : config, file };
}

Deno.test("retries and time limits are those of botocore, for variables, profiles and Config", async (test) => {
  const folder = await Deno.makeTempDir();
  try {
    const random = new SeededRandom(21);
    const cases = Array.from({ length: CASES }, () => generate(random, folder));
    const theirs = await askBotocore(cases);
    if (theirs === undefined) return void await test.step({ name: "botocore is missing", ignore: true, fn: () => {} });
    let [same, refused] = [0, 0];
    for (const [index, one] of cases.entries()) {
      const their = theirs[index]!;
      const ours = askOurs(one);
      const what = `${JSON.stringify(one)} with ${await Deno.readTextFile(one.file)}: ${JSON.stringify(their)}`;
      if ("error" in their) {
        refused++;
        assertEquals(ours, undefined, what);
      } else {
        same++;
        assertEquals(ours, inOurTerms(their), what);
      }
    }
    assert(same > CASES / 3 && refused > CASES / 10, `${same} alike, ${refused} refused alike`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
