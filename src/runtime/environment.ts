import { builtin } from "./builtin.ts";
import { denoApi } from "./detect.ts";
import { isPermitted } from "./permission.ts";

interface ProcessLike {
  env?: Record<string, string | undefined>;
}

interface NodeOs {
  homedir(): string;
}

/** Reads an environment variable; `undefined` if it is unset, empty or not permitted. */
export type Environment = (name: string) => string | undefined;

/** A snapshot of the environment. */
export interface EnvironmentSnapshot extends Environment {
  /** All variables, if they may be listed; otherwise those that were read so far. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
}

/**
 * Reads an environment variable on any runtime.
 *
 * On Deno no permission prompt appears: a variable that may not be read is treated as unset. On runtimes without an
 * environment, such as edge runtimes, every variable is unset.
 *
 * @param name The name of the variable.
 * @returns Its value; `undefined` if it is unset or empty.
 */
export function readEnvironment(name: string): string | undefined {
  return isPermitted({ name: "env", variable: name }) ? environment()[name] || undefined : undefined;
}

/**
 * Takes a snapshot of the environment, so that settings and the credentials that belong to them come from the same one. An
 * unset HOME, but not an empty one, is the home folder that the system knows, as in boto3.
 *
 * On Deno without the permission to read all variables, each value is kept from the first time it is read, and HOME is not
 * looked up.
 */
export function snapshotEnvironment(): EnvironmentSnapshot {
  const all = isPermitted({ name: "env" });
  const variables: Record<string, string | undefined> = all ? { HOME: systemHome(), ...environment() } : {};
  const read = (name: string): string | undefined => {
    if (!all) variables[name] ??= readEnvironment(name) ?? "";
    return variables[name] || undefined;
  };
  return Object.assign(read, { variables });
}

/**
 * Takes a snapshot of a given environment: `process.env`, `Bun.env`, `Deno.env`, the `env` of a Worker or another object.
 * Numbers and booleans, as in the variables of a Worker, are read as text. Other values are returned as they are, for the
 * reader to refuse or to take: objects are values in JSON, or bindings.
 */
export function snapshotOf(env: object): EnvironmentSnapshot {
  // Listing the process's own environment may need permissions, which snapshotEnvironment() respects.
  if (env === environment() || env === denoApi<{ readonly env: object }>()?.env) return snapshotEnvironment();
  const { toObject } = env as { toObject?: unknown };
  const variables = { ...typeof toObject === "function" ? toObject.call(env) : env };
  const read = (name: string): string | undefined => {
    const value = variables[name];
    return (/^[nb]/.test(typeof value) ? `${value}` : value) || undefined; // numbers and booleans
  };
  return Object.assign(read, { variables });
}

function environment(): NonNullable<ProcessLike["env"]> {
  return (globalThis as { process?: ProcessLike }).process?.env ?? {};
}

function systemHome(): string | undefined {
  try {
    return isPermitted({ name: "sys", kind: "homedir" }) ? builtin<NodeOs>("node:os")?.homedir() : undefined;
  } catch {
    return undefined; // the system does not know the user
  }
}
