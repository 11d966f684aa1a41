import type { CredentialProvider } from "../credentials/provider.ts";
import { ConfigurationError } from "../errors.ts";
import { unknownName } from "../kit/closest.ts";
import { Secret } from "../kit/secret.ts";
import { readEnvironment } from "../runtime/environment.ts";
import {
  CLIENT_CONFIG,
  type ClientConfig,
  type NumberRow,
  type OptionRow,
  OPTIONS,
  type S3StorageOptions,
  TRANSFER_CONFIG,
  type TransferConfig,
} from "./options.ts";
import { checkBucketName, checkEndpointUrl, checkRange, shown } from "./checks.ts";

/** Every setting, decided: what was given, what the environment says, and defaults. Holds no secret in clear. */
export interface Settings {
  readonly bucketName: string;
  readonly location: string;
  readonly accessKey: string | undefined;
  readonly secretKey: Secret | undefined;
  readonly securityToken: Secret | undefined;
  readonly credentials: CredentialProvider | undefined;
  readonly regionName: string;
  readonly endpointUrl: URL | undefined;
  readonly addressingStyle: "auto" | "virtual" | "path";
  readonly useSsl: boolean;
  readonly signatureVersion: "s3v4" | "s3";
  readonly requestChecksumCalculation: "when_supported" | "when_required" | undefined;
  readonly fileOverwrite: boolean;
  readonly objectParameters: NonNullable<S3StorageOptions["objectParameters"]>;
  readonly defaultAcl: string | undefined;
  readonly querystringAuth: boolean;
  readonly querystringExpire: number;
  readonly transferConfig: Readonly<Required<{ [K in keyof TransferConfig]: number }>>;
  readonly clientConfig: Readonly<Required<{ [K in keyof ClientConfig]: number }>>;
  readonly now: () => Date;
  readonly fetch: ((request: Request) => Promise<Response>) | undefined;
}

/** Seconds in seven days: the longest that S3 lets a signed URL live. */
export const MAX_EXPIRE_SECONDS = 604_800;

/**
 * Decides every setting and checks it.
 *
 * @param given The caller's options.
 * @param environment How to read an environment variable.
 * @returns The settings, frozen.
 * @throws {ConfigurationError} If a setting is missing, unknown, malformed or in conflict with another.
 */
export function resolveSettings(
  given: S3StorageOptions,
  environment: (name: string) => string | undefined = readEnvironment,
): Settings {
  refuseUnknown("option", Object.keys(given), Object.keys(OPTIONS));
  const options = withEnvironment(given, environment);
  if (options.bucketName === undefined) {
    throw new ConfigurationError("No bucket is configured: set the option bucketName or AWS_STORAGE_BUCKET_NAME");
  }
  checkBucketName(options.bucketName);
  checkRange("querystringExpire", options.querystringExpire, 1, MAX_EXPIRE_SECONDS, "seconds");
  return Object.freeze({
    ...options,
    secretKey: options.secretKey === undefined ? undefined : new Secret(options.secretKey),
    securityToken: options.securityToken === undefined ? undefined : new Secret(options.securityToken),
    endpointUrl: options.endpointUrl === undefined ? undefined : checkEndpointUrl(options.endpointUrl),
    objectParameters: Object.freeze({ ...options.objectParameters }),
    transferConfig: resolveNumbers("transferConfig", options.transferConfig, TRANSFER_CONFIG),
    clientConfig: resolveNumbers("clientConfig", options.clientConfig, CLIENT_CONFIG),
  } as Settings);
}

/** The options once defaults are in: what has none may be missing. */
type Complete = Omit<S3StorageOptions, Defaulted> & { [K in Defaulted]-?: NonNullable<S3StorageOptions[K]> };
type Defaulted = "querystringExpire" | "transferConfig" | "clientConfig";

