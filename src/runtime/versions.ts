import { ConfigurationError } from "../errors.ts";

interface ProcessLike {
  readonly versions?: Readonly<Record<string, string | undefined>>;
  readonly getBuiltinModule?: unknown;
}

/** The lowest versions that pass the conformance suite: `deno task versions`. */
const LOWEST = [["Deno", 2, 3], ["Bun", 1, 2], ["Node", 20, 9]] as const;

/**
 * Checks the version of the runtime; edge runtimes and browsers have none. Deno and Bun tell a version of Node, too.
 *
 * @throws {ConfigurationError} If the version is too old; on Node below 20.16, and from 21 to 22.2, also if
 * `process.getBuiltinModule` is missing.
 */
export function checkVersion(): void {
  const { process } = globalThis as { process?: ProcessLike };
  for (const [name, major, minor] of LOWEST) {
    const version = process?.versions?.[name.toLowerCase()];
    const [first, second] = (version ?? "").split(".");
    const isOld = Number(first) < major || (Number(first) === major && Number(second) < minor);
    if (version === undefined || !isOld && process?.getBuiltinModule) continue;
    const line = name === "Node" && !isOld;
    throw new ConfigurationError(
      `Cannot use ${name} ${version}: ` +
        (line
          ? "update to 20.16, 22.3 or later, or first run process.getBuiltinModule ??= createRequire(import.meta.url)"
          : `must be ${major}.${minor} or later`),
    );
  }
}
