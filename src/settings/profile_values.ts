import { ConfigurationError } from "../errors.ts";
import { formatValue } from "../kit/values/format_value.ts";
import type { Profile } from "./profile/profile_files.ts";

/** What the AWS files, and variables with the names of their keys, say about retries. */
export interface RetrySettings {
  readonly maxAttempts?: number | undefined;
  readonly retryMode?: "standard" | "adaptive" | undefined;
}

const KINDS = {
  text: ["text", (text: string) => text],
  word: ["a word", (text: string) => text.toLowerCase()],
  boolean: ["true or false", (text: string) => BOOLEANS.get(text.toLowerCase())],
  integer: ["an integer", (text: string) => /^\d{1,15}$/.test(text) ? Number(text) : undefined],
  size: ["a number of bytes such as 8388608 or 8MB", parseSize],
  attempts: ["an integer from 1 to 100", (text: string) => /^(\d{1,2}|100)$/.test(text) && Number(text) || undefined],
  mode: ["standard, adaptive or legacy", (text: string) => MODES.get(text.toLowerCase())],
} satisfies Record<string, readonly [description: string, parse: (text: string) => unknown]>;

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([["true", true], ["false", false]]);

/** The retry modes of boto3; its legacy mode differs from the standard one in what it retries. */
const MODES: ReadonlyMap<string, string> = new Map([
  ["standard", "standard"],
  ["adaptive", "adaptive"],
  ["legacy", "standard"],
]);

/** An option, the type of its values, and the keys that set it, of which the first takes precedence. */
export type Row = readonly [option: string, kind: keyof typeof KINDS, ...keys: string[]];

const RETRY_ROWS = {
  maxAttempts: ["maxAttempts", "attempts", "max_attempts"],
  retryMode: ["retryMode", "mode", "retry_mode"],
} as const satisfies Readonly<Record<string, Row>>;

/**
 * Reads the retries from the variables of their keys, else from the profile; each when it is asked for, so that a value that
 * no storage uses is not refused, as in boto3.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior".
 *
 * @throws {ConfigurationError} If a value is invalid.
 */
export function retrySettings(
  profile: Profile | undefined,
  environment: (name: string) => string | undefined,
): RetrySettings {
  const read = <Name extends keyof RetrySettings>(name: Name): RetrySettings[Name] =>
    readRows(profile, [RETRY_ROWS[name]], environment)?.[name] as RetrySettings[Name];
  return {
    get maxAttempts() {
      return read("maxAttempts");
    },
    get retryMode() {
      return read("retryMode");
    },
  };
}

/** Whether endpoints in files and variables are ignored. */
export function ignoresEndpoints(
  profile: Profile | undefined,
  environment: (name: string) => string | undefined,
): boolean {
  return isEnabled("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", profile, environment);
}

/** Whether a variable is true, or without it the key of the same name in the profile: `use_fips_endpoint`. */
export function isEnabled(
  name: `AWS_${string}`,
  profile: Profile | undefined,
  environment: (name: string) => string | undefined,
): boolean {
  const key = name.slice(4).toLowerCase();
  return readRows(profile, [["isEnabled", "boolean", key]], environment)?.isEnabled === true;
}

/** Wraps the environment to hide endpoints that it, or the profile, says to ignore. */
export function withoutIgnoredEndpoints(
  profile: () => Profile | undefined,
  environment: (name: string) => string | undefined,
): (name: string) => string | undefined {
  return (name) => {
    const value = environment(name);
    return value && name.startsWith("AWS_ENDPOINT_URL") && ignoresEndpoints(profile(), environment) ? undefined : value;
  };
}

/** @param environment Variables that take precedence: the keys in upper case, after `AWS_`. */
export function readRows(
  profile: Profile | undefined,
  rows: readonly Row[],
  environment?: (name: string) => string | undefined,
): Record<string, unknown> | undefined {
  const values: Record<string, unknown> = {};
  for (const [option, kind, ...keys] of rows) {
    for (const key of keys.toReversed()) {
      const variable = `AWS_${key.toUpperCase()}`;
      const given = environment?.(variable);
      const text = given ?? (key.startsWith("s3.") ? profile?.nested("s3").get(key.slice(3)) : profile?.get(key));
      const what = given === undefined ? `${key} of profile '${profile?.name}'` : `The variable ${variable}`;
      if (text !== undefined) values[option] = parse(what, kind, text);
    }
  }
  return Object.keys(values).length === 0 ? undefined : Object.freeze(values);
}

function parse(what: string, kind: keyof typeof KINDS, text: string): unknown {
  const [description, read] = KINDS[kind];
  const value = read(text);
  if (value === undefined) {
    throw new ConfigurationError(`${what} must be ${description}, got ${formatValue(text)}`);
  }
  return value;
}

/** Parses a size like the AWS CLI: KB and KiB are both 1024 bytes. */
function parseSize(text: string): number | undefined {
  const match = /^(\d{1,15})(?:([kmgt])i?b)?$/i.exec(text);
  return match === null ? undefined : Number(match[1]) * 1024 ** (" kmgt".indexOf(match[2]?.toLowerCase() ?? " "));
}
