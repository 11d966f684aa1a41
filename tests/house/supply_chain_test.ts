import { assertEquals, assertMatch } from "@std/assert";
import { filesIn, readConfig, readSource } from "./source_files.ts";

/** The name and range of a package as in deno.lock: `npm:pg@^8.23.1` for `npm:pg@^8.23.1/lib/client.js`. */
function packageOf(specifier: string): string | undefined {
  return /^npm:\/?((?:@[^/@]+\/)?[^/@]+)/.exec(specifier)?.[1];
}

Deno.test("deno.lock has every npm package that a source, a test or an example imports", async () => {
  const lock = JSON.parse(await readSource("deno.lock")) as {
    specifiers: Record<string, string>;
    npm: Record<string, { integrity: string }>;
  };
  const locked = new Set(Object.keys(lock.specifiers).map(packageOf));
  const specifiers = Object.values((await readConfig()).imports);
  for (const path of ["mod.ts", ...await filesIn("src"), ...await filesIn("tests"), ...await filesIn("examples")]) {
    if (!path.endsWith(".ts")) continue;
    for (const [, specifier] of (await readSource(path)).matchAll(/(?:from|import\()\s*"(npm:[^"]+)"/g)) {
      specifiers.push(specifier!);
    }
  }
  const missing = specifiers.filter((one) => one.startsWith("npm:") && !locked.has(packageOf(one)));
  assertEquals(missing, []);
  for (const [name, { integrity }] of Object.entries(lock.npm)) assertMatch(integrity, /^sha512-/, name);
});

Deno.test("workflows pin each action to a commit, and Deno to one version", async () => {
  for (const path of await filesIn(".github/workflows")) {
    const workflow = await readSource(path);
    const actions = [...workflow.matchAll(/uses: (.*)/g)].map(([, action]) => action!);
    for (const action of actions) assertMatch(action, /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    for (const [, version] of workflow.matchAll(/deno-version: (.*)/g)) {
      assertEquals(version, "${{ env.DENO_VERSION }}");
    }
    assertMatch(workflow, /^ {2}DENO_VERSION: \d+\.\d+\.\d+\b/m);
    assertMatch(workflow, /^permissions:\n {2}contents: read\n\n/m);
  }
});
