import { builtin } from "./builtin.ts";
import { isPermitted } from "./permission.ts";

interface ProcessLike {
  env?: Record<string, string | undefined>;
}

interface NodeOs {
  homedir(): string;
}

/** Reads one environment variable; `undefined` when it is unset, empty or not permitted. */
export type Environment = (name: string) => string | undefined;

/** An environment that stays as it was. */
export interface EnvironmentSnapshot extends Environment {
  /** All variables, where they may be listed; else those that were read so far. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
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
  return isPermitted({ name: "env", variable: name }) ? environment()[name] || undefined : undefined;
}

/**
 * The environment as it is now, whatever is changed later: settings, and the credentials that belong to them, come from
 * one. An unset HOME, but not an empty one, is the home folder that the system knows, as for boto3.
 *
 * On Deno without the permission to read all variables, each is kept from when it is first read, and no HOME is found.
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

function environment(): NonNullable<ProcessLike["env"]> {
  return (globalThis as { process?: ProcessLike }).process?.env ?? {};
}

function systemHome(): string | undefined {
  try {
    return isPermitted({ name: "sys", kind: "homedir" }) ? builtin<NodeOs>("node:os")?.homedir() : undefined;
  } catch {
    return undefined; // the user is unknown to the system
  }
}
