/**
 * Compiles programs of users with the TypeScript of npm, against our declarations and the type libraries of runtimes,
 * with `skipLibCheck: false`. All packages come from npm, in exact versions, and stay in `.cache`.
 */
import { ROOT } from "../offline/import_map.ts";
import { npmPackages } from "./npm_packages.ts";

/** The declarations of a runtime: packages, and what tsconfig.json names of them and of TypeScript's own. */
export interface TypeLibrary {
  readonly packages: readonly string[];
  readonly types: readonly string[];
  readonly lib: readonly string[];
}

function nodeTypes(version: string): TypeLibrary {
  return { packages: [`@types/node@${version}`], types: ["@types/node"], lib: ["ESNext"] };
}

/** The type libraries of users, by name. */
export const TYPE_LIBRARIES: Readonly<Record<string, TypeLibrary>> = {
  "@types/node 20": nodeTypes("20.19.43"),
  "@types/node 22": nodeTypes("22.20.7"),
  "@types/node 24": nodeTypes("24.19.4"),
  "@types/node 26": nodeTypes("26.6.6"),
  "bun-types": { packages: ["bun-types@1.4.4"], types: ["bun-types"], lib: ["ESNext"] },
  "workers-types": {
    packages: ["@cloudflare/workers-types@5.20261113.1"],
    types: ["@cloudflare/workers-types"],
    lib: ["ESNext"],
  },
  "DOM": { packages: [], types: [], lib: ["ESNext", "DOM", "DOM.Iterable"] },
  "none": { packages: [], types: [], lib: ["ESNext"] },
};

/** The compilers: the lowest version that is supported, and the newest. */
export const COMPILERS: readonly string[] = ["typescript@5.7.3", "typescript@7.0.2"];

/** Returns the folder of installed packages, or the reason why there is none. */
export async function installed(packages: readonly string[]): Promise<string | { skipped: string }> {
  return packages.length === 0 ? "" : await npmPackages(packages);
}

const WORK = new URL(".cache/type_libraries/", ROOT);

/** Options of programs of users. */
const USER_OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noEmit: true,
  skipLibCheck: false,
  target: "ES2022",
  module: "ESNext",
  moduleResolution: "bundler",
};

/** Runs a compiler on a new project. Returns its folder, and what the compiler printed. */
async function runCompiler(
  compiler: string,
  config: Readonly<Record<string, unknown>>,
  program?: string,
): Promise<{ folder: string; output: string }> {
  await Deno.mkdir(WORK, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: decodeURIComponent(WORK.pathname) });
  await Deno.writeTextFile(`${folder}/tsconfig.json`, JSON.stringify(config));
  if (program !== undefined) await Deno.writeTextFile(`${folder}/program.ts`, program);
  const { stdout, stderr } = await new Deno.Command("node", {
    args: [`${compiler}/typescript/bin/tsc`, "--project", folder, "--pretty", "false"],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { folder, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/**
 * Writes the declarations of source files, as a package has them.
 *
 * @param compiler The folder of the compiler's package.
 * @param entries Paths from the root of the repository.
 * @returns The folder of the declarations, whose paths are those of the sources.
 */
export async function writeDeclarations(compiler: string, entries: readonly string[]): Promise<string> {
  const root = decodeURIComponent(ROOT.pathname).replace(/\/$/, "");
  const { folder } = await runCompiler(compiler, {
    compilerOptions: {
      ...{ declaration: true, emitDeclarationOnly: true, noCheck: true, allowImportingTsExtensions: true },
      ...{ target: "ES2022", module: "ESNext", moduleResolution: "bundler", types: [] },
      ...{ lib: ["ESNext", "DOM", "DOM.Iterable"], rootDir: root, outDir: "./declarations" },
    },
    files: entries.map((entry) => `${root}/${entry}`),
  });
  return `${folder}/declarations`;
}

/**
 * Compiles a program of a user.
 *
 * @param compiler The folder of the compiler's package.
 * @param library The type library, and the folder of its packages.
 * @param entries The declarations that imports lead to, by specifier.
 * @returns The errors in the program and in our declarations; those of a type library itself are left out.
 */
export async function compileProgram(
  compiler: string,
  library: TypeLibrary & { readonly folder: string },
  entries: Readonly<Record<string, string>>,
  program: string,
): Promise<string[]> {
  const { folder, output } = await runCompiler(compiler, {
    compilerOptions: {
      ...USER_OPTIONS,
      lib: library.lib,
      types: library.types,
      typeRoots: library.folder === "" ? [] : [library.folder],
      paths: Object.fromEntries(Object.entries(entries).map(([specifier, path]) => [specifier, [path]])),
    },
    files: ["program.ts"],
  }, program);
  await Deno.remove(folder, { recursive: true });
  return output.split("\n").filter((line) => /error TS/.test(line) && !/node_modules\/|\/lib\.\w+/.test(line));
}
