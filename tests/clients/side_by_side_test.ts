/**
 * The pages for users of the AWS SDK and of Bun's S3 client: each program runs, both programs of a task do the same, and ours is
 * not longer.
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { S3Storage } from "../../mod.ts";
import { S3_CALL_OPTIONS } from "../../src/s3/s3_options.ts";
import { OPTIONS } from "../../src/settings/options.ts";
import * as OPTION_NAMES from "../../src/storage/checks/option_names.ts";
import { readSource } from "../house/source_files.ts";
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, RuntimeUnavailableError } from "../runtimes/install.ts";
import { runWatched } from "../runtimes/watch.ts";
import { codeSize, programs, readPage, type SideBySide, type Task } from "./side_by_side.ts";
import { type Outcome, Stage } from "./side_by_side_stage.ts";

const AWS_SDK = await readPage("docs/coming_from_the_aws_sdk.md", "AWS SDK");
const BUN = await readPage("docs/coming_from_bun.md", "Bun");

/** The tasks of the pages have one version of the SDK, which deno.lock has. */
const SDK_PACKAGES = Object.fromEntries(
  ["client-s3", "lib-storage", "s3-presigned-post", "s3-request-presigner"].map((name) => [
    `@aws-sdk/${name}`,
    `npm:@aws-sdk/${name}@^3.1163.0`,
  ]),
);

/** The commands of the SDK that its programs name. */
function commands(page: SideBySide): string {
  const code = page.tasks.map(({ other }) => other).join("\n");
  const named = code.match(/\b(?:\w+Command|paginate\w+|NoSuchKey|NotFound|S3ServiceException)\b/g)!;
  return `import { ${[...new Set(named)].join(", ")} } from "@aws-sdk/client-s3";\n`;
}

type Column = "ours" | "other";

function blocks(page: SideBySide, column: Column): Map<string, string> {
  const found = page.tasks.filter((task) => task[column] !== undefined);
  return new Map(found.map((task) => [task.title, task[column]!]));
}

function usesFilm(page: SideBySide): (title: string) => boolean {
  return (title) => page.tasks.some((task) => task.title === title && task.text.includes("film.mp4"));
}

/** Writes a module inside the repository, so that deno.json maps its imports. */
async function scratch(name: string, text: string): Promise<string> {
  const file = new URL(`.cache/side_by_side/${name}`, ROOT);
  await Deno.mkdir(new URL(".", file), { recursive: true });
  await Deno.writeTextFile(file, text);
  return decodeURIComponent(file.pathname);
}

interface Run {
  readonly page: SideBySide;
  readonly column: Column;
  readonly name: string;
  readonly setup: string;
  readonly packages?: Readonly<Record<string, string>> | undefined;
  /** The command that runs a module. */
  readonly command: (module: string) => Promise<readonly string[]>;
}

