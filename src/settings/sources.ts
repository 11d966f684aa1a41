import { ConfigurationError } from "../errors.ts";
import { unknownName } from "../kit/text/closest.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { isRecord } from "../kit/values/record.ts";
import { checkRange, checkRecord } from "./checks.ts";
import { type OptionKind, type OptionRow, OPTIONS, type S3StorageOptions } from "./options.ts";

/** Where settings come from, the strongest first. */
export interface SettingSources {
  /** What the constructor was given, then the settings of its class, then those of the classes that one extends. */
  readonly options: readonly S3StorageOptions[];
  readonly environment: (name: string) => string | undefined;
  /** What a profile of the AWS files says, by option; `undefined` asks for the one that is used without a name. */
  readonly profile: (name: string | undefined) => { readonly [Name in OptionName]?: unknown };
}

type OptionName = keyof S3StorageOptions;

/** Finds an option's value in one source. */
type Read = (name: OptionName) => unknown;

const OPTION_NAMES = Object.keys(OPTIONS) as OptionName[];

/** Options that must never meet one another from two sources. */
const CREDENTIALS: ReadonlySet<string> = new Set(["accessKey", "secretKey", "securityToken", "credentials"]);

/** Finds the value of every option, and checks of what kind it is. */
export function readSources({ options, environment, profile }: SettingSources): Record<string, unknown> {
  const found = firstFound([...options.map(fromOptions), ...byNames("variable", environment)]);
  const profiled = profile(found.sessionProfile as string | undefined);
  for (const name of OPTION_NAMES) {
    if (found[name] !== undefined) continue;
    const value = profiled[name];
    if (value !== undefined) checkOption(`The profile's ${name}`, value, OPTIONS[name]);
    found[name] = value ?? OPTIONS[name].default;
  }
  return found;
}

/** Settings of django-storages that are no more; what to do about each is said where they are migrated. */
export const IS_OLD = new RegExp(
  "^(AWS_(HEADERS|ORIGIN|REDUCED_REDUNDANCY|PRELOAD_METADATA|AUTO_CREATE_BUCKET|BUCKET_ACL|S3_(CALLING_FORMAT|HOST|PORT|" +
    "PROXY_HOST|PROXY_PORT|ENCRYPTION|SECURE_URLS|USE_THREADS|FILE_BUFFER_SIZE|FILE_NAME_CHARSET))|S3_USE_SIGV4)$",
);

/**
 * What settings by their AWS_* names are as options.
 *
 * @param named The settings; texts are read as they are in variables.
 * @param stronger Options that come before them: what is decided there is left out.
 * @throws {ConfigurationError} If a setting is unknown, or not of its kind.
 */
export function optionsFromSettings(
  named: Readonly<Record<string, unknown>>,
  stronger: readonly S3StorageOptions[],
): S3StorageOptions {
  checkRecord("Settings", named);
  const known = Object.values(OPTIONS).flatMap(({ names }) => names);
  const unknown = Object.keys(named).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new ConfigurationError(
      IS_OLD.test(unknown)
        ? `${unknown} is no more: migrateSettings() of @storages/s3/migration turns it into a setting of today`
        : unknownName("setting", unknown, known),
    );
  }
  const before = stronger.map(fromOptions);
  const decided = firstFound(before);
  const all = firstFound([...before, ...byNames("setting", (name) => named[name])]);
  return Object.fromEntries(Object.entries(all).filter(([name]) => decided[name] === undefined));
}

/**
 * The value of each option in the first source that has one. Of credentials, one source's alone: a key given in code never
 * meets a token from outside.
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
 * Two sources, as there are two pairs of keys: AWS_S3_… and AWS_…. The session token has one name, and belongs to AWS_…
 * where that is there: a function of AWS Lambda finds it so, beside the AWS_S3_… of its own.
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
      return parseOption(`The ${what} ${name}`, value, row);
    }
  });
}

/**
 * The value that a text says, where it is one.
 *
 * @param what What has the value, for the error.
 * @throws {ConfigurationError} If it is not of the row's kind, or none of its choices, or out of its range.
 */
export function parseOption(what: string, value: unknown, row: OptionRow): unknown {
  const parsed = typeof value === "string" ? parseText(value, row) : value;
  checkOption(what, parsed, row);
  return parsed;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([["true", true], ["1", true], ["false", false], ["0", false]]);

/** What a text says in the place of a value of that kind; the text itself where it says nothing of the kind. */
function parseText(text: string, { kind, choices }: OptionRow): unknown {
  if (choices) return choices.find((choice) => choice === text.toLowerCase()) ?? text;
  if (kind === "boolean" || kind === "verify") return BOOLEANS.get(text.toLowerCase()) ?? text;
  if (kind === "integer") return /^-?\d+$/.test(text) ? Number(text) : text;
  if (kind === "object" || kind === "list") {
    try {
      return JSON.parse(text);
    } catch {
      // The text itself is no object either.
    }
  }
  return text;
}

/** The kinds of options: what a value must be, and whether it is. */
const KINDS: Readonly<Record<OptionKind, readonly [description: string, test: (value: unknown) => boolean]>> = {
  string: ["text", (value) => typeof value === "string"],
  boolean: ["true or false (in a variable also 1 or 0)", (value) => typeof value === "boolean"],
  integer: ["a whole number", Number.isSafeInteger],
  object: ["an object (in a variable as JSON)", isRecord],
  list: [
    "a list of texts (in a variable as JSON)",
    (value) => Array.isArray(value) && value.every((member) => typeof member === "string"),
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
 * No message shows what may be a secret: what is given for a text, unless there are choices.
 *
 * @throws {ConfigurationError} If the value is not of the row's kind, or none of its choices, or out of its range.
 */
function checkOption(what: string, value: unknown, { kind = "string", mayBeEmpty, choices, range }: OptionRow): void {
  const [description, test] = KINDS[kind];
  if (!test(value)) {
    const current = kind === "boolean" || kind === "integer" || value === null
      ? formatValue(value)
      : `of type ${typeof value}`;
    throw new ConfigurationError(`${what} must be ${description}: current value is ${current}`);
  }
  if (value === "" && !mayBeEmpty) throw new ConfigurationError(`${what} must not be empty: leave it out instead`);
  if (choices?.includes(value as string) === false) {
    throw new ConfigurationError(`${what} must be one of ${choices.join(", ")}: current value is "${value}"`);
  }
  if (range) checkRange(what, value, ...range);
}
