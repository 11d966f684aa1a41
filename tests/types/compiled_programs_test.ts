/**
 * What the compiler tells users: right programs compile, wrong ones are refused, with every type library and with the lowest
 * and the newest TypeScript, under the strictest options.
 */
import { assertEquals, assertGreater, assertStringIncludes } from "@std/assert";
import { compile, type Declarations, writeDeclarations } from "./compile.ts";
import { PROGRAMS_OF_LIBRARIES } from "./right/libraries.ts";
import { COMPILATIONS, installed, NEWEST_TYPESCRIPT, TYPE_LIBRARIES } from "./type_libraries.ts";
import { WRONG_PROGRAMS } from "./wrong_programs.ts";

const WRONG = Object.values(WRONG_PROGRAMS).flat();

/** The file of the programs of single libraries, which holds them as texts. */
const LIBRARIES = "libraries.ts";
/** The only program that compiles without `URL`, `Response` and streams. */
const WITHOUT_LIBRARY = "presets.ts";

async function filesIn(folder: "right" | "wrong"): Promise<string[]> {
  const url = new URL(`${folder}/`, import.meta.url);
  const names = (await Array.fromAsync(Deno.readDir(url))).map(({ name }) => name);
  return names.filter((name) => name !== LIBRARIES).map((name) => decodeURIComponent(new URL(name, url).pathname));
}

/** The texts of wrong programs, each from its name to the next one's. */
async function wrongTexts(): Promise<string[]> {
  const texts = await Promise.all((await filesIn("wrong")).map((path) => Deno.readTextFile(path)));
  return texts.flatMap((text) => text.split(/\n {2}\{\n {4}name: /).slice(1));
}

Deno.test("there are 60 right programs, and each has a name", async () => {
  const paths = await filesIn("right");
  const texts = [
    ...await Promise.all(paths.map((path) => Deno.readTextFile(path))),
    ...Object.values(PROGRAMS_OF_LIBRARIES),
  ];
  const names = new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/^export (?:async )?(?:function|class) (\w+)/gm)].map(([, name]) => name)
    ),
  );
  assertGreater(names.size, 59);
});

Deno.test("there are 100 wrong programs, and each is refused by the compiler or by a message", async () => {
  const texts = await wrongTexts();
  assertEquals(texts.length, WRONG.length);
  assertEquals(new Set(WRONG.map(({ name }) => name)).size, WRONG.length);
  assertGreater(texts.length, 99);
  assertEquals(texts.filter((text) => !/@ts-expect-error|\n {4}message: /.test(text)), []);
});

/** Wrong calls whose errors have one line: the compiler considers one signature only. */
const ONE_LINE_ERRORS = `
import type { S3Storage } from "@storages/s3";
import type { Storage } from "@storages/s3/storage";
declare const storages: { readonly any: Storage; readonly s3: S3Storage };
storages.any.open("a.txt", "rb", { contentType: "text/plain" });
storages.any.open("a.txt", "wb", { start: 5 });
storages.any.open("a.txt", "a");
storages.s3.open("a.txt", "rb", { contentType: "text/plain" });
storages.s3.open("a.txt", "wb", { start: 5 });
storages.s3.open("a.txt", { start: 5 });
storages.s3.open(5);
storages.s3.save("a.txt", "b", { ContentType: "text/plain" });
storages.s3.save("a.txt", 5);
storages.s3.url("a.txt", { expires: 60 });
storages.s3.list("", { MaxKeys: 10 });
storages.s3.list({ recursive: true });
`;

/** The message of the compiler without its place in the program. */
function messageOf(line: string): string {
  return line.replace(/^[^:]*: error TS\d+: /, "");
}

const newest = await installed([`typescript@${NEWEST_TYPESCRIPT}`]);
let written: Promise<Declarations> | undefined;

for (const { typescript, libraries } of COMPILATIONS) {
  const compiler = await installed([`typescript@${typescript}`]);
  for (const name of libraries) {
    const library = TYPE_LIBRARIES[name];
    const folder = await installed(library.packages);
    const missing = [newest, compiler, folder].find((one) => typeof one !== "string");
    Deno.test({
      name: `TypeScript ${typescript} with ${name} compiles right programs and refuses wrong ones` +
        (missing === undefined ? "" : ` (${(missing as { skipped: string }).skipped})`),
      ignore: missing !== undefined,
      fn: async () => {
        const declarations = await (written ??= writeDeclarations(newest as string));
        const surroundings = { compiler: compiler as string, library, folder: folder as string, declarations };
        const right = await filesIn("right");
        const files = name === "none"
          ? right.filter((path) => path.endsWith(WITHOUT_LIBRARY))
          : [...right, ...await filesIn("wrong")];
        const own = PROGRAMS_OF_LIBRARIES[name];
        assertEquals(await compile(surroundings, files, own === undefined ? {} : { "own.ts": own }), []);
      },
    });
    if (name !== "@types/node 20") continue;
    Deno.test({
      name: `TypeScript ${typescript} reports a wrong call in one line`,
      ignore: missing !== undefined,
      fn: async () => {
        const declarations = await (written ??= writeDeclarations(newest as string));
        const surroundings = { compiler: compiler as string, library, folder: folder as string, declarations };
        const lines = await compile(surroundings, [], { "calls.ts": ONE_LINE_ERRORS });
        assertEquals(lines.length, ONE_LINE_ERRORS.match(/^storages/gm)!.length, lines.join("\n"));
        assertEquals(lines.filter((line) => !/^.*calls\.ts\(\d+,\d+\): error TS/.test(line)), []);
        const known = "Object literal may only specify known properties, and";
        assertEquals(messageOf(lines[0]!), `${known} 'contentType' does not exist in type 'ReadOptions'.`);
      },
    });
  }
}

Deno.test({
  name: "the compiler checks our declarations: they need those of fetch",
  ignore: typeof newest !== "string",
  fn: async () => {
    const declarations = await (written ??= writeDeclarations(newest as string));
    const surroundings = { compiler: newest as string, library: TYPE_LIBRARIES.none, folder: "", declarations };
    const program = `export { isStorageError } from "@storages/s3/errors";`;
    const lines = await compile(surroundings, [], { "errors.ts": program });
    assertStringIncludes(lines.join("\n"), "errors.d.ts");
    assertStringIncludes(lines.join("\n"), "Cannot find name 'Response'.");
  },
});

Deno.test.afterAll(async () => await (await written)?.[Symbol.asyncDispose]());
