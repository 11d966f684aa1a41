import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type Edge, readImportGraph } from "./import_graph.ts";
import { importCircles, LAYERS, layerViolations, partOf } from "./layers.ts";
import { publishedSources } from "./source_files.ts";

function edge(from: string, to: string, more: Partial<Edge> = {}): Edge {
  return { from, to, isPackage: false, typeOnly: false, ...more };
}

Deno.test("every import follows the layers", async () => {
  const edges = await readImportGraph();
  assert(edges.length > 20, "readImportGraph() found the imports");
  assertEquals(layerViolations(edges), []);
});

Deno.test("no import cycle exists", async () => {
  assertEquals(importCircles(await readImportGraph()), []);
});

Deno.test("every part of src is listed in the layers", async () => {
  const parts = new Set((await publishedSources()).filter((path) => path !== "mod.ts").map(partOf));
  assertEquals([...parts].filter((part) => LAYERS[part] === undefined), []);
});

Deno.test("layerViolations() reports imports that are not allowed", () => {
  const broken = [
    edge("src/storage/a.ts", "src/client/b.ts"),
    edge("src/kit/a.ts", "src/errors.ts"),
    edge("src/settings/a.ts", "src/credentials/b.ts", { typeOnly: true }),
    edge("src/cloudfront/a.ts", "src/cloudfront/verify/b.ts"),
    edge("src/elsewhere/a.ts", "src/kit/b.ts"),
    edge("src/kit/a.ts", "@std/assert", { isPackage: true }),
    edge("src/kit/a.ts", "tests/unit/b.ts"),
  ];
  for (const one of broken) assertEquals(layerViolations([one]).length, 1, `${one.from} → ${one.to}`);
  assertStringIncludes(
    layerViolations(broken)[0]!,
    "src/storage/a.ts → src/client/b.ts: storage may import only: runtime, errors.ts, kit",
  );
  const sound = [
    edge("mod.ts", "src/s3/a.ts"),
    edge("src/s3/a.ts", "src/client/b.ts"),
    edge("src/client/a.ts", "src/client/b.ts"),
    edge("src/client/a.ts", "src/errors.ts"),
    edge("src/cloudfront/verify/a.ts", "src/cloudfront/b.ts"),
    edge("src/kit/a.ts", "@std/path/posix", { isPackage: true }),
  ];
  assertEquals(layerViolations(sound), []);
});

Deno.test("importCircles() reports cycles, including type imports", () => {
  const edges = [
    edge("src/a.ts", "src/b.ts"),
    edge("src/b.ts", "src/c.ts"),
    edge("src/c.ts", "src/a.ts", { typeOnly: true }),
  ];
  assertEquals(importCircles(edges), ["src/a.ts → src/b.ts → src/c.ts → src/a.ts"]);
  assertEquals(importCircles(edges.slice(0, 2)), []);
});
