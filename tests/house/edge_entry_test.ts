import { assertEquals } from "@std/assert";
import { readImportGraph } from "./import_graph.ts";
import { readConfig } from "./source_files.ts";

/** What edge runtimes lack. Bundlers for them put also what is imported on demand into one file. */
const MACHINE_ONLY = [
  /^src\/runtime\/files\/(?!file_blob\.ts)/,
  /^src\/runtime\/transport\/(?!fetch_body\.ts|fixed_length\.ts)/,
  /^src\/runtime\/(machine_code|run_command)\.ts$/,
  /^src\/settings\/profile\//,
  /^src\/credentials\/(profile|sso|sts|endpoints)\//,
  /^src\/credentials\/(shared_session|session_credentials|default_chain|use_sessions)\.ts$/,
];

const edges = (await readImportGraph()).filter(({ typeOnly, isPackage }) => !typeOnly && !isPackage);

/** The modules that an entry loads, on demand too. */
function modulesOf(entry: string): Set<string> {
  const found = new Set([entry]);
  for (const module of found) {
    for (const { from, to } of edges) {
      if (from === module) found.add(to);
    }
  }
  return found;
}

Deno.test("the entry for edge runtimes imports no files, proxies, profiles and processes, nor on demand", () => {
  const modules = [...modulesOf("src/s3/edge/mod.ts")];
  assertEquals(modules.filter((module) => MACHINE_ONLY.some((pattern) => pattern.test(module))), []);
  const main = [...modulesOf("mod.ts")];
  const unused = MACHINE_ONLY.filter((pattern) => !main.some((module) => pattern.test(module)));
  assertEquals(unused, []);
});

Deno.test("each other entry with a storage sets what only machines have", async () => {
  for (const path of Object.values((await readConfig()).exports)) {
    const modules = modulesOf(path.slice(2));
    const isEdge = path === "./src/s3/edge/mod.ts";
    const needs = (part: string): boolean => !isEdge && modules.has(part);
    assertEquals(
      [modules.has("src/s3/entry/machine.ts"), modules.has("src/runtime/files/use_files.ts")],
      [needs("src/s3/s3_storage.ts"), needs("src/storage/storage.ts")],
      path,
    );
  }
});
