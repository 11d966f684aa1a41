import { ConfigurationError } from "../errors.ts";

interface ProcessLike {
  readonly versions?: Readonly<Record<string, string | undefined>>;
  readonly getBuiltinModule?: unknown;
}

/**
 * The lowest versions that pass the conformance suite, which `deno task versions` runs; and from which on the runtime itself
 * has `process.getBuiltinModule`.
 */
const LOWEST: Readonly<Record<string, readonly [lowest: string, complete?: string]>> = {
  Deno: ["2.3.0"],
  Bun: ["1.2.1", "1.2.6"],
  Node: ["20.9.0", "20.16, 22.3"],
};

/**
 * Checks the version of the runtime; edge runtimes and browsers have none. Deno and Bun have a version of Node too.
 *
 * @throws {ConfigurationError} If the version is too old; or if `process.getBuiltinModule` is missing, as on Bun below
 * 1.2.6, and on Node below 20.16 and from 21.0 to 22.2, unless the program has set it.
 */
export function checkVersion(): void {
  const { process } = globalThis as { process?: ProcessLike };
  for (const [name, [lowest, complete]] of Object.entries(LOWEST)) {
    const version = process?.versions?.[name.toLowerCase()];
    if (version === undefined) continue;
    const isOld = rank(version) < rank(lowest);
    if (!isOld && process!.getBuiltinModule) continue;
    const right = isOld
      ? `${lowest} or later`
      : `${complete} or later, or first run process.getBuiltinModule ??= createRequire(import.meta.url)`;
    throw new ConfigurationError(`Cannot use ${name} ${version}: must be ${right}`);
  }
}

/** Orders versions. */
function rank(version: string): number {
  return version.split(".", 3).reduce((rank, part) => rank * 100 + parseInt(part), 0);
}
