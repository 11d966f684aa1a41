import type { CloudFrontPrivateKey } from "../aws/cloudfront_key.ts";
import { MAX_PRESIGNED_SECONDS } from "../aws/amz_values.ts";
import type { CredentialProvider } from "../aws/credentials.ts";
import { ConfigurationError } from "../errors.ts";
import { type NameAdvice, unknownName } from "../kit/text/closest.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { asSecret, type Secret } from "../kit/text/secret.ts";
import { isCloudflare } from "../runtime/detect.ts";
import { type EnvironmentSnapshot, snapshotEnvironment } from "../runtime/environment.ts";
import { checkAcl } from "./canned_acl.ts";
import { checkBucketName, checkEndpointUrl, checkRange, checkRecord } from "./checks.ts";
import {
  CLIENT_CONFIG,
  type ClientConfig,
  type MemberRow,
  OPTIONS,
  type S3StorageOptions,
  type TextRow,
  TRANSFER_CONFIG,
  type TransferConfig,
} from "./options.ts";
import { SETTING_ADVICE } from "./foreign_names.ts";
import { credentialsOption } from "./given_credentials.ts";
import type { Profile } from "./profile/profile_files.ts";
import type { ProfileSettings } from "./profile/profile_settings.ts";
import { retrySettings, withoutIgnoredEndpoints } from "./profile_values.ts";
import { profiles } from "./profiles.ts";
import { realRegion } from "../aws/region.ts";
import {
  ENVIRONMENT,
  type OptionsOfEnvironment,
  readSources,
  refuseOldVariables,
  type SettingSources,
} from "./sources.ts";

/**
 * The resolved settings of a storage, from the options, the class, the environment, the profile and the defaults. The
 * object is frozen, and secrets in it show as `******`.
 *
 * @example
 * ```ts
 * import { S3Storage, type Settings } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new S3Storage({ bucketName: "media", accessKey: "AKIDEXAMPLE", secretKey: "secret" });
 * const settings: Settings = storage.settings;
 * assertEquals([settings.querystringExpire, `${settings.secretKey}`], [3600, "******"]);
 * ```
 */
export interface Settings extends
  Readonly<
    {
      [
        Name in
          | "addressingStyle"
          | "bucketName"
          | "customDomainQuerystringAuth"
          | "fileOverwrite"
          | "gzip"
          | "gzipContentTypes"
          | "location"
          | "maxMemorySize"
          | "now"
          | "objectParameters"
          | "querystringAuth"
          | "querystringExpire"
          | "querystringWindow"
          | "regionName"
          | "signatureVersion"
          | "urlProtocol"
          | "useAccelerateEndpoint"
          | "useDualstackEndpoint"
          | "useFipsEndpoint"
          | "useSsl"
          | "usEast1RegionalEndpoint"
          | "verify"
      ]: NonNullable<S3StorageOptions[Name]>;
    }
  >,
  Pick<
    S3StorageOptions,
    | "accessKey"
    | "cloudfrontKeyId"
    | "cloudfrontSigner"
    | "customDomain"
    | "defaultAcl"
    | "fetch"
    | "payloadSigningEnabled"
    | "requestChecksumCalculation"
    | "responseChecksumValidation"
    | "sessionProfile"
    | "waitUntil"
  > {
  /** The function that returns credentials; an object that was given is one too. */
  readonly credentials?: CredentialProvider | undefined;
  /** The secret of the access key. */
  readonly secretKey: Secret | undefined;
  /** The session token of temporary credentials. */
  readonly securityToken: Secret | undefined;
  /** The private key for CloudFront. */
  readonly cloudfrontKey: Secret<CloudFrontPrivateKey> | undefined;
  /** The proxies, which may hold passwords. */
  readonly proxies: Secret<Readonly<Record<string, string>>> | undefined;
  /** The URL of a server that is not AWS. */
  readonly endpointUrl: URL | undefined;
  /** The sizes and the concurrency of uploads and downloads. */
  readonly transferConfig:
    & { readonly [Name in Exclude<keyof TransferConfig, "maxBandwidth">]: number }
    & Pick<TransferConfig, "maxBandwidth">;
  /** The attempts, the waits and the time limits of requests. */
  readonly clientConfig:
    & { readonly [Name in Exclude<keyof ClientConfig, "connectTimeout">]: NonNullable<ClientConfig[Name]> }
    & Pick<ClientConfig, "connectTimeout">;
}

