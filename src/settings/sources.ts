import { ConfigurationError } from "../errors.ts";
import { isMisspelling, unknownName } from "../kit/text/closest.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { isRecord } from "../kit/values/record.ts";
import { type EnvironmentSnapshot, snapshotOf } from "../runtime/environment.ts";
import { realRegion } from "../aws/region.ts";
import { checkRange, checkRecord } from "./checks.ts";
import { SETTING_ADVICE } from "./foreign_names.ts";
import { fromBoto3 } from "./boto3_members.ts";
import type { NamedSettings } from "./named_settings.ts";
import { type OptionKind, type OptionRow, OPTIONS, type S3StorageOptions } from "./options.ts";

/** The sources of settings, in order of precedence. */
export interface SettingSources {
  /** The options of the constructor, then the settings of its class, then those of its base classes. */
  readonly options: readonly S3StorageOptions[];
  readonly environment: (name: string) => string | undefined;
  /** Returns the settings of a profile of the AWS files by option; without a name, of the default profile. */
  readonly profile: (name: string | undefined) => { readonly [Name in OptionName]?: unknown };
}

type OptionName = keyof S3StorageOptions;

/** Reads the value of an option from one source. */
type Read = (name: OptionName) => unknown;

const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/** Options that must come from the same source. */
const CREDENTIALS: ReadonlySet<string> = new Set(["accessKey", "secretKey", "securityToken", "credentials"]);

/**
 * Reads the value of every option, and checks its type. An endpoint and variants of AWS's hosts exclude each other if they
 * come from one source; those of another source, such as a setting for the whole machine, do not apply to the endpoint. FIPS
 * that code asks for is never dropped: the client refuses it beside any endpoint.
 */
export function readSources({ options, environment, profile }: SettingSources): Record<string, unknown> {
  const sources = [options.map(fromOptions), byNames("variable", environment)];
  const found = firstFound(sources.flat());
  const profiled = profile(found.sessionProfile as string | undefined);
  // The retries of the variables and files of AWS apply beside other members, as in boto3.
  const retries = profiled.clientConfig as Record<string, unknown>;
  const clientConfig: Record<string, unknown> = found.clientConfig = { ...found.clientConfig as object };
  for (const name in retries) clientConfig[name] ??= retries[name];
  for (const name of OPTION_NAMES) {
    if (found[name] !== undefined) continue;
    const value = profiled[name];
    if (value !== undefined) checkOption(`${name} of the profile`, value, OPTIONS[name]);
    found[name] = value ?? OPTIONS[name].default;
  }
  // -1 for the profile and for defaults
  const sourceOf = (name: OptionName): number =>
    sources.findIndex((reads) => reads.some((read) => read(name) !== undefined));
  const isElsewhere = (name: OptionName): boolean =>
    found.endpointUrl !== undefined && sourceOf(name) !== sourceOf("endpointUrl");
  const mayDropFips = (name: OptionName): boolean => isElsewhere(name) && sourceOf(name) !== 0;
  if (isElsewhere("useDualstackEndpoint")) found.useDualstackEndpoint = false;
  if (mayDropFips("useFipsEndpoint")) found.useFipsEndpoint = false;
  if (mayDropFips("regionName")) found.regionName = realRegion(found.regionName as string).region;
  return found;
}

/** Removed settings of django-storages. The migration has advice for each. */
export const OLD_SETTING_NAME = new RegExp(
  "^(AWS_(HEADERS|ORIGIN|REDUCED_REDUNDANCY|PRELOAD_METADATA|AUTO_CREATE_BUCKET|BUCKET_ACL|S3_(CALLING_FORMAT|HOST|PORT|" +
    "PROXY_HOST|PROXY_PORT|ENCRYPTION|SECURE_URLS|USE_THREADS|FILE_BUFFER_SIZE|FILE_NAME_CHARSET))|S3_USE_SIGV4)$",
);

/**
 * Refuses environment variables with names from before boto3, which would otherwise be ignored.
 *
 * @throws {ConfigurationError} If one is set.
 */
