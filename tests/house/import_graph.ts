/** The imports between the published sources, as deno resolves them. */
import { ROOT } from "../offline/import_map.ts";
import { publishedSources, runDeno, writeScratch } from "./source_files.ts";

/** One import. */
export interface Edge {
  readonly from: string;
  /** A path from the root, or the specifier of a package. */
  readonly to: string;
  readonly isPackage: boolean;
  readonly typeOnly: boolean;
}

interface Graph {
  readonly modules: readonly {
    readonly specifier: string;
    readonly error?: string;
    readonly dependencies?: readonly {
      readonly specifier: string;
      readonly code?: { readonly specifier?: string; readonly error?: string };
      readonly type?: { readonly specifier?: string; readonly error?: string };
    }[];
  }[];
}

/** Reads the graph from one module that imports every source, so that files without importers are included. */
export async function readImportGraph(): Promise<Edge[]> {
  const sources = await publishedSources();
  const everything = sources.map((path) => `import ${JSON.stringify(new URL(path, ROOT).href)};\n`).join("");
  const { code, stdout, stderr } = await runDeno(["info", "--json", await writeScratch("every_source.ts", everything)]);
  if (code !== 0) throw new Error(`deno info failed: ${stderr}`);
  return edgesOf(JSON.parse(stdout) as Graph);
}

function edgesOf(graph: Graph): Edge[] {
  const edges: Edge[] = [];
  for (const { specifier, error, dependencies = [] } of graph.modules) {
    const from = pathOf(specifier);
    if (from === undefined || !/^(?:mod\.ts$|src\/)/.test(from)) continue;
    if (error !== undefined) throw new Error(`${from}: ${error}`);
    for (const dependency of dependencies) {
      const isPackage = !/^(?:\.|\/|file:)/.test(dependency.specifier);
      const target = dependency.code?.specifier ?? dependency.type?.specifier;
      if (!isPackage && target === undefined) throw new Error(`${from} imports ${dependency.specifier}: not found`);
      const to = isPackage ? dependency.specifier : pathOf(target!) ?? target!;
      edges.push({ from, to, isPackage, typeOnly: dependency.code === undefined });
    }
  }
  return edges;
}

function pathOf(specifier: string): string | undefined {
  return specifier.startsWith(ROOT.href) ? decodeURIComponent(specifier.slice(ROOT.href.length)) : undefined;
}
