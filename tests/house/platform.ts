/** What only a few folders may know: the names of a runtime. */
import { stripSource } from "./code_only.ts";

/** Where a runtime may be named. */
const RUNTIME_FOLDERS = /^src\/(?:runtime|cli)\//;

/** Names that only some runtimes have. `process` counts where a member of it is read, as it is also a common word. */
const RUNTIME_NAMES = /\b(?:Deno|Bun|Buffer|__dirname|__filename)\b|\bprocess\s*(?:\?\.|[.[])|\brequire\s*\(/g;

/** Each mention of a runtime in the source at that path, where it may know none. */
export function runtimeLeaks(path: string, source: string): string[] {
  if (RUNTIME_FOLDERS.test(path)) return [];
  const { code, strings } = stripSource(source);
  const names = [...code.matchAll(RUNTIME_NAMES)].map(([name]) => name);
  const modules = strings.filter((text) => text.startsWith("node:") || text.startsWith("bun:"));
  return [...names, ...modules].map((mention) => `${path}: ${mention} (only src/runtime and src/cli may know it)`);
}
