/** Reports the side effects of importing a module, without permissions and with all effects intercepted. */
import { runDeno, writeScratch } from "./source_files.ts";

/**
 * The code before the import: it replaces each API with effects by one that records its name. Permissions alone are not
 * enough, as a module may catch the refusal.
 */
const WATCH = `
// The first access to process initializes it, which has effects itself.
void [process.env, process.execPath];
const touched = [];
function watch(object, name, key) {
  if (typeof object?.[key] !== "function") return;
  Object.defineProperty(object, key, { configurable: true, value: () => { touched.push(name + key); } });
}
for (const key of ["fetch", "setTimeout", "setInterval", "setImmediate"]) watch(globalThis, "", key);
for (const key of ["digest", "sign", "importKey", "generateKey"]) watch(crypto.subtle, "crypto.subtle.", key);
for (const key of ["get", "has", "toObject"]) watch(Deno.env, "Deno.env.", key);
for (const key of Object.keys(Deno)) {
  if (/^(?:open|read|write|make|stat|run|connect|listen|serve|cwd|hostname|execPath)/.test(key)) watch(Deno, "Deno.", key);
}
Object.defineProperty(process, "env", {
  configurable: true,
  get() { touched.push("process.env"); return {}; },
});
`;

const MARKER = "touched by the import: ";

/** The effects of importing a module, including output. A failing import is an error. */
export async function touchedByImport(specifier: string): Promise<string[]> {
  const text = `${WATCH}
await import(${JSON.stringify(specifier)});
await Promise.resolve();
console.log(${JSON.stringify(MARKER)} + JSON.stringify(touched));
`;
  const name = specifier.replaceAll(/[^a-z0-9]+/gi, "_").slice(-60);
  const probe = await writeScratch(`import_probe_${name}.js`, text);
  const { code, stdout, stderr } = await runDeno(["run", "--no-prompt", "--quiet", probe]);
  if (code !== 0) throw new Error(`Cannot import ${specifier} without permissions: ${stderr}`);
  const lines = (stdout + stderr).split("\n").filter((line) => line !== "");
  const result = lines.find((line) => line.startsWith(MARKER)) ?? `${MARKER}["ended before its time"]`;
  const printed = lines.filter((line) => !line.startsWith(MARKER)).map((line) => `printed: ${line}`);
  return [...JSON.parse(result.slice(MARKER.length)) as string[], ...printed];
}
