import { ConfigurationError } from "../errors.ts";
import { isRecord } from "../kit/values/record.ts";
import { CLIENT_CONFIG, TRANSFER_CONFIG } from "./options.ts";

type Members = Readonly<Record<string, unknown>>;

/** The names in boto3's `Config` and `TransferConfig` that are not ours in snake case. */
const RENAMED: Readonly<Record<string, string>> = {
  read_timeout: "timeout",
  max_pool_connections: "maxConnections",
  user_agent_extra: "userAgentSuffix",
  multipart_chunksize: "partSize",
};

/** Returns the member that replaces one of boto3; `undefined` if boto3 has none of that name, or no member replaces it. */
export function memberFor(setting: string, name: string): string | undefined {
  const rows: object = setting.endsWith("CLIENT_CONFIG") ? CLIENT_CONFIG : TRANSFER_CONFIG;
  const member = RENAMED[name] ?? name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return member !== name && member in rows ? member : undefined;
}

/** Whether a name is one of boto3. */
export function isOfBoto3(name: string): boolean {
  return /_|^(retries|s3|proxies)$/.test(name);
}

/**
 * Converts the members of boto3's `Config` or `TransferConfig` to those of `clientConfig` or `transferConfig`. Ours take
 * precedence.
 *
 * Source: botocore, "Config Reference"; boto3, "S3 Customization Reference".
 *
 * @param what The name of the setting in errors.
 * @throws {ConfigurationError} If a member is unknown, or another setting here.
 */
export function fromBoto3(what: string, config: Members): Members {
  const converted: Record<string, unknown> = {};
  const own: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(config)) {
    if (value === null && isOfBoto3(name)) continue; // None is the default
    const member = memberFor(what, name);
    if (member !== undefined) converted[member] = member === "partSize" ? atLeastMinimum(value) : value;
    else if (name === "retries" && isRecord(value)) Object.assign(converted, fromRetries(what, value));
    else if (isOfBoto3(name) && !(name === "use_threads" && typeof value === "boolean")) throw foreign(what, name);
    else own[name] = value;
  }
  const { use_threads: usesThreads, ...ours } = own;
  if (usesThreads === false) converted.maxConcurrency = 1; // then boto3 ignores max_concurrency
  return { ...converted, ...ours };
}

/** Converts `retries`, of which `max_attempts` does not count the first attempt. */
function fromRetries(what: string, retries: Members): Members {
  const { max_attempts: most, total_max_attempts: total, mode, ...others } = retries;
  const [other] = Object.keys(others);
  if (other !== undefined) throw foreign(what, `retries.${other}`);
  return {
    maxAttempts: total ?? (typeof most === "number" ? most + 1 : most ?? undefined),
    retryMode: mode === "legacy" ? "standard" : mode ?? undefined,
  };
}

/** boto3 makes smaller parts as large as S3 requires. */
function atLeastMinimum(partSize: unknown): unknown {
  return typeof partSize === "number" ? Math.max(partSize, TRANSFER_CONFIG.partSize.least) : partSize;
}

function foreign(what: string, name: string): ConfigurationError {
  return new ConfigurationError(
    `${what} has the unknown member '${name}': migrateSettings() of @storages/s3/migration converts all of boto3`,
  );
}
