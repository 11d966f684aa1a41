import { assertEquals } from "@std/assert";
import { stripSource } from "./code_only.ts";
import { runtimeLeaks } from "./platform.ts";
import { publishedSources, readSource } from "./source_files.ts";

Deno.test("only src/runtime and src/cli use the names of runtimes", async () => {
  const leaks: string[] = [];
  for (const path of await publishedSources()) leaks.push(...runtimeLeaks(path, await readSource(path)));
  assertEquals(leaks, []);
});

Deno.test("the platform check reports names of runtimes in code only", () => {
  const broken = [
    `const home = Deno.env.get("HOME");`,
    `const { env } = globalThis.process?.env ?? {};`,
    `import fs from "node:fs";`,
    `await import('node:fs');`,
    "const text = `a ${Bun.version} b`;",
    `const half = a / b; Deno.exit(); const c = d / e;`,
    `const quote = /"/; Deno.exit(); const other = /"/;`,
  ];
  for (const source of broken) assertEquals(runtimeLeaks("src/kit/a.ts", source).length, 1, source);
  const sound = [
    `/** Works like Deno.open. */ const a = 1; // process.env`,
    `throw new Error("Deno.env is not there");`,
    "const text = `Deno.exit() ${1} Deno.exit()`;",
    `const process = (item: string): string => item; process("a");`,
    `const pattern = /Deno.exit/;`,
  ];
  for (const source of sound) assertEquals(runtimeLeaks("src/kit/a.ts", source), [], source);
  assertEquals(runtimeLeaks("src/runtime/a.ts", broken[0]!), []);
});

Deno.test("no source uses what Vercel's edge runtime lacks, or takes its promises for other values", async () => {
  const found: string[] = [];
  for (const path of await publishedSources()) {
    if (path.startsWith("src/cli/")) continue;
    const { code } = stripSource(await readSource(path));
    const names = code.match(/\bAbortSignal\.any\b|\b(?:ByteLength|Count)QueuingStrategy\b|\binstanceof Promise\b/g) ??
      [];
    found.push(...names.map((name) => `${path}: ${name}`));
  }
  assertEquals(found, []);
});

Deno.test("text is encoded by encodeUtf8() alone, as Bun below 1.4 damages some of what TextEncoder encodes", async () => {
  const found: string[] = [];
  for (const path of await publishedSources()) {
    if (path === "src/kit/bytes/bytes.ts") continue;
    const { code } = stripSource(await readSource(path));
    const calls = code.match(/\b(?:new TextEncoder(?:\(\))?\)?|\w*[eE]ncoder)\.encode\(/g) ?? [];
    found.push(...calls.map((call) => `${path}: ${call}`));
  }
  assertEquals(found, []);
});

Deno.test("no source uses `using`, which Node 20 and 22 cannot load", async () => {
  const found: string[] = [];
  for (const path of await publishedSources()) {
    const { code } = stripSource(await readSource(path));
    if (/^\s*(?:await )?using \w+ =/m.test(code)) found.push(path);
  }
  assertEquals(found, []);
});

Deno.test("stripSource() separates code and strings", () => {
  assertEquals(stripSource("a(`x${`y${b}`}z`, 'q\\'', /[/\"]/g); // c"), {
    code: 'a(`${`${b}`}`, "", / /);  ',
    strings: ["x", "y", "", "z", "q\\'"],
  });
});
