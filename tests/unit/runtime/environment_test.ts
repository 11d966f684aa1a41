import { assertEquals } from "@std/assert";
import { userInfo } from "node:os";
import { readEnvironment, snapshotEnvironment } from "../../../src/runtime/environment.ts";

const MODULE = new URL("../../../src/runtime/environment.ts", import.meta.url).href;

/** Runs a module that prints JSON in another process, with these permissions and without a terminal. */
async function runLimited(
  script: string,
  permissions: readonly string[],
  env: Record<string, string>,
): Promise<unknown> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, script);
    const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", ...permissions, file],
      env,
      stdin: "null",
    }).output();
    const text = new TextDecoder();
    const complaints = text.decode(stderr);
    if (!success || /grant|prompt|permission/i.test(complaints)) throw new Error(complaints);
    return JSON.parse(text.decode(stdout));
  } finally {
    await Deno.remove(file);
  }
}

const PRINT = `import { readEnvironment, snapshotEnvironment } from ${JSON.stringify(MODULE)};
const names = ["AWS_REGION", "AWS_LOCATION", "AWS_NOT_SET"];
console.log(JSON.stringify(names.map((name) => readEnvironment(name) ?? null)));`;
const VARIABLES = { AWS_REGION: "eu-west-1", AWS_LOCATION: "media" };

Deno.test("readEnvironment() returns the value of a variable, and undefined for one that is unset or empty", () => {
  Deno.env.set("STORAGES_S3_TEST", "value");
  assertEquals(readEnvironment("STORAGES_S3_TEST"), "value");
  Deno.env.set("STORAGES_S3_TEST", "");
  assertEquals(readEnvironment("STORAGES_S3_TEST"), undefined);
  Deno.env.delete("STORAGES_S3_TEST");
  assertEquals(readEnvironment("STORAGES_S3_TEST"), undefined);
});

Deno.test("readEnvironment() reads every variable where all are permitted", async () => {
  assertEquals(await runLimited(PRINT, ["--allow-env"], VARIABLES), ["eu-west-1", "media", null]);
});

Deno.test("readEnvironment() treats variables that are not permitted as unset, without a prompt", async () => {
  assertEquals(await runLimited(PRINT, ["--allow-env=AWS_REGION"], VARIABLES), ["eu-west-1", null, null]);
  assertEquals(await runLimited(PRINT, [], VARIABLES), [null, null, null]);
  assertEquals(await runLimited(PRINT, ["--deny-env"], VARIABLES), [null, null, null]);
});

Deno.test("readEnvironment() treats every variable as unset on runtimes without a process", async () => {
  const script = `import { readEnvironment, snapshotEnvironment } from ${JSON.stringify(MODULE)};
    delete (globalThis as { process?: unknown }).process;
    console.log(JSON.stringify([readEnvironment("AWS_REGION") ?? null]));`;
  assertEquals(await runLimited(script, ["--allow-env"], VARIABLES), [null]);
});

Deno.test("snapshotEnvironment() does not change with the environment", () => {
  Deno.env.set("STORAGES_S3_TEST", "value");
  const before = snapshotEnvironment();
  Deno.env.set("STORAGES_S3_TEST", "other");
  const after = snapshotEnvironment();
  Deno.env.delete("STORAGES_S3_TEST");
  assertEquals([before("STORAGES_S3_TEST"), after("STORAGES_S3_TEST")], ["value", "other"]);
  assertEquals([readEnvironment("STORAGES_S3_TEST"), before("STORAGES_S3_NONE")], [undefined, undefined]);
  assertEquals([before.variables!.STORAGES_S3_TEST, after.variables!.STORAGES_S3_TEST], ["value", "other"]);
});

Deno.test("snapshotEnvironment() keeps each variable that was read where listing is not permitted, without a prompt", async () => {
  const script = `import { snapshotEnvironment } from ${JSON.stringify(MODULE)};
    const read = snapshotEnvironment();
    const first = [read("AWS_REGION"), read("AWS_LOCATION")];
    Deno.env.set("AWS_REGION", "other");
    console.log(JSON.stringify([first, read("AWS_REGION"), read("HOME"), read.variables]));`;
  assertEquals(await runLimited(script, ["--allow-env=AWS_REGION"], VARIABLES), [
    ["eu-west-1", null],
    "eu-west-1",
    null,
    { AWS_REGION: "eu-west-1", AWS_LOCATION: "", HOME: "" },
  ]);
});

Deno.test("snapshotEnvironment() has the system's home folder where HOME is unset and this is permitted", async () => {
  const script = `import { snapshotEnvironment } from ${JSON.stringify(MODULE)};
    const homes = [snapshotEnvironment()("HOME")];
    for (const home of [undefined, "", "/own", "relative"]) {
      if (home === undefined) Deno.env.delete("HOME");
      else Deno.env.set("HOME", home);
      homes.push(snapshotEnvironment()("HOME") ?? null);
    }
    console.log(JSON.stringify(homes));`;
  const system = userInfo().homedir;
  const HOME = "/first";
  assertEquals(await runLimited(script, ["-A"], { HOME }), ["/first", system, null, "/own", "relative"]);
  assertEquals(await runLimited(script, ["--allow-env", "--no-prompt"], { HOME }), [
    "/first",
    null,
    null,
    "/own",
    "relative",
  ]);
});

Deno.test("importing the package reads no variable, opens no file and sends no request", async () => {
  const entry = new URL("../../../mod.ts", import.meta.url).href;
  const map = new URL("../../offline/import_map.json", import.meta.url).pathname;
  const script = `await import(${JSON.stringify(entry)}); console.log(JSON.stringify("loaded"));`;
  assertEquals(await runLimited(script, [`--import-map=${map}`, "--no-prompt", "--cached-only"], VARIABLES), "loaded");
});
