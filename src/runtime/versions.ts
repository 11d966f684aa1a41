import { ConfigurationError } from "../errors.ts";

interface ProcessLike {
  readonly versions?: Readonly<Record<string, string | undefined>>;
  readonly getBuiltinModule?: unknown;
}

/** The lowest versions that pass the conformance suite: `deno task versions`. */
const LOWEST = { Deno: "2.3.0", Bun: "1.4.3", Node: "20.9.0" };

/**
 * Checks the version of the runtime; edge runtimes and browsers have none. Deno and Bun have a version of Node too.
 *
 * @throws {ConfigurationError} If the version is too old; on Node below 20.16, and from 21.0 to 22.2, also if
 * `process.getBuiltinModule` is missing.
 */
export function checkVersion(): void {
  const { process } = globalThis as { process?: ProcessLike };
  for (const [name, lowest] of Object.entries(LOWEST)) {
    const version = process?.versions?.[name.toLowerCase()];
    if (version === undefined) continue;
    const isOld = rank(version) < rank(lowest);
    if (!isOld && process!.getBuiltinModule) continue;
    throw new ConfigurationError(
      `Cannot use ${name} ${version}: must be ` +
        (isOld
          ? `${lowest} or later`
          : "20.16, 22.3 or later, or first run process.getBuiltinModule ??= createRequire(import.meta.url)"),
    );
  }
}

/** Orders versions. */
function rank(version: string): number {
  return version.split(".", 3).reduce((rank, part) => rank * 100 + parseInt(part), 0);
}
