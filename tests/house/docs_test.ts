import { assertEquals } from "@std/assert";
import { readConfig, runDeno, writeScratch } from "./source_files.ts";

interface DocNodes {
  readonly nodes: Readonly<Record<string, { readonly symbols: readonly DocSymbol[] }>>;
}

interface DocSymbol {
  readonly name: string;
  readonly declarations: readonly {
    readonly declarationKind: string;
    readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly { readonly kind: string }[] };
  }[];
}

async function entries(): Promise<string[]> {
  return Object.values((await readConfig()).exports);
}

/**
 * The exported symbols without an @example; one overload with an example is enough. Each entry is checked alone: together,
 * deno doc shows the documentation of a symbol that two of them export only once.
 */
async function symbolsWithoutExample(paths: readonly string[]): Promise<string[]> {
  return [...new Set((await Promise.all(paths.map(undocumentedIn))).flat())].sort();
}

async function undocumentedIn(path: string): Promise<string[]> {
  const { code, stdout, stderr } = await runDeno(["doc", "--json", path]);
  if (code !== 0) throw new Error(`deno doc failed: ${stderr}`);
  const { nodes } = JSON.parse(stdout) as DocNodes;
  const undocumented = Object.values(nodes).flatMap(({ symbols }) => symbols).filter(({ declarations }) =>
    declarations.some(({ declarationKind }) => declarationKind === "export") &&
    !declarations.some(({ jsDoc }) => jsDoc?.tags?.some(({ kind }) => kind === "example"))
  );
  return undocumented.map(({ name }) => name);
}

Deno.test("deno doc --lint reports nothing for any entry", async () => {
  const { code, stdout, stderr } = await runDeno(["doc", "--lint", ...await entries()]);
  assertEquals([code, code === 0 ? "" : stdout + stderr], [0, ""]);
});

Deno.test("every public symbol has an @example", async () => {
  assertEquals(await symbolsWithoutExample(await entries()), []);
});

Deno.test("the checks of docs report missing documentation and examples", async () => {
  const bare = await writeScratch("undocumented.ts", "export const bare = [1, 2].map((x) => x);\n");
  assertEquals((await runDeno(["doc", "--lint", bare])).code === 0, false);
  assertEquals(await symbolsWithoutExample([bare]), ["bare"]);
  const whole = await writeScratch(
    "documented.ts",
    "/**\n * One.\n *\n * @example Use\n * ```ts\n * one;\n * ```\n */\nexport const one: number = 1;\n",
  );
  assertEquals((await runDeno(["doc", "--lint", whole])).code, 0);
  assertEquals(await symbolsWithoutExample([whole]), []);
});
