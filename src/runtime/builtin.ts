interface ProcessLike {
  getBuiltinModule?(name: string): unknown;
}

/** Returns a built-in module of Node. Deno, Bun and Node have them, edge runtimes few or none. */
export function builtin<Module>(name: string): Module | undefined {
  const { process } = globalThis as { process?: ProcessLike };
  return process?.getBuiltinModule?.(name) as Module | undefined;
}
