import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { rehearsePublish } from "../offline/publish.ts";
import { publishedSources } from "./source_files.ts";

Deno.test("a dry run of publishing succeeds, with all sources and without tests", async () => {
  const { code, output, files } = await rehearsePublish();
  assertEquals([code, code === 0 ? "" : output], [0, ""]);
  const sources = await publishedSources();
  assertEquals(sources.filter((path) => !files.includes(path)), [], "sources left out");
  const expected = /^(?:mod\.ts|src\/.+\.ts|deno\.json|README\.md|CHANGELOG\.md|LICENSE)$/;
  assertEquals(files.filter((path) => !expected.test(path)), [], "files that do not belong there");
  assert(["README.md", "LICENSE"].every((path) => files.includes(path)), `only ${files.join(", ")}`);
});

Deno.test("a dry run of publishing reports slow types", async () => {
  const folder = await Deno.makeTempDir({ prefix: "storages-slow-type-" });
  try {
    const config = { name: "@storages/slow", version: "0.1.0", license: "MIT", exports: "./mod.ts", imports: {} };
    const publish = { include: ["mod.ts"] };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ ...config, publish }));
    await Deno.writeTextFile(`${folder}/mod.ts`, "export const slow = [1, 2].map((x) => x);\n");
    const { code, output } = await rehearsePublish(new URL(`file://${folder}/`));
    assertEquals(code === 0, false);
    assertStringIncludes(output, "missing-explicit-type");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
