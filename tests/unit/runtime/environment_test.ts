import { assertEquals } from "@std/assert";
import { readEnvironment } from "../../../src/runtime/environment.ts";

const MODULE = new URL("../../../src/runtime/environment.ts", import.meta.url).href;

/** Runs a module that prints JSON in a process of its own, with these permissions and nobody to answer a prompt. */
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

const PRINT = `import { readEnvironment } from ${JSON.stringify(MODULE)};
const names = ["AWS_REGION", "AWS_LOCATION", "AWS_NOT_SET"];
console.log(JSON.stringify(names.map((name) => readEnvironment(name) ?? null)));`;
const VARIABLES = { AWS_REGION: "eu-west-1", AWS_LOCATION: "media" };

Deno.test("readEnvironment gives a variable's value, and nothing for one that is unset or empty", () => {
  Deno.env.set("STORAGES_S3_TEST", "value");
  assertEquals(readEnvironment("STORAGES_S3_TEST"), "value");
  Deno.env.set("STORAGES_S3_TEST", "");
  assertEquals(readEnvironment("STORAGES_S3_TEST"), undefined);
  Deno.env.delete("STORAGES_S3_TEST");
  assertEquals(readEnvironment("STORAGES_S3_TEST"), undefined);
});

Deno.test("readEnvironment reads every variable where all are granted", async () => {
  assertEquals(await runLimited(PRINT, ["--allow-env"], VARIABLES), ["eu-west-1", "media", null]);
});

Deno.test("readEnvironment counts variables that are not granted as unset, and asks nobody", async () => {
  assertEquals(await runLimited(PRINT, ["--allow-env=AWS_REGION"], VARIABLES), ["eu-west-1", null, null]);
  assertEquals(await runLimited(PRINT, [], VARIABLES), [null, null, null]);
  assertEquals(await runLimited(PRINT, ["--deny-env"], VARIABLES), [null, null, null]);
});

Deno.test("readEnvironment finds every variable unset where there is no process", async () => {
  const script = `import { readEnvironment } from ${JSON.stringify(MODULE)};
    delete (globalThis as { process?: unknown }).process;
    console.log(JSON.stringify([readEnvironment("AWS_REGION") ?? null]));`;
  assertEquals(await runLimited(script, ["--allow-env"], VARIABLES), [null]);
});

Deno.test("Importing the package reads no variable, opens nothing and sends nothing", async () => {
  const entry = new URL("../../../mod.ts", import.meta.url).href;
  const map = new URL("../../offline/import_map.json", import.meta.url).pathname;
  const script = `await import(${JSON.stringify(entry)}); console.log(JSON.stringify("loaded"));`;
  assertEquals(await runLimited(script, [`--import-map=${map}`, "--no-prompt", "--cached-only"], VARIABLES), "loaded");
});
