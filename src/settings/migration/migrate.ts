import { ConfigurationError } from "../../errors.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { isInteger } from "../../kit/values/integer.ts";
import { isRecord } from "../../kit/values/record.ts";
import { BOTO3_CONFIGS, convertConfig } from "./boto3_config.ts";
import { OLD_SETTINGS } from "./old_settings.ts";
import type { SettingChange } from "./setting_change.ts";
import type { NamedSettings } from "../named_settings.ts";
import { PARAMETER_HEADERS, parameterOf } from "../parameter_headers.ts";

/** The old settings. */
type Old = Readonly<Record<string, unknown>>;

type Converted = { readonly [name: string]: unknown; readonly note?: string };

const PARTS = "AWS_S3_OBJECT_PARAMETERS";
const ENDPOINT = "AWS_S3_ENDPOINT_URL";
const REGION = "AWS_S3_REGION_NAME";

/** The constants of boto for regions. Others are names of regions. */
const ORIGINS: ReadonlyMap<string, string> = new Map([
  ["", "us-east-1"],
  ["DEFAULT", "us-east-1"],
  ["EU", "eu-west-1"],
]);

const STYLES: ReadonlyMap<string, string> = new Map([
  ["VHostCallingFormat", "virtual"],
  ["SubdomainCallingFormat", "virtual"],
  ["OrdinaryCallingFormat", "path"],
  ["ProtocolIndependentOrdinaryCallingFormat", "path"],
]);

/** Convert the value of an old setting to new settings, with a note on what is lost. */
const CONVERSIONS: Readonly<Record<string, (value: unknown, old: Old) => Converted>> = {
  AWS_HEADERS: (value) => convertHeaders(value),
  AWS_S3_ENCRYPTION: (value) => flag("AWS_S3_ENCRYPTION", value) ? { [PARTS]: { ServerSideEncryption: "AES256" } } : {},
  AWS_REDUCED_REDUNDANCY: (value) =>
    flag("AWS_REDUCED_REDUNDANCY", value) ? { [PARTS]: { StorageClass: "REDUCED_REDUNDANCY" } } : {},
  AWS_ORIGIN: (value) => {
    const origin = text("AWS_ORIGIN", value);
    return { [REGION]: ORIGINS.get(origin) ?? origin };
  },
  AWS_S3_CALLING_FORMAT: (value) => {
    const style = STYLES.get(text("AWS_S3_CALLING_FORMAT", value).split(".").at(-1)!);
    if (style === undefined) {
      throw invalidValue("AWS_S3_CALLING_FORMAT", `one of ${[...STYLES.keys()].join(", ")}`, value);
    }
    return { AWS_S3_ADDRESSING_STYLE: style };
  },
  AWS_S3_HOST: (_, old) => convertHost(old),
  AWS_S3_PORT: (_, old) => convertHost(old),
  AWS_S3_PROXY_HOST: (value, old) => {
    const proxy = host("AWS_S3_PROXY_HOST", value) + port("AWS_S3_PROXY_PORT", old);
    return { AWS_S3_PROXIES: { http: proxy, https: proxy } };
  },
  AWS_S3_SECURE_URLS: (value) => ({ AWS_S3_URL_PROTOCOL: flag("AWS_S3_SECURE_URLS", value) ? "https:" : "http:" }),
  AWS_S3_USE_THREADS: (value) =>
    flag("AWS_S3_USE_THREADS", value) ? {} : { AWS_S3_TRANSFER_CONFIG: { maxConcurrency: 1 } },
  AWS_S3_FILE_BUFFER_SIZE: (value) => {
    const partSize = Math.max(number("AWS_S3_FILE_BUFFER_SIZE", value, 5 * 1024 ** 3), 5 * 1024 ** 2);
    return { AWS_S3_TRANSFER_CONFIG: { partSize } };
  },
};

