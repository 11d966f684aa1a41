import { assert, assertEquals } from "@std/assert";
import { UploadError } from "../../src/upload/mod.ts";
import { TABLES } from "./printed_tables.ts";
import { filesIn, readConfig, readSource } from "./source_files.ts";

/** The tables of a page: the cells of their rows. The first row is the header. */
async function tablesOf(page: string): Promise<string[][][]> {
  const text = (await readSource(page)).replaceAll(/^```[^]*?^```$/gm, "");
  return Array.from(
    text.matchAll(/(?:^\|.*\|\n)+/gm),
    ([table]) =>
      table.trimEnd().split("\n").filter((row) => !/^\| -/.test(row)).map((row) =>
        row.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())
      ),
  );
}

function named(page: string, [first, second]: readonly string[]): string {
  return `${page}: ${first} | ${second}`;
}

Deno.test("every table of README and docs is listed with the test of what it says, or with a reason", async () => {
  const found: string[] = [];
  for (const page of ["README.md", ...await filesIn("docs")]) {
    found.push(...(await tablesOf(page)).map(([header]) => named(page, header!)));
  }
  assertEquals(found.sort(), TABLES.map(({ page, header }) => named(page, header)).sort());
});

Deno.test("every test that the list of tables names exists", async () => {
  const files = await filesIn("tests");
  const tests = TABLES.flatMap(({ check }) => "test" in check ? check.test : []);
  assertEquals(tests.filter((test) => !files.includes(test)), []);
});

Deno.test("the README lists every entry of the package", async () => {
  const { exports } = await readConfig();
  const entries = (await tablesOf("README.md")).find(([header]) => header![0] === "entry")!.flat().join(" ");
  assert(entries.includes("`@storages/s3`"));
  const others = Object.keys(exports).map((path) => path.slice(1)).filter((path) => path !== "");
  assertEquals(others.filter((path) => !entries.includes(`${path}\``)), []);
});

Deno.test("the page on errors lists every code of UploadError with its status", async () => {
  const table = (await tablesOf("docs/errors.md")).find(([header]) => header![0] === "`UploadError.code`")!;
  for (const [codes = "", status = ""] of table.slice(1)) {
    for (const [, code] of codes.matchAll(/`(\w+)`/g)) {
      const error = new UploadError(code as UploadError["code"], "refused");
      assertEquals([code, error.status], [code, Number(status)]);
    }
  }
});
