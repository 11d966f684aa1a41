/**
 * Compiles programs of users against our declarations, with `skipLibCheck: false`: an error in a declaration is an error of
 * the program.
 */
import { ROOT } from "../offline/import_map.ts";
import type { TypeLibrary } from "./type_libraries.ts";

const WORK = new URL(".cache/types/", ROOT);

/** The options of users with the strictest checks. */
const USER_OPTIONS = {
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noPropertyAccessFromIndexSignature: true,
  skipLibCheck: false,
  noEmit: true,
  target: "ES2022",
  module: "ESNext",
  moduleResolution: "bundler",
};

/** A project in a folder of its own, removed at the end. */
async function compileProject(
  compiler: string,
  config: (folder: string) => Readonly<Record<string, unknown>>,
  programs: Readonly<Record<string, string>> = {},
): Promise<{ readonly folder: string; readonly output: string }> {
  await Deno.mkdir(WORK, { recursive: true });
  const folder = await Deno.makeTempDir({ dir: decodeURIComponent(WORK.pathname) });
  await Deno.writeTextFile(`${folder}/tsconfig.json`, JSON.stringify(config(folder)));
  for (const [name, program] of Object.entries(programs)) await Deno.writeTextFile(`${folder}/${name}`, program);
  const { stdout, stderr } = await new Deno.Command("node", {
    args: [`${compiler}/typescript/bin/tsc`, "--project", folder, "--pretty", "false"],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { folder, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** The public entries: specifiers of users, and paths from the root. */
export async function publicEntries(): Promise<Readonly<Record<string, string>>> {
  const { name, exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT))) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, string>>;
  };
  const entries = Object.entries(exports);
  return Object.fromEntries(entries.map(([entry, path]) => [name + entry.slice(1), path.slice(2)]));
}

/** Declarations of our entries. */
export interface Declarations extends AsyncDisposable {
  /** The declarations that imports lead to, by specifier. */
  readonly paths: Readonly<Record<string, readonly [string]>>;
}

/** Writes the declarations of all entries, as the package on npm has them. */
export async function writeDeclarations(compiler: string): Promise<Declarations> {
  const root = decodeURIComponent(ROOT.pathname).replace(/\/$/, "");
  const entries = await publicEntries();
  const { folder, output } = await compileProject(compiler, (folder) => ({
    compilerOptions: {
      ...{ declaration: true, emitDeclarationOnly: true, noCheck: true, allowImportingTsExtensions: true },
      ...{ target: "ES2022", module: "ESNext", moduleResolution: "bundler", types: [] },
      ...{ lib: ["ESNext", "DOM", "DOM.Iterable"], rootDir: root, outDir: folder },
    },
    files: Object.values(entries).map((path) => `${root}/${path}`),
  }));
  if (output !== "") throw new Error(`declarations were not written: ${output}`);
  const paths = Object.entries(entries).map(([name, path]) =>
    [name, [`${folder}/${path.replace(/ts$/, "d.ts")}`]] as const
  );
  return {
    paths: Object.fromEntries(paths),
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

/** What a program of a user is compiled with. */
export interface Surroundings {
  /** The folder of the compiler's package. */
  readonly compiler: string;
  readonly library: TypeLibrary;
  /** The folder of the packages of the library. */
  readonly folder: string;
  readonly declarations: Declarations;
}

/**
 * Compiles programs.
 *
 * @param files Paths of programs.
 * @param programs Further programs: their texts, by file name.
 * @returns The lines that the compiler prints: errors in the programs, in our declarations and in the type library.
 */
export async function compile(
  { compiler, library, folder, declarations }: Surroundings,
  files: readonly string[],
  programs: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const project = await compileProject(compiler, () => ({
    compilerOptions: {
      ...USER_OPTIONS,
      lib: library.lib,
      types: library.types,
      typeRoots: folder === "" ? [] : [folder],
      paths: declarations.paths,
    },
    files: [...files, ...Object.keys(programs)],
  }), programs);
  await Deno.remove(project.folder, { recursive: true });
  return project.output.split("\n").filter((line) => line !== "");
}
