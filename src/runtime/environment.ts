interface DenoLike {
  permissions?: { querySync?(descriptor: { name: "env"; variable: string }): { state: string } };
}

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
  const { Deno: deno, process } = globalThis as { Deno?: DenoLike; process?: ProcessLike };
  if (deno?.permissions?.querySync !== undefined) {
    if (deno.permissions.querySync({ name: "env", variable: name }).state !== "granted") return undefined;
  }
  return process?.env?.[name] || undefined;
}