/**
 * Resolves and validates every setting.
 *
 * @param given The options of the constructor, then the settings of its class, then those of its base classes.
 * @param sources The other sources of settings.
 * @returns The settings, frozen.
 * @throws {ConfigurationError} If a setting is missing, unknown, malformed or in conflict with another.
 */
export function resolveSettings(
  given: readonly S3StorageOptions[],
  sources: Partial<SettingSources> = {},
): Settings {
  for (const options of given) {
    checkRecord("Options, and the settings of a class,", options);
    refuseUnknown("option", Object.keys(options), Object.keys(OPTIONS), SETTING_ADVICE);
  }
  const [transferConfig, clientConfig] = [given[0]?.transferConfig, given[0]?.clientConfig];
  if (transferConfig && clientConfig && RESOLVED.has(transferConfig) && RESOLVED.has(clientConfig)) {
    throw new ConfigurationError(
      "Cannot create a storage from the settings of another one: call its method with() with the settings that change",
    );
  }
  const isGiven = (name: keyof S3StorageOptions): boolean => firstGiven(given, name) !== undefined;
  const connectTimeout = given[0]?.clientConfig?.connectTimeout;
  if (isGiven("fetch") && (isGiven("verify") || isGiven("proxies") || connectTimeout !== undefined)) {
    throw new ConfigurationError(
      "The option fetch cannot be combined with verify and proxies, nor with connectTimeout: " +
        "configure them in that function",
    );
  }
  const environment: EnvironmentSnapshot = sources.environment ?? (given[0] as OptionsOfEnvironment)?.[ENVIRONMENT] ??
    snapshotEnvironment();
  refuseOldVariables(environment.variables ?? {});
  const files = new Map<string, string | undefined>();
  const profileOf = profiles.reader(environment, files);
  const { profile = (name) => settingsOf(profileOf(name), environment) } = sources;
  const asked = firstGiven(given, "sessionProfile") ?? environment("AWS_S3_SESSION_PROFILE");
  const options = readSources({
    options: given,
    environment: withoutIgnoredEndpoints(() => profileOf(asked), environment),
    profile,
  }) as unknown as OptionsWithDefaults;
  if (options.bucketName === undefined) {
    throw new ConfigurationError("bucketName is missing: set the option bucketName or AWS_STORAGE_BUCKET_NAME");
  }
  checkBucketName(options.bucketName);
  const { region, fips } = realRegion(options.regionName);
  const few = isCloudflare() ? 2 : undefined; // all requests together have 128 MiB there
  const settings: Settings = {
    ...options,
    regionName: region,
    useFipsEndpoint: options.useFipsEndpoint || fips,
    credentials: credentialsOption(options.credentials),
    secretKey: asSecret(options.secretKey),
    securityToken: asSecret(options.securityToken),
    cloudfrontKey: asSecret(options.cloudfrontKey),
    proxies: asSecret(options.proxies),
    endpointUrl: options.endpointUrl === undefined ? undefined : checkEndpointUrl(options.endpointUrl),
    objectParameters: Object.freeze({ ...options.objectParameters }),
    gzipContentTypes: Object.freeze([...options.gzipContentTypes]),
    transferConfig: resolveMembers<Settings["transferConfig"]>(
      "transferConfig",
      options.transferConfig,
      TRANSFER_CONFIG,
      {
        maxConcurrency: few,
        downloadConcurrency: options.transferConfig.maxConcurrency ?? few, // a limit of one is meant for both
      },
    ),
    clientConfig: resolveMembers<Settings["clientConfig"]>("clientConfig", options.clientConfig, CLIENT_CONFIG, {
      maxNetworkAttempts: options.clientConfig.maxAttempts,
      idleTimeout: options.clientConfig.timeout,
    }),
  };
  checkAcl("defaultAcl", settings.defaultAcl);
  checkAcl("objectParameters.ACL", settings.objectParameters.ACL);
  if (isGiven("now")) checkClock(settings.now());
  refuseConflicts(settings);
  origins.set(settings, { environment, files });
  return Object.freeze(settings);
}

/** The environment and files of settings, from which their credentials come too. */
export interface SettingsOrigin {
  readonly environment: EnvironmentSnapshot;
  /** The texts of the AWS files by path, as they were read. */
  readonly files: ReadonlyMap<string, string | undefined>;
}

const origins = new WeakMap<Settings, SettingsOrigin>();

/** Returns the origin of settings; for a copy, the current environment. */
export function originOf(settings: Settings): SettingsOrigin {
  return origins.get(settings) ?? { environment: snapshotEnvironment(), files: new Map() };
}

