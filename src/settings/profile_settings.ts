import { ConfigurationError } from "../errors.ts";
import { unknownName } from "../kit/text/closest.ts";
import { formatValue } from "../kit/values/format_value.ts";
import type { Profile } from "./profile_files.ts";

/** The settings in a profile, by the names of options. Settings that the profile does not have are missing. */
export interface ProfileSettings {
  readonly regionName?: string;
  readonly endpointUrl?: string;
  readonly addressingStyle?: string;
  readonly signatureVersion?: string;
  /** The path of a file with certificates. */
  readonly verify?: string;
  readonly useAccelerateEndpoint?: boolean;
  readonly useDualstackEndpoint?: boolean;
  readonly useFipsEndpoint?: boolean;
  readonly usEast1RegionalEndpoint?: string;
  readonly requestChecksumCalculation?: string;
  readonly responseChecksumValidation?: string;
  readonly transferConfig?: {
    readonly multipartThreshold?: number;
    readonly partSize?: number;
    readonly maxConcurrency?: number;
  };
  readonly clientConfig?: { readonly maxAttempts?: number };
}

const KINDS = {
  text: ["text", (text: string) => text],
  word: ["a word", (text: string) => text.toLowerCase()],
  boolean: ["true or false", (text: string) => BOOLEANS.get(text.toLowerCase())],
  integer: ["an integer", (text: string) => /^\d{1,15}$/.test(text) ? Number(text) : undefined],
  size: ["a number of bytes such as 8388608 or 8MB", parseSize],
} satisfies Record<string, readonly [description: string, parse: (text: string) => unknown]>;

const BOOLEANS: ReadonlyMap<string, boolean> = new Map([["true", true], ["false", false]]);

/** An option, the type of its values, and the keys that set it, of which the first takes precedence. */
type Row = readonly [option: string, kind: keyof typeof KINDS, ...keys: string[]];

const ROWS: readonly Row[] = [
  ["regionName", "text", "region"],
  ["addressingStyle", "word", "s3.addressing_style"],
  ["signatureVersion", "text", "s3.signature_version"],
  ["verify", "text", "ca_bundle"],
  ["useAccelerateEndpoint", "boolean", "s3.use_accelerate_endpoint"],
  ["useDualstackEndpoint", "boolean", "s3.use_dualstack_endpoint", "use_dualstack_endpoint"],
  ["useFipsEndpoint", "boolean", "use_fips_endpoint"],
  ["usEast1RegionalEndpoint", "word", "s3_us_east_1_regional_endpoint", "s3.us_east_1_regional_endpoint"],
  ["requestChecksumCalculation", "word", "request_checksum_calculation"],
  ["responseChecksumValidation", "word", "response_checksum_validation"],
];
const TRANSFER_ROWS: readonly Row[] = [
  ["multipartThreshold", "size", "s3.multipart_threshold"],
  ["partSize", "size", "s3.multipart_chunksize"],
  ["maxConcurrency", "integer", "s3.max_concurrent_requests"],
];
const CLIENT_ROWS: readonly Row[] = [["maxAttempts", "integer", "max_attempts"]];

/**
 * Reads the settings of a profile.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Settings reference"; AWS CLI, "S3 Configuration".
 *
 * @throws {ConfigurationError} If a value has the wrong type. Ranges are checked later, with all settings.
 */
export function profileSettings(
  profile: Profile,
  environment: (name: string) => string | undefined,
): ProfileSettings {
  const endpointUrl = profileEndpoint(profile, "s3", environment);
  const transferConfig = readRows(profile, TRANSFER_ROWS);
  const clientConfig = readRows(profile, CLIENT_ROWS);
  return Object.freeze({
    ...readRows(profile, ROWS),
    ...endpointUrl !== undefined && { endpointUrl },
    ...transferConfig && { transferConfig },
    ...clientConfig && { clientConfig },
  });
}

/**
 * Returns the endpoint of a service in a profile, by the name of the service in the files: `s3`, `sts`, `sso_oidc`.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Service-specific endpoints".
 *
 * @returns `undefined` if there is none, or endpoints are ignored.
 * @throws {ConfigurationError} If the `services` section that the profile names is missing.
 */
export function profileEndpoint(
  profile: Profile,
  service: string,
  environment: (name: string) => string | undefined,
): string | undefined {
  if (ignoresEndpoints(profile, environment)) return undefined;
  const name = profile.get("services");
  const services = name === undefined ? undefined : profile.files.services.get(name);
  if (name !== undefined && services === undefined) {
    throw new ConfigurationError(
      `Profile '${profile.name}' refers to services: ${
        unknownName("section [services …]", name, [...profile.files.services.keys()])
      }`,
    );
  }
  return services?.nested(service).get("endpoint_url") ?? profile.get("endpoint_url");
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
  const variable = environment(name);
  if (variable !== undefined) return parse(`The variable ${name}`, "boolean", variable) === true;
  const key = name.slice(4).toLowerCase();
  return profile !== undefined && readRows(profile, [["isEnabled", "boolean", key]])?.isEnabled === true;
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

function readRows(profile: Profile, rows: readonly Row[]): Record<string, unknown> | undefined {
  const values: Record<string, unknown> = {};
  for (const [option, kind, ...keys] of rows) {
    for (const key of keys.toReversed()) {
      const text = key.startsWith("s3.") ? profile.nested("s3").get(key.slice(3)) : profile.get(key);
      if (text !== undefined) values[option] = parse(`${key} of profile '${profile.name}'`, kind, text);
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
