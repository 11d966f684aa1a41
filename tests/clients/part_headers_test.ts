/** The table of part headers: the results of other programs, which show how lenient `handleUpload` is compared with them. */
import { assertEquals } from "@std/assert";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, RuntimeUnavailableError } from "../runtimes/install.ts";
import { npmPackages } from "./npm_packages.ts";
import { parseFormData, type TableForm } from "./part_headers/form_data.ts";

type Program = "busboy" | "formidable" | "deno" | "bun";
type Case = TableForm & Readonly<Record<Program, string>>;

const TABLE = decodeURIComponent(new URL("../vectors/part_headers.json", import.meta.url).pathname);
const CASES: readonly Case[] = JSON.parse(await Deno.readTextFile(TABLE));

/** The version of Deno whose results are in the table. */
const DENO = /^2\.9\./;

/** The results in the table. */
function expected(program: Program): Record<string, string> {
  return Object.fromEntries(CASES.map((one) => [one.name, one[program]]));
}

async function run(command: string, ...args: string[]): Promise<unknown> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** The path of a runtime, or why there is none. */
async function pathOr(path: () => Promise<string>): Promise<string | { skipped: string }> {
  return await path().catch((error) => {
    if (error instanceof RuntimeUnavailableError) return { skipped: error.message };
    throw error;
  });
}

const name = "formData() of Deno reads the part headers as the table says";
if (DENO.test(Deno.version.deno)) {
  Deno.test(name, async () => {
    const found: Record<string, string> = {};
    for (const form of CASES) found[form.name] = await parseFormData(form);
    assertEquals(found, expected("deno"));
  });
} else Deno.test.ignore(`${name}: they are of another version than ${Deno.version.deno}`, () => {});

const bun = await pathOr(bunPath);
if (typeof bun === "string") {
  Deno.test("formData() of Bun reads the part headers as the table says", async () => {
    const script = await bundle("tests/clients/part_headers/form_data_bun.ts", "tests/.build/form_data_bun.js");
    assertEquals(await run(bun, "run", script, TABLE), expected("bun"));
  });
} else Deno.test.ignore(`formData() of Bun reads the part headers as the table says: ${bun.skipped}`, () => {});

const node = await pathOr(nodePath);
const packages = await npmPackages(["busboy@1.6.0", "formidable@3.5.4"]);
if (typeof node === "string" && typeof packages === "string") {
  Deno.test("busboy and formidable read the part headers as the table says", async () => {
    const script = decodeURIComponent(new URL("part_headers/peers.mjs", import.meta.url).pathname);
    const found = await run(node, script, TABLE, packages) as Record<string, Record<string, string>>;
    for (const program of ["busboy", "formidable"] as const) {
      const results = Object.fromEntries(Object.entries(found).map(([name, one]) => [name, one[program]]));
      assertEquals(results, expected(program), program);
    }
  });
} else {
  const reason = [node, packages].find((one) => typeof one !== "string") as { skipped: string };
  Deno.test.ignore(`busboy and formidable read the part headers as the table says: ${reason.skipped}`, () => {});
}
