import { formatValue } from "../kit/values/format_value.ts";
import { isInteger } from "../kit/values/integer.ts";
import { checkOptions } from "../kit/values/options.ts";
import { isRecord } from "../kit/values/record.ts";
import { OPERATION_NAMES } from "./operations.ts";
import { OPTION_NAMES, type S3ServerOptions } from "./server_options.ts";

const ACTION = "create S3 server";

/** The options with their defaults. */
export type ResolvedOptions = Required<S3ServerOptions>;

/** Checks the options of `createS3Server`, and adds the defaults. */
export function resolveOptions(options: S3ServerOptions): ResolvedOptions {
  checkOptions(ACTION, options, OPTION_NAMES);
  const resolved: ResolvedOptions = {
    credentials: options.credentials ?? [{ accessKeyId: "testkey", secretAccessKey: "testsecret" }],
    region: options.region ?? "us-east-1",
    buckets: options.buckets ?? [],
    versioning: options.versioning ?? [],
    hostnames: options.hostnames ?? ["localhost"],
    now: options.now ?? ((): Date => new Date()),
    minPartSize: options.minPartSize ?? 5 * 1024 * 1024,
    maxCopySize: options.maxCopySize ?? 5 * 1024 ** 3,
    instantRestore: options.instantRestore ?? false,
    unconditional: options.unconditional ?? [],
    cors: options.cors ?? false,
  };
  checkKinds(resolved);
  const { buckets, versioning, unconditional } = resolved;
  for (const name of versioning) {
    if (!buckets.includes(name)) throw invalid("versioning", "a list of names in buckets", name);
  }
  for (const name of unconditional) {
    if (!OPERATION_NAMES.includes(name)) throw invalid("unconditional", "a list of operations of this server", name);
  }
  return resolved;
}

function checkKinds(options: ResolvedOptions): void {
  for (const name of ["buckets", "versioning", "hostnames", "unconditional"] as const) {
    const list: unknown = options[name];
    if (!Array.isArray(list)) throw invalid(name, "a list of names", list);
    for (const item of list) if (typeof item !== "string") throw invalid(name, "a list of names", item);
  }
  if (!Array.isArray(options.credentials) || !options.credentials.every(isCredentials)) {
    // The value may hold a secret.
    throw new TypeError(`Cannot ${ACTION}: credentials must be a list of { accessKeyId, secretAccessKey }`);
  }
  if (typeof options.region !== "string") throw invalid("region", "a name", options.region);
  const time: unknown = typeof options.now === "function" ? options.now() : options.now;
  // Dates of other realms count, such as those of a test runner.
  if (typeof options.now !== "function" || typeof (time as Partial<Date> | null)?.getTime !== "function") {
    throw invalid("now", "a function that returns a Date", time);
  }
  for (const name of ["instantRestore", "cors"] as const) {
    if (typeof options[name] !== "boolean") throw invalid(name, "true or false", options[name]);
  }
  for (const name of ["minPartSize", "maxCopySize"] as const) {
    if (typeof options[name] !== "number") throw invalid(name, "an integer", options[name]);
    if (!isInteger(options[name])) {
      throw new RangeError(`Cannot ${ACTION}: ${name} must be an integer of 0 or more, got ${options[name]}`);
    }
  }
}

function isCredentials(value: unknown): boolean {
  return isRecord(value) && typeof value.accessKeyId === "string" && typeof value.secretAccessKey === "string";
}

function invalid(name: string, right: string, value: unknown): TypeError {
  return new TypeError(`Cannot ${ACTION}: ${name} must be ${right}, got ${formatValue(value)}`);
}
