/** The allowed imports between folders, as data, and the check of them. */
import type { Edge } from "./import_graph.ts";

/** Folders that may be imported from anywhere. */
const COMMON = ["errors.ts", "kit"];

/** Each folder of src with the folders it may import besides the common ones, from the lowest up. */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  "kit": [],
  "errors.ts": ["kit"],
  "runtime": [],
  "aws": [],
  "settings": ["aws", "runtime"],
  "settings/migration": ["settings"],
  "settings/presets": [],
  "credentials": ["aws", "settings", "runtime"],
  "signing": ["aws"],
  "client": ["aws", "signing", "credentials", "settings", "runtime"],
  "transfer": ["aws", "client", "runtime"],
  "storage": ["runtime"],
  "cloudfront": ["aws"],
  "cloudfront/verify": ["aws", "cloudfront"],
  "cloudfront/invalidation": ["aws"],
  "s3": ["aws", "runtime", "settings", "credentials", "signing", "client", "transfer", "storage", "cloudfront"],
  "field": ["storage", "runtime"],
  "field/drizzle": ["field"],
  "field/kysely": ["field"],
  "upload": ["storage", "runtime"],
  "serve": ["storage", "runtime"],
  "static": ["storage", "s3", "settings", "runtime"],
  "testing": [],
  "cli": ["aws", "s3", "serve", "static", "settings", "storage", "credentials", "cloudfront/invalidation"],
};

/** The packages that sources may import. */
export const PACKAGES: readonly string[] = [
  "aws4fetch",
  "fflate",
  "@csstools/css-tokenizer",
  "es-module-lexer",
  "parse5",
  "@std/streams",
  "@std/path",
  "@std/crypto",
];

/** The part of src that a path belongs to: a folder, an entry in a folder, or a file directly in src. */
export function partOf(path: string): string {
  if (path === "mod.ts") return "mod.ts";
  const [, room, wing] = path.split("/");
  return `${room}/${wing}` in LAYERS ? `${room}/${wing}` : room!;
}

/** Describes each import that is not allowed. */
export function layerViolations(edges: readonly Edge[]): string[] {
  return edges.flatMap((edge) => {
    const violation = edge.isPackage ? packageViolation(edge) : partViolation(edge);
    return violation === undefined ? [] : [`${edge.from} → ${edge.to}: ${violation}`];
  });
}

function packageViolation({ to }: Edge): string | undefined {
  if (to.startsWith("node:")) return undefined; // the platform test judges these
  if (PACKAGES.some((name) => to === name || to.startsWith(`${name}/`))) return undefined;
  return `of packages only these are allowed in sources: ${PACKAGES.join(", ")}`;
}

function partViolation({ from, to }: Edge): string | undefined {
  if (!to.startsWith("src/")) return "sources import sources only";
  const source = partOf(from);
  const target = partOf(to);
  if (source === "mod.ts" || source === target) return undefined;
  const allowed = LAYERS[source];
  if (allowed === undefined) return `${source} has no place in tests/house/layers.ts`;
  const common = source === "errors.ts" || source === "kit" ? [] : COMMON;
  if ([...allowed, ...common].includes(target)) return undefined;
  return `${source} may import only: ${[...allowed, ...common].join(", ") || "nothing"}`;
}

/** The import cycles as paths of files, one for each file in a cycle; type imports count too. */
export function importCircles(edges: readonly Edge[]): string[] {
  const targets = new Map<string, string[]>();
  for (const { from, to, isPackage } of edges) {
    if (!isPackage) targets.set(from, [...targets.get(from) ?? [], to]);
  }
  const circles = new Set<string>();
  const finished = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    const start = trail.indexOf(file);
    if (start !== -1) circles.add([...trail.slice(start), file].join(" → "));
    if (start !== -1 || finished.has(file)) return;
    for (const target of targets.get(file) ?? []) visit(target, [...trail, file]);
    finished.add(file);
  };
  for (const file of targets.keys()) visit(file, []);
  return [...circles];
}