/** Key, secret and token always come from one source together: a key given in code never meets a token from outside. */
function withEnvironment(given: S3StorageOptions, environment: (name: string) => string | undefined): Complete {
  const ownCredentials = given.credentials !== undefined || given.accessKey !== undefined ||
    given.secretKey !== undefined || given.securityToken !== undefined;
  // The pairs AWS_S3_… and AWS_… are two sources; the session token belongs to the second.
  const own = environment("AWS_S3_ACCESS_KEY_ID") !== undefined;
  const options: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(OPTIONS)) {
    const value: unknown = given[name as keyof S3StorageOptions];
    if (value !== undefined) {
      checkKind(`The option ${name}`, value, row);
      options[name] = value;
    } else if (!(ownCredentials && CREDENTIAL_OPTIONS.has(name))) {
      const variable = row.environment.find((variable) =>
        environment(variable) !== undefined && !(CREDENTIAL_OPTIONS.has(name) && variable.startsWith("AWS_S3_") !== own)
      );
      if (variable !== undefined) options[name] = parseVariable(variable, environment(variable)!, row);
    }
    if (options[name] === undefined && row.default !== undefined) {
      options[name] = row.default;
    }
  }
  return options as unknown as Complete;
}

const CREDENTIAL_OPTIONS: ReadonlySet<string> = new Set(["accessKey", "secretKey", "securityToken"]);

function parseVariable(name: string, text: string, row: OptionRow): unknown {
  let value: unknown = text;
  if (row.kind === "boolean") value = BOOLEANS.get(text.toLowerCase()) ?? text;
  else if (row.kind === "integer") value = /^-?\d+$/.test(text) ? Number(text) : text;
  else if (row.kind === "object") {
    try {
      value = JSON.parse(text);
    } catch {
      // The text itself is no object either.
    }
  }
  checkKind(`The variable ${name}`, value, row);
  return value;
}

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([["true", true], ["1", true], ["false", false], ["0", false]]);

/** The kinds of options: what a value must be, and whether it is. */
const KINDS: Readonly<
  Record<NonNullable<OptionRow["kind"]>, readonly [description: string, test: (value: unknown) => boolean]>
> = {
  string: ["text", (value) => typeof value === "string"],
  boolean: ["true or false (in a variable also 1 or 0)", (value) => typeof value === "boolean"],
  integer: ["a whole number", Number.isSafeInteger],
  object: [
    "an object (in a variable as JSON)",
    (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  ],
  function: ["a function", (value) => typeof value === "function"],
};

/** No message shows what may be a secret: what is given for a text, unless there are choices. */
function checkKind(what: string, value: unknown, { kind = "string", mayBeEmpty, choices }: OptionRow): void {
  const [description, test] = KINDS[kind];
  if (!test(value)) {
    const current = kind === "boolean" || kind === "integer" || value === null
      ? shown(value)
      : `of type ${typeof value}`;
    throw new ConfigurationError(`${what} must be ${description}: current value is ${current}`);
  }
  if (value === "" && !mayBeEmpty) throw new ConfigurationError(`${what} must not be empty: leave it out instead`);
  if (choices?.includes(value as string) === false) {
    throw new ConfigurationError(`${what} must be one of ${choices.join(", ")}: current value is "${value}"`);
  }
}

function resolveNumbers<K extends string>(
  what: string,
  given: { readonly [name in K]?: number | undefined },
  rows: Readonly<Record<K, NumberRow>>,
): Readonly<Record<K, number>> {
  refuseUnknown(`member of ${what}`, Object.keys(given), Object.keys(rows));
  const numbers: Partial<Record<K, number>> = {};
  for (const [name, row] of Object.entries<NumberRow>(rows) as [K, NumberRow][]) {
    const value = numbers[name] = given[name] ?? row.default;
    checkRange(`${what}.${name}`, value, row.least, row.most, row.unit);
  }
  return Object.freeze(numbers as Record<K, number>);
}

function refuseUnknown(what: string, given: readonly string[], known: readonly string[]): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new ConfigurationError(unknownName(what, unknown, known));
}
