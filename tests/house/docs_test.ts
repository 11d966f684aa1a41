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
 * The exported symbols without an @example; one overload's example speaks for all. Each entry is looked at alone: seen
 * together, what two of them export has its documentation in only one.
 */
async function symbolsWithoutExample(paths: readonly string[]): Promise<string[]> {
  return [...new Set((await Promise.all(paths.map(lackingIn))).flat())].sort();
}

async function lackingIn(path: string): Promise<string[]> {
  const { code, stdout, stderr } = await runDeno(["doc", "--json", path]);
  if (code !== 0) throw new Error(`deno doc failed: ${stderr}`);
  const { nodes } = JSON.parse(stdout) as DocNodes;
  const lacking = Object.values(nodes).flatMap(({ symbols }) => symbols).filter(({ declarations }) =>
    declarations.some(({ declarationKind }) => declarationKind === "export") &&
    !declarations.some(({ jsDoc }) => jsDoc?.tags?.some(({ kind }) => kind === "example"))
  );
  return lacking.map(({ name }) => name);
}

Deno.test("deno doc --lint has nothing to say about any entry", async () => {
  const { code, stdout, stderr } = await runDeno(["doc", "--lint", ...await entries()]);
  assertEquals([code, code === 0 ? "" : stdout + stderr], [0, ""]);
});

Deno.test("every public symbol has an @example", async () => {
  assertEquals(await symbolsWithoutExample(await entries()), []);
});

Deno.test("the checks of docs notice what they are there for", async () => {
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