function settingsOf(profile: Profile | undefined, environment: SettingSources["environment"]): ProfileSettings {
  return { ...profile && profiles.settings(profile, environment), clientConfig: retrySettings(profile, environment) };
}

function firstGiven<Name extends keyof S3StorageOptions>(
  given: readonly S3StorageOptions[],
  name: Name,
): S3StorageOptions[Name] {
  return given.find((options) => options[name] !== undefined)?.[name];
}

/** The options with their defaults. Options without a default may be missing. */
type OptionsWithDefaults = Omit<Settings, Converted> & Pick<S3StorageOptions, Converted> & {
  readonly transferConfig: TransferConfig;
  readonly clientConfig: ClientConfig;
};

/** Options that are converted into settings. */
type Converted =
  | "clientConfig"
  | "cloudfrontKey"
  | "credentials"
  | "endpointUrl"
  | "proxies"
  | "secretKey"
  | "securityToken"
  | "transferConfig";

/** @throws {ConfigurationError} If the option `now` returns anything else than a Date, such as `Date.now()`. */
function checkClock(now: unknown): void {
  if (now instanceof Date && !Number.isNaN(now.getTime())) return;
  const got = now instanceof Date ? "an invalid Date" : formatValue(now);
  throw new ConfigurationError(`The option now must return a Date, got ${got}: use () => new Date()`);
}

/** @throws {ConfigurationError} If settings exclude each other, or one requires another that is missing. */
function refuseConflicts(settings: Settings): void {
  const { sessionProfile, accessKey, secretKey, securityToken, credentials } = settings;
  if (sessionProfile !== undefined && (accessKey ?? secretKey ?? securityToken ?? credentials) !== undefined) {
    throw new ConfigurationError(
      "sessionProfile (AWS_S3_SESSION_PROFILE) cannot be combined with accessKey, secretKey, securityToken and credentials",
    );
  }
  const { cloudfrontKey, cloudfrontKeyId, cloudfrontSigner } = settings;
  if (cloudfrontSigner === undefined && (cloudfrontKey === undefined) !== (cloudfrontKeyId === undefined)) {
    throw new ConfigurationError(
      "cloudfrontKeyId (AWS_CLOUDFRONT_KEY_ID) and cloudfrontKey (AWS_CLOUDFRONT_KEY) must both be set",
    );
  }
  const { querystringExpire, querystringWindow } = settings;
  const [least, most, unit] = OPTIONS.querystringExpire.range!;
  checkRange(
    querystringWindow ? "querystringExpire + querystringWindow" : "querystringExpire",
    querystringExpire + querystringWindow,
    least,
    signsUrlsForS3(settings) && settings.signatureVersion === "s3v4" ? MAX_PRESIGNED_SECONDS : most,
    unit,
  );
}

/** Whether URLs have a signature that S3 checks: not that of CloudFront, or none. */
export function signsUrlsForS3(
  { querystringAuth, customDomain, customDomainQuerystringAuth }: Pick<
    Settings,
    "querystringAuth" | "customDomain" | "customDomainQuerystringAuth"
  >,
): boolean {
  return querystringAuth && (customDomain === undefined || customDomainQuerystringAuth);
}

/** Members of resolved settings. */
const RESOLVED = new WeakSet<object>();

function resolveMembers<Members extends object>(
  what: string,
  given: TransferConfig | ClientConfig,
  rows: Readonly<Record<string, MemberRow>>,
  defaults: Readonly<Record<string, unknown>>,
): Members {
  refuseUnknown(`member of ${what}`, Object.keys(given), Object.keys(rows), SETTING_ADVICE);
  const members: Record<string, unknown> = {};
  for (const [name, row] of Object.entries(rows)) {
    const value = members[name] = given[name as never] ?? defaults[name] ?? row.default;
    if ("pattern" in row) checkText(`${what}.${name}`, value, row);
    else if (value !== undefined) checkRange(`${what}.${name}`, value, row.least, row.most, row.unit);
  }
  RESOLVED.add(members);
  return Object.freeze(members) as Members;
}

/** @throws {ConfigurationError} If the value is not a text that the row describes. */
function checkText(name: string, value: unknown, { pattern, values }: TextRow): void {
  if (typeof value === "string" && pattern.test(value)) return;
  throw new ConfigurationError(`${name} must be ${values}, got ${formatValue(value)}`);
}

function refuseUnknown(what: string, given: readonly string[], known: readonly string[], advice?: NameAdvice): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new ConfigurationError(unknownName(what, unknown, known, advice));
}