export function refuseOldVariables(variables: Readonly<Record<string, string | undefined>>): void {
  const old = Object.keys(variables).find((name) => variables[name] && OLD_SETTING_NAME.test(name));
  if (old === undefined) return;
  throw new ConfigurationError(
    `Environment variable ${old} is not supported: migrateSettings() of @storages/s3/migration converts it`,
  );
}

/**
 * Converts settings by their AWS_* names to options.
 *
 * @param named The settings. Texts are parsed like environment variables.
 * @param stronger Options with precedence: those that they set are left out.
 * @throws {ConfigurationError} If a setting is unknown or has an invalid value.
 */
export function optionsFromSettings(
  named: NamedSettings,
  stronger: readonly S3StorageOptions[],
): S3StorageOptions {
  checkRecord("Settings", named);
  const known = Object.values(OPTIONS).flatMap(({ names }) => names);
  const unknown = Object.keys(named).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ConfigurationError(
      OLD_SETTING_NAME.test(unknown)
        ? `${unknown} was removed: migrateSettings() of @storages/s3/migration converts it to a current setting`
        : unknownName("setting", unknown, known, SETTING_ADVICE),
    );
  }
  const before = stronger.map(fromOptions);
  const decided = firstFound(before);
  const all = firstFound([...before, ...byNames("setting", (name) => named[name as keyof NamedSettings])]);
  return Object.fromEntries(Object.entries(all).filter(([name]) => decided[name] === undefined));
}

/** The key of an environment in options. A subclass that copies options for its base class copies it too. */
export const ENVIRONMENT: unique symbol = Symbol("environment");

/** Options that are completed from a given environment, not from that of the process. */
export interface OptionsOfEnvironment extends S3StorageOptions {
  readonly [ENVIRONMENT]?: EnvironmentSnapshot;
}

/** Names that look like settings of a storage, but for variables of the AWS SDKs. Other names belong to other programs. */
const LOOKS_LIKE_SETTING = /^AWS_(S3(?!_DISABLE_|_USE_ARN_)|STORAGE|BUCKET|QUERYSTRING|CLOUDFRONT)/;

/** The names that were looked at, so that a storage for each request does not warn each time. */
const seen = new Set<string>();

/**
 * Makes options that are completed from an environment, and warns on the console of variables that are probably misspelt.
 *
 * @throws {ConfigurationError} If the environment is not an object.
 */
export function optionsFromEnv(env: object): OptionsOfEnvironment {
  checkRecord("Environment", env);
  const environment = snapshotOf(env);
  const { variables = {} } = environment;
  const rows = Object.values(OPTIONS);
  const known = rows.flatMap(({ names }) => names);
  for (const name in variables) {
    if (seen.has(name) || known.includes(name) || typeof variables[name] !== "string") continue;
    seen.add(name);
    // The SDKs have an endpoint for each service, such as AWS_ENDPOINT_URL_STS.
    if (!LOOKS_LIKE_SETTING.test(name) && (/_URL_/.test(name) || !isMisspelling(name, known))) continue;
    // deno-lint-ignore no-console -- the setting would be ignored silently
    console.warn(unknownName("variable", name, known, SETTING_ADVICE));
  }
  return { [ENVIRONMENT]: environment };
}

/**
 * Returns the value of each option in the first source that has one. Credentials come from one source only: a key given
 * in code is never combined with a token from the environment.
 */
function firstFound(sources: readonly Read[]): Record<string, unknown> {
  const owner = sources.find((read) => OPTION_NAMES.some((name) => CREDENTIALS.has(name) && read(name) !== undefined));
  const found: Record<string, unknown> = {};
  for (const name of OPTION_NAMES) {
    for (const read of CREDENTIALS.has(name) ? [owner] : sources) {
      found[name] = read?.(name);
      if (found[name] !== undefined) break;
    }
  }
  return found;
}

function fromOptions(options: S3StorageOptions): Read {
  return (name) => {
    const value: unknown = options[name];
    if (value !== undefined) checkOption(`The option ${name}`, value, OPTIONS[name]);
    return value;
  };
}

