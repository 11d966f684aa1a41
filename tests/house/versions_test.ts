import { assert, assertEquals } from "@std/assert";
import { VERSION_COLUMNS, VERSION_ROWS } from "../runtimes/version_list.ts";
import { readSource } from "./source_files.ts";

Deno.test("README has a row for each version that the conformance suite runs on", async () => {
  const table = /^\| Runtime .*\n(?:\|.*\n)+/m.exec(await readSource("README.md"))![0];
  const rows = table.trimEnd().split("\n").map((row) => row.split("|").slice(1, -1).map((cell) => cell.trim()));
  const [header, , ...found] = rows;
  assertEquals(header, [...VERSION_COLUMNS]);
  const expected = VERSION_ROWS.map(({ runtime, version }, index) => [runtime, version ?? found[index]?.[1]]);
  assertEquals(found.map(([runtime, version]) => [runtime, version]), expected);
});

Deno.test("the line that old versions of Node need is the one that the suite runs with", async () => {
  const [, printed] = /```js ignore\n(import \{ createRequire \}[^`]*)```/.exec(
    await readSource("docs/edge_runtimes.md"),
  ) ?? [];
  const run = await readSource("tests/runtimes/node_line.mjs");
  assert(printed !== undefined && run.endsWith(printed), `${run} must end with ${printed}`);
});
