import { assert, assertEquals } from "@std/assert";
import { readSource } from "./source_files.ts";
import { workerSizes } from "./worker_size.ts";

/** The most bytes of the smallest Worker, gzipped: as it is, minified, and minified with short names of functions. */
const LIMIT_BYTES = [198_500, 131_000, 121_500];

const sizes = await workerSizes();
const skipped = "skipped" in sizes ? ` (skipped: ${sizes.skipped})` : "";

Deno.test({
  name: `the smallest Worker is at most 122 KB by wrangler, minified and gzipped, as the pages say${skipped}`,
  ignore: skipped !== "",
  fn: async () => {
    if ("skipped" in sizes) return;
    for (const [index, { options, gzipBytes }] of sizes.entries()) {
      const limit = LIMIT_BYTES[index]!;
      assert(gzipBytes <= limit, `${options}: ${gzipBytes} bytes, of ${limit} allowed`);
    }
    const [, table] = (await readSource("docs/edge_runtimes.md")).split(/^(?=\| command +\| size)/m);
    const rows = table!.split("\n\n")[0]!.split("\n").slice(2).map((row) => Number.parseInt(row.split("|")[2]!));
    const wrong = sizes.filter(({ gzipBytes }, index) => Math.abs(gzipBytes / 1000 - rows[index]!) > 3);
    assertEquals([wrong, rows.length], [[], sizes.length]);
  },
});