/**
 * Returns two sources, as there are two pairs of keys: AWS_S3_… and AWS_…. The session token belongs to AWS_… if that
 * pair is set, as in AWS Lambda, whose functions may also have their own AWS_S3_….
 */
function byNames(what: string, lookUp: (name: string) => unknown): Read[] {
  const isOfOther = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].some((name) => lookUp(name) !== undefined);
  return [true, false].map((isOwnPair) => (option) => {
    const row = OPTIONS[option];
    for (const name of row.names) {
      const value = lookUp(name);
      if (value === undefined) continue;
      const isOwn = name.startsWith("AWS_S3_") || (option === "securityToken" && !isOfOther);
      if ((CREDENTIALS.has(option) && isOwn) !== isOwnPair) continue;
      const parsed = parseOption(`The ${what} ${name}`, value, row);
      return option.endsWith("Config") ? fromBoto3(`The ${what} ${name}`, parsed as Record<string, unknown>) : parsed;
    }
  });
}

/**
 * Parses the value of an option if it is text, and checks it.
 *
 * @param what The name of the value in errors.
 * @throws {ConfigurationError} If the value has the wrong type, is not one of the choices, or is out of range.
 */
export function parseOption(what: string, value: unknown, row: OptionRow): unknown {
  const parsed = typeof value === "string" ? parseText(value, row) : value;
  checkOption(what, parsed, row);
  return parsed;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([["true", true], ["1", true], ["false", false], ["0", false]]);

/** Parses a text as a value of the row's type; returns the text itself if that is not possible. */
function parseText(text: string, { kind, choices }: OptionRow): unknown {
  if (choices) return choices.find((choice) => choice === text.toLowerCase()) ?? text;
  if (kind === "boolean" || kind === "verify") return BOOLEANS.get(text.toLowerCase()) ?? text;
  if (kind === "integer") return /^-?\d+$/.test(text) ? Number(text) : text;
  if (kind === "object" || kind === "list") {
    try {
      return JSON.parse(text);
    } catch {
      // refused by checkOption() as text
    }
  }
  return text;
}

/** A description and a test for each type of options. */
const KINDS: Readonly<Record<OptionKind, readonly [description: string, test: (value: unknown) => boolean]>> = {
  string: ["text", (value) => typeof value === "string"],
  boolean: ["true or false (in a variable also 1 or 0)", (value) => typeof value === "boolean"],
  integer: ["an integer", Number.isSafeInteger],
  object: ["an object (in a variable as JSON)", isRecord],
  list: [
    "a list of text (in a variable as JSON)",
    (value) => Array.isArray(value) && value.every((member) => typeof member === "string"),
  ],
  credentials: [
    "a function, or an object { accessKeyId, secretAccessKey, sessionToken? }",
    (value) => typeof value === "function" || isRecord(value),
  ],
  function: ["a function", (value) => typeof value === "function"],
  verify: ["true, false or the certificates to trust", (value) => /^(boolean|string)$/.test(typeof value)],
  key: ["a private key", (value) => typeof value === "string" || isRecord(value)],
  signer: [
    "a signer, a function or null",
    (value) =>
      value === null || typeof value === "function" || typeof (value as { sign?: unknown })?.sign === "function",
  ],
};

/**
 * Checks the value of an option. Messages show text only for options with choices, as other text may be secret.
 *
 * @throws {ConfigurationError} If the value has the wrong type, is not one of the choices, or is out of range.
 */
function checkOption(what: string, value: unknown, { kind = "string", mayBeEmpty, choices, range }: OptionRow): void {
  const [description, test] = KINDS[kind];
  if (!test(value)) {
    const isShown = kind === "boolean" || kind === "integer" || value === null;
    const got = isShown ? formatValue(value) : `a value of type ${typeof value}`;
    throw new ConfigurationError(`${what} must be ${description}, got ${got}`);
  }
  if (value === "" && !mayBeEmpty) throw new ConfigurationError(`${what} must not be empty: omit it instead`);
  if (choices?.includes(value as string) === false) {
    throw new ConfigurationError(`${what} must be one of ${choices.join(", ")}, got "${value}"`);
  }
  if (range) checkRange(what, value, ...range);
}
