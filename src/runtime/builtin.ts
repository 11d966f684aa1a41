interface ProcessLike {
  getBuiltinModule?(name: string): unknown;
}

/** A module of Node's: Deno, Bun and Node from 20.16 on have them, edge runtimes few or none. */
export function builtin<Module>(name: string): Module | undefined {
  const { process } = globalThis as { process?: ProcessLike };
  return process?.getBuiltinModule?.(name) as Module | undefined;
}