/** Runs all programs of a column in one process. */
async function outcomes(run: Run): Promise<Stage["outcomes"]> {
  const folder = await Deno.makeTempDir();
  await using stage = await Stage.open(folder, usesFilm(run.page));
  try {
    const printed = programs(run.setup, blocks(run.page, run.column), { stage: stage.url, packages: run.packages });
    const module = await scratch(run.name, printed.replaceAll("http://localhost:9000", stage.endpoint));
    const [program, ...args] = await run.command(module);
    const { end, stdout, stderr } = await runWatched(program!, {
      args,
      cwd: folder,
      env: {
        NO_COLOR: "1",
        AWS_ACCESS_KEY_ID: "testkey",
        AWS_SECRET_ACCESS_KEY: "testsecret",
        AWS_S3_ENDPOINT_URL: stage.endpoint, // ours
        AWS_ENDPOINT_URL_S3: stage.endpoint, // the SDK's
        S3_ENDPOINT: stage.endpoint, // Bun's
        AWS_EC2_METADATA_DISABLED: "true",
      },
    });
    assertEquals([end, end === 0 ? "" : stdout + stderr], [0, ""], run.name);
    return stage.outcomes;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function onDeno(module: string): Promise<readonly string[]> {
  const config = `--config=${decodeURIComponent(new URL("deno.json", ROOT).pathname)}`;
  return [Deno.execPath(), ...await withImportMap(["run", "-A", config, module])];
}

/** Both programs of a task do something, and both do the same. */
function assertSame(tasks: readonly Task[], ours: Stage["outcomes"], other: Stage["outcomes"]): void {
  const wrong: unknown[] = [];
  for (const { title, other: code } of tasks) {
    const here = ours.get(title)!;
    const there = code === undefined ? here : other.get(title)!;
    const failure = here.failure ?? there.failure;
    if (failure !== undefined) {
      wrong.push(`${title}: ${failure}`);
      continue;
    }
    if (!differs([here.printed, here.state], [[], here.initial])) wrong.push(`${title}: does nothing`);
    const [seen, expected]: Outcome[] = [here, there];
    for (const what of ["printed", "state"] as const) {
      if (differs(seen![what], expected![what])) {
        wrong.push(`${title}: ${what} ${firstDifference(seen![what], expected![what])}`);
      }
    }
  }
  assertEquals(wrong, []);
}

function differs(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) !== JSON.stringify(other);
}

function firstDifference(one: unknown, other: unknown): string {
  const [here, there] = [JSON.stringify(one), JSON.stringify(other)];
  const index = Array.from(here).findIndex((character, index) => there[index] !== character);
  const from = Math.max(0, index - 100);
  return `here …${here.slice(from, from + 400)}, there …${there.slice(from, from + 400)}`;
}

Deno.test("the page on the AWS SDK has at least thirty tasks, and Bun's page has the same", async () => {
  assert(AWS_SDK.tasks.length >= 30, `${AWS_SDK.tasks.length} tasks`);
  assertStringIncludes(await readSource("README.md"), ` ${AWS_SDK.tasks.length} tasks, `);
  assertEquals(BUN.tasks.map(({ title }) => title), AWS_SDK.tasks.map(({ title }) => title));
  for (const { title, other } of AWS_SDK.tasks) assert(other !== undefined, title);
  for (const { title, other, text } of BUN.tasks) {
    assertEquals(other === undefined, /^Not possible with Bun: \S/m.test(text), title);
  }
});

Deno.test("no program of this package is longer than the other client's, unless the page says why", () => {
  const longer: string[] = [];
  for (const { title, other, ours, text } of [...AWS_SDK.tasks, ...BUN.tasks]) {
    if (other === undefined) continue;
    const [here, there] = [codeSize(ours), codeSize(other)];
    const isLonger = here.lines > there.lines || here.characters > there.characters;
    if (isLonger !== /^Longer here: \S/m.test(text)) {
      longer.push(`${title}: ${JSON.stringify(here)} and ${JSON.stringify(there)}`);
    }
  }
  assertEquals(longer, []);
});

Deno.test("spaces, comments, trailing commas and the names of the clients do not count as code", () => {
  const short = codeSize('await storage.save("a b", {\n  x: 1, // why\n});\n');
  assertEquals(short, { lines: 3, characters: codeSize('await client.save("a b",{x:1});').characters });
  assertEquals(short.characters, codeSize('await client.save("a c",{x:1});').characters);
  assertEquals(codeSize('import { a } from "b";\n\n// why\na();\n'), { lines: 1, characters: 4 });
});

/** What the tables name besides a storage: a file that is open, and a caught error. */
const OTHER_NAMES = ["file", "error"];

Deno.test("the tables of names list only methods and options that exist", async () => {
  const methods: string[] = [];
  for (let type = S3Storage.prototype as object; type !== Object.prototype; type = Object.getPrototypeOf(type)) {
    methods.push(...Object.getOwnPropertyNames(type));
  }
  const options = [...Object.keys(OPTIONS), ...Object.values(OPTION_NAMES).flat(), ...S3_CALL_OPTIONS.write];
  const known = new Set([...methods, ...options, "uploads", "versions", ...OTHER_NAMES]);
  let count = 0;
  for (const page of ["docs/coming_from_the_aws_sdk.md", "docs/coming_from_bun.md"]) {
    const table = (await readSource(page)).split("## Names\n")[1]!.split("\n## ")[0]!;
    const cells = table.split("\n").filter((row) => row.startsWith("| ")).slice(2).map((row) => row.split("|")[2]!);
    for (const [, code] of cells.join().matchAll(/`([^`]+)`/g)) {
      const name = /^(?:storage\.)?([a-z]\w*)(?=[.(:]|$)/.exec(code!)?.[1];
      if (name === undefined) continue; // a class, or an object of options
      count++;
      assert(known.has(name), `${page}: ${code}`);
    }
  }
  assert(count > 40, `${count} names`);
});

let sdkMissing: string | undefined;
try {
  await import(SDK_PACKAGES["@aws-sdk/client-s3"]!);
} catch (error) {
  sdkMissing = `skipped: the AWS SDK is not installed: ${
    error instanceof Error ? error.message.split("\n")[0] : error
  }`;
}

Deno.test({
  name: `the programs for users of the AWS SDK do what its programs do${sdkMissing ? ` (${sdkMissing})` : ""}`,
  ignore: sdkMissing !== undefined,
  fn: async () => {
    const { setup } = AWS_SDK;
    const ours = await outcomes({
      page: AWS_SDK,
      column: "ours",
      name: "here.ts",
      setup: setup.ours,
      command: onDeno,
    });
    const other = await outcomes({
      page: AWS_SDK,
      column: "other",
      name: "aws_sdk.ts",
      setup: commands(AWS_SDK) + setup.other,
      packages: SDK_PACKAGES,
      command: onDeno,
    });
    assertSame(AWS_SDK.tasks, ours, other);
  },
});

Deno.test({
  name: `the programs for users of the AWS SDK compile${sdkMissing ? ` (${sdkMissing})` : ""}`,
  ignore: sdkMissing !== undefined,
  fn: async () => {
    const options = { stage: "", packages: SDK_PACKAGES };
    const { setup } = AWS_SDK;
    const modules = [
      await scratch("here_types.ts", programs(setup.ours, blocks(AWS_SDK, "ours"), options)),
      await scratch(
        "aws_sdk_types.ts",
        programs(commands(AWS_SDK) + setup.other, blocks(AWS_SDK, "other"), options),
      ),
    ];
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: await withImportMap(["check", ...modules]),
      cwd: ROOT,
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals([success, success ? "" : new TextDecoder().decode(stderr)], [true, ""]);
  },
});

const bun = await bunPath().catch((error: unknown) => {
  if (error instanceof RuntimeUnavailableError || error instanceof Error) return { skipped: error.message };
  throw error;
});

Deno.test({
  name: `the programs for users of Bun do what its S3 client does${
    typeof bun === "string" ? "" : ` (skipped: ${bun.skipped})`
  }`,
  ignore: typeof bun !== "string",
  fn: async () => {
    const { setup } = BUN;
    const ours = await outcomes({
      page: BUN,
      column: "ours",
      name: "here_on_bun.ts",
      setup: setup.ours,
      command: async (module) => [
        bun as string,
        "run",
        await bundle(module, "tests/.build/side_by_side_on_bun.js"),
      ],
    });
    const other = await outcomes({
      page: BUN,
      column: "other",
      name: "bun.ts",
      setup: setup.other,
      command: (module) => Promise.resolve([bun as string, "run", module]),
    });
    assertSame(BUN.tasks, ours, other);
  },
});

/** What Bun's client would do with options and methods that the page calls impossible. */
const IMPOSSIBLE = `
const options = { metadata: { a: "b" }, tagging: "a=b", cacheControl: "no-cache", ifNoneMatch: "*" };
await client.write("notes/a.txt", "other", options);
console.log(Object.getOwnPropertyNames(Object.getPrototypeOf(client)).sort().join());
`;

Deno.test({
  name: `Bun's S3 client cannot do what the page calls impossible${
    typeof bun === "string" ? "" : ` (skipped: ${bun.skipped})`
  }`,
  ignore: typeof bun !== "string",
  fn: async () => {
    const title = "impossible";
    const done = await outcomes({
      page: { setup: BUN.setup, tasks: [{ title, other: IMPOSSIBLE, ours: "", text: "" }] },
      column: "other",
      name: "bun_impossible.ts",
      setup: BUN.setup.other,
      command: (module) => Promise.resolve([bun as string, "run", module]),
    });
    const { printed, state, failure } = done.get(title)!;
    assertEquals(failure, undefined);
    assertEquals(printed, ["constructor,delete,exists,file,list,presign,size,stat,unlink,write"]);
    const stored = (state as { objects: [string, string, boolean, Record<string, unknown>][] }).objects;
    const [, , , written] = stored.find(([, key, isLatest]) => key === "notes/a.txt" && isLatest)!;
    assertEquals([written.bytes, written.metadata, written.tags, written.cacheControl], ["other", {}, {}, undefined]);
  },
});