/**
 * Converts settings of the old boto backend of django-storages to the names and forms of `S3Storage`, and the members of
 * boto3's `Config` and `TransferConfig` in `AWS_S3_CLIENT_CONFIG` and `AWS_S3_TRANSFER_CONFIG`. Other settings are kept. If
 * an old and a new setting mean the same, the new one is kept; but the addressing style, the signature version and the
 * proxies of a `Config` take precedence, as in django-storages. No message shows a value.
 *
 * Source: django-storages, "Migrating from Boto to Boto3"; botocore, "Config Reference".
 *
 * @param old The settings by their `AWS_…` names. `null` and `undefined` are treated as not given.
 * @returns The new settings, and the changes.
 * @throws {ConfigurationError} If the value of an old setting is invalid.
 * @throws {TypeError} If the settings are not an object.
 *
 * @example
 * ```ts
 * import { migrateSettings } from "@storages/s3/migration";
 * import { assertEquals } from "@std/assert";
 *
 * const { settings, changes } = migrateSettings({
 *   AWS_STORAGE_BUCKET_NAME: "media",
 *   AWS_HEADERS: { "Cache-Control": "max-age=86400" },
 *   AWS_S3_HOST: "s3.eu-central-1.amazonaws.com",
 * });
 * assertEquals(settings, {
 *   AWS_STORAGE_BUCKET_NAME: "media",
 *   AWS_S3_OBJECT_PARAMETERS: { CacheControl: "max-age=86400" },
 *   AWS_S3_ENDPOINT_URL: "https://s3.eu-central-1.amazonaws.com",
 *   AWS_S3_REGION_NAME: "eu-central-1",
 * });
 * assertEquals(changes.map(({ from, to }) => `${from} -> ${to}`), [
 *   "AWS_HEADERS -> AWS_S3_OBJECT_PARAMETERS",
 *   "AWS_S3_HOST -> AWS_S3_ENDPOINT_URL",
 * ]);
 * ```
 */
export function migrateSettings(
  old: Readonly<Record<string, unknown>>,
): { settings: NamedSettings & Record<string, unknown>; changes: readonly SettingChange[] } {
  if (!isRecord(old)) {
    throw new TypeError(`Cannot migrate settings: settings must be an object, got ${formatValue(old)}`);
  }
  const settings = new Map(Object.entries(old).filter(([name, value]) => value != null && !isOld(name, value)));
  const changes: SettingChange[] = [];
  for (const [name, { to, advice }] of OLD_SETTINGS) {
    const value = Object.hasOwn(old, name) ? old[name] : undefined;
    if (value == null || !isOld(name, value)) continue;
    const { note = "", ...converted } = CONVERSIONS[name]?.(value, old) ?? {};
    for (const [target, addition] of Object.entries(converted)) {
      const present = settings.get(target);
      const both = present !== undefined && isRecord(addition);
      settings.set(target, both ? mergeParameters(addition, objectOf(target, present)) : present ?? addition);
    }
    changes.push({ from: name, to, message: `${name} was removed. ${advice}${note}` });
  }
  for (const name of Object.keys(BOTO3_CONFIGS)) {
    if (!settings.has(name)) continue;
    const { members, settings: moved, changes: made } = convertConfig(name, objectOf(name, settings.get(name)));
    if (made.length === 0) continue;
    for (const [target, value, isStronger] of moved) {
      if (isStronger || !settings.has(target)) settings.set(target, value);
    }
    if (Object.keys(members).length > 0) settings.set(name, members);
    else settings.delete(name);
    changes.push(...made);
  }
  return { settings: Object.fromEntries(settings) as NamedSettings & Record<string, unknown>, changes };
}

/** Whether a setting is an old one. Django's own settings are only if they name a backend of S3. */
function isOld(name: string, value: unknown): boolean {
  if (!OLD_SETTINGS.has(name)) return false;
  return /^(AWS|S3)_/.test(name) || (typeof value === "string" && value.startsWith("storages.backends.s3"));
}

