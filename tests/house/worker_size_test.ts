import { assert, assertEquals } from "@std/assert";
import { readSource } from "./source_files.ts";
import { WORKER_ENTRIES, workerSizes } from "./worker_size.ts";

/** The most bytes of the smallest Worker by entry, gzipped: as it is, minified, and minified with short names of functions. */
const LIMIT_BYTES: Readonly<Record<(typeof WORKER_ENTRIES)[number], readonly number[]>> = {
  "@storages/s3": [203_000, 134_000, 124_200],
  "@storages/s3/edge": [176_000, 115_200, 107_000],
};

const sizes = await workerSizes();
const skipped = "skipped" in sizes ? ` (skipped: ${sizes.skipped})` : "";

for (const [column, entry] of WORKER_ENTRIES.entries()) {
  Deno.test({
    name: `the smallest Worker with ${entry} is by wrangler as small as the pages say${skipped}`,
    ignore: skipped !== "",
    fn: async () => {
      if ("skipped" in sizes) return;
      const own = sizes.filter((size) => size.entry === entry);
      for (const [index, { options, gzipBytes }] of own.entries()) {
        const limit = LIMIT_BYTES[entry][index]!;
        assert(gzipBytes <= limit, `${options}: ${gzipBytes} bytes, of ${limit} allowed`);
      }
      const [, table] = (await readSource("docs/edge_runtimes.md")).split(/^(?=\| command +\| )/m);
      const rows = table!.split("\n\n")[0]!.split("\n").slice(2);
      const printed = rows.map((row) => Number.parseInt(row.split("|")[2 + column]!));
      const wrong = own.filter(({ gzipBytes }, index) => Math.abs(gzipBytes / 1000 - printed[index]!) > 3);
      assertEquals([wrong, printed.length], [[], own.length]);
    },
  });
}
