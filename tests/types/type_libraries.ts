/** The type libraries and the compilers of users, in exact versions of npm, downloaded once into `.cache`. */
import { npmPackages } from "../clients/npm_packages.ts";

/** The declarations of a runtime: packages, and what tsconfig.json names of them and of TypeScript's own. */
export interface TypeLibrary {
  readonly packages: readonly string[];
  readonly types: readonly string[];
  readonly lib: readonly string[];
}

function nodeTypes(version: string): TypeLibrary {
  return { packages: [`@types/node@${version}`], types: ["@types/node"], lib: ["ES2022"] };
}

const NODE_20 = nodeTypes("20.19.43");
const NODE_22 = nodeTypes("22.20.7");
const NODE_24 = nodeTypes("24.19.4");
const NODE_26 = nodeTypes("26.6.6");
const BUN: TypeLibrary = { packages: ["bun-types@1.4.4"], types: ["bun-types"], lib: ["ES2022"] };
const WORKERS: TypeLibrary = {
  packages: ["@cloudflare/workers-types@5.20261113.1"],
  types: ["@cloudflare/workers-types"],
  lib: ["ES2022", "ESNext.Disposable"],
};
const DOM: TypeLibrary = { packages: [], types: [], lib: ["ES2022", "ESNext.Disposable", "DOM"] };
/** The language alone, without `URL`, `Response` and streams. */
const NONE: TypeLibrary = { packages: [], types: [], lib: ["ES2022"] };

/** The type libraries of users, by name, each with the least that it needs of TypeScript's own. */
export const TYPE_LIBRARIES = {
  "@types/node 20": NODE_20,
  "@types/node 22": NODE_22,
  "@types/node 24": NODE_24,
  "@types/node 26": NODE_26,
  "bun-types": BUN,
  "workers-types": WORKERS,
  "DOM": DOM,
  "none": NONE,
} as const;

/** The name of a type library. */
export type LibraryName = keyof typeof TYPE_LIBRARIES;

/** The lowest version of TypeScript that compiles our declarations: it made typed arrays generic. */
export const LOWEST_TYPESCRIPT = "5.7.3";

/** The newest version of TypeScript. */
export const NEWEST_TYPESCRIPT = "7.0.2";

/** Which compiler compiles with which type libraries. The lowest one takes eight times as long. */
export const COMPILATIONS: readonly { readonly typescript: string; readonly libraries: readonly LibraryName[] }[] = [
  { typescript: NEWEST_TYPESCRIPT, libraries: Object.keys(TYPE_LIBRARIES) as LibraryName[] },
  { typescript: LOWEST_TYPESCRIPT, libraries: ["@types/node 20", "none"] },
];

/** The folder of a compiler or of a type library, or the reason why there is none. */
export async function installed(packages: readonly string[]): Promise<string | { skipped: string }> {
  return packages.length === 0 ? "" : await npmPackages(packages);
}