function convertHeaders(headers: unknown): Converted {
  if (!isRecord(headers)) throw invalidValue("AWS_HEADERS", "an object of headers", headers);
  const parameters = new Map<string, unknown>();
  const metadata = new Map<string, string>();
  const dropped: string[] = [];
  for (const [header, value] of Object.entries(headers)) {
    if (value == null) continue;
    const own = /^x-amz-meta-(.+)$/i.exec(header)?.[1];
    const parameter = Object.hasOwn(PARAMETER_HEADERS.write, header) ? header : parameterOf(header);
    if (own !== undefined) metadata.set(own.toLowerCase(), text(`AWS_HEADERS["${header}"]`, value));
    else if (parameter === undefined) dropped.push(header);
    else parameters.set(parameter, value instanceof Date ? value : text(`AWS_HEADERS["${header}"]`, value));
  }
  if (metadata.size > 0) parameters.set("Metadata", Object.fromEntries(metadata));
  const note = dropped.length === 0 ? {} : { note: ` S3 does not store ${dropped.join(", ")}: dropped.` };
  return { [PARTS]: Object.fromEntries(parameters), ...note };
}

/** Combines host and port as boto did, and finds the region in hosts of AWS and of providers with similar hosts. */
function convertHost(old: Old): Record<string, unknown> {
  const name = host("AWS_S3_HOST", old.AWS_S3_HOST ?? "s3.amazonaws.com");
  const scheme = flag("AWS_S3_USE_SSL", old.AWS_S3_USE_SSL ?? true) ? "https" : "http";
  const region = name === "s3.amazonaws.com" || name === "s3-external-1.amazonaws.com"
    ? "us-east-1"
    : /^s3[.-](?:dualstack\.)?([a-z]{2,}(?:-[a-z\d]+)+)\./.exec(name)?.[1];
  return {
    [ENDPOINT]: `${scheme}://${name}${port("AWS_S3_PORT", old)}`,
    ...(region === undefined ? {} : { [REGION]: region }),
  };
}

/** Merges parameters. New ones take precedence, also in `Metadata`. */
function mergeParameters(old: Old, given: Old): Old {
  const both = { ...old, ...given };
  return isRecord(old.Metadata) && isRecord(given.Metadata)
    ? { ...both, Metadata: { ...old.Metadata, ...given.Metadata } }
    : both;
}

/** Returns a new setting as an object. It may be JSON, as in variables. */
function objectOf(name: string, value: unknown): Old {
  let object = value;
  if (typeof value === "string") {
    try {
      object = JSON.parse(value);
    } catch {
      // refused below as text
    }
  }
  if (!isRecord(object)) throw invalidValue(name, "an object, or JSON of one", value);
  return object;
}

function flag(name: string, value: unknown): boolean {
  if (typeof value === "string" && /^(true|false|1|0)$/i.test(value)) return /^[t1]/i.test(value);
  if (typeof value !== "boolean") throw invalidValue(name, "true or false", value);
  return value;
}

function text(name: string, value: unknown): string {
  if (typeof value !== "string") throw invalidValue(name, "text", value);
  return value;
}

function host(name: string, value: unknown): string {
  if (typeof value === "string" && /^([a-z\d._-]+|\[[a-f\d:.]+\])$/i.test(value)) return value.toLowerCase();
  throw new ConfigurationError(`${name} must be a host name, without scheme and port`);
}

function port(name: string, old: Old): string {
  return old[name] == null ? "" : `:${number(name, old[name], 65_535)}`;
}

function number(name: string, value: unknown, most: number): number {
  const whole = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  if (!isInteger(whole, 1, most)) throw invalidValue(name, `an integer from 1 to ${most}`, value);
  return whole;
}

/** Makes the error for an invalid value. It does not show text, which may be secret. */
function invalidValue(name: string, right: string, value: unknown): ConfigurationError {
  const got = typeof value === "string" ? "other text" : formatValue(value);
  return new ConfigurationError(`${name} must be ${right}, got ${got}`);
}
