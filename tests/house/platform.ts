/** Checks that only some folders use the names of a runtime. */
import { stripSource } from "./code_only.ts";

/** The folders that may use the names of a runtime. */
const RUNTIME_FOLDERS = /^src\/(?:runtime|cli)\//;

/** Names that only some runtimes have. `process` is also a common word, so only access to its members counts. */
const RUNTIME_NAMES = /\b(?:Deno|Bun|Buffer|__dirname|__filename)\b|\bprocess\s*(?:\?\.|[.[])|\brequire\s*\(/g;

/** The names of runtimes in a source that must not use them. */
export function runtimeLeaks(path: string, source: string): string[] {
  if (RUNTIME_FOLDERS.test(path)) return [];
  const { code, strings } = stripSource(source);
  const names = [...code.matchAll(RUNTIME_NAMES)].map(([name]) => name);
  const modules = strings.filter((text) => text.startsWith("node:") || text.startsWith("bun:"));
  return [...names, ...modules].map((mention) => `${path}: ${mention} (only src/runtime and src/cli may know it)`);
}
