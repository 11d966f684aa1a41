/** The runtimes that README lists, each with the version that the conformance suite runs on. */
import { EDGE_RUNTIME_VERSION, type InstalledRuntime } from "./install.ts";

/** A row of the table in README. */
export interface VersionRow {
  /** For the command line of `deno task versions`. */
  readonly name: string;
  /** The runtime as README calls it. */
  readonly runtime: string;
  /** The version as README prints it; `undefined` for the one that is installed. */
  readonly version: string | undefined;
  /** How to run it. */
  readonly how: HowToRun;
}

export type HowToRun =
  /** A binary of npm in this exact version. */
  | { readonly binary: Exclude<InstalledRuntime, "workerd">; readonly release: string }
  | { readonly binary: "workerd"; readonly compatibilityDate: string; readonly compatibilityFlags: readonly string[] }
  | { readonly edgeRuntime: true }
  | { readonly chromium: "page" | "service worker" };

/** The columns of the table. */
export const VERSION_COLUMNS = ["Runtime", "Version", "Cases passed"] as const;

/** The rows, in the order of README. */
export const VERSION_ROWS: readonly VersionRow[] = [
  released("deno-lowest", "Deno", "deno", "2.3.1"),
  released("deno-newest", "Deno", "deno", "2.9.6"),
  released("bun-lowest", "Bun", "bun", "1.2.1"),
  released("bun-newest", "Bun", "bun", "1.4.5"),
  released("node-lowest", "Node", "node", "20.9.0"),
  released("node-20", "Node", "node", "20.20.2"),
  released("node-22", "Node", "node", "22.23.5"),
  released("node-24", "Node", "node", "24.22.3"),
  worker("workerd-2024", "2024-01-01", []),
  worker("workerd-newest", "2026-11-01", ["nodejs_compat"]),
  {
    name: "edge-runtime",
    runtime: "edge-runtime of Vercel",
    version: EDGE_RUNTIME_VERSION,
    how: { edgeRuntime: true },
  },
  { name: "chromium-page", runtime: "Chromium, page", version: undefined, how: { chromium: "page" } },
  {
    name: "chromium-worker",
    runtime: "Chromium, service worker",
    version: undefined,
    how: { chromium: "service worker" },
  },
];

function released(name: string, runtime: string, binary: "deno" | "bun" | "node", release: string): VersionRow {
  return { name, runtime, version: release, how: { binary, release } };
}

function worker(name: string, compatibilityDate: string, compatibilityFlags: readonly string[]): VersionRow {
  const flags = compatibilityFlags.length === 0 ? "no flags" : compatibilityFlags.join(", ");
  return {
    name,
    runtime: "Cloudflare Workers",
    version: `${compatibilityDate}, ${flags}`,
    how: { binary: "workerd", compatibilityDate, compatibilityFlags },
  };
}
