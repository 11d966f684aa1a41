import { isPermitted } from "./permission.ts";

interface ProcessLike {
  env?: Record<string, string | undefined>;
}

/**
 * Reads one environment variable on any runtime.
 *
 * Never asks a person for a permission: on Deno a variable that may not be read counts as unset. Where there is no
 * environment at all, as on edge runtimes, every variable is unset.
 *
 * @param name The variable.
 * @returns Its value; `undefined` when it is unset or empty.
 */
export function readEnvironment(name: string): string | undefined {
  if (!isPermitted({ name: "env", variable: name })) return undefined;
  return (globalThis as { process?: ProcessLike }).process?.env?.[name] || undefined;
}
