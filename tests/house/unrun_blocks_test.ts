import { assert, assertEquals } from "@std/assert";
import { blocksOf } from "./code_blocks.ts";
import { filesIn, publishedSources } from "./source_files.ts";
import { BLOCKS, PAGES, type UnrunBlock } from "./unrun_blocks.ts";

/** The pages and sources whose blocks `deno test --doc` runs, and the other pages. */
async function documents(): Promise<string[]> {
  const pages = (await filesIn("")).filter((path) => /^(docs\/|examples\/)?[^/]+\.md$/.test(path));
  return [...pages, ...await publishedSources()];
}

/** The blocks that `deno test --doc` does not run: other languages, and those marked `ignore`. */
async function unrunBlocks(): Promise<UnrunBlock[]> {
  const found: UnrunBlock[] = [];
  for (const page of await documents()) {
    for (const { kind, code } of await blocksOf(page)) {
      const runs = /^(ts|js|typescript|javascript)$/.test(kind) && !/^[^/]+\.md$/.test(page.replace("README.md", ""));
      if (!runs) found.push({ page, kind, firstLine: code.split("\n", 1)[0]! });
    }
  }
  return found;
}

function named({ page, kind, firstLine }: UnrunBlock): string {
  return `${page}: ${kind}: ${firstLine}`;
}

function isOnPage({ page, kind }: UnrunBlock): boolean {
  return PAGES.some((each) => each.page === page && each.kind === kind);
}

Deno.test("every code block that is not run is listed with the test that checks it, or with a reason", async () => {
  const found = await unrunBlocks();
  assertEquals(found.filter((block) => !isOnPage(block)).map(named).sort(), BLOCKS.map(named).sort());
  for (const { page, kind } of PAGES) assert(found.some((block) => block.page === page && block.kind === kind), page);
});

Deno.test("every test that the list names exists", async () => {
  const files = await filesIn("tests");
  const named = [...PAGES.map(({ test }) => test), ...BLOCKS.flatMap(({ check }) => "test" in check ? check.test : [])];
  assertEquals(named.filter((test) => !files.includes(test)), []);
});

Deno.test("only blocks that cannot run here have a reason instead of a test", () => {
  const reasons = BLOCKS.filter(({ check }) => "reason" in check);
  assert(reasons.length <= 4, reasons.map(named).join("\n"));
});
