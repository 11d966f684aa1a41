import type { CloudFrontPrivateKey } from "../aws/cloudfront_key.ts";
import { ConfigurationError } from "../errors.ts";
import { unknownName } from "../kit/text/closest.ts";
import { asSecret, type Secret } from "../kit/text/secret.ts";
import { type EnvironmentSnapshot, snapshotEnvironment } from "../runtime/environment.ts";
import { readTextFileSync } from "../runtime/files/text_files.ts";
import { checkBucketName, checkEndpointUrl, checkRange, checkRecord } from "./checks.ts";
import {
  CLIENT_CONFIG,
  type ClientConfig,
  type NumberRow,
  OPTIONS,
  type S3StorageOptions,
  TRANSFER_CONFIG,
  type TransferConfig,
} from "./options.ts";
import { readProfile } from "./profile.ts";
import type { Profile } from "./profile_files.ts";
import { type ProfileSettings, profileSettings, withoutIgnored } from "./profile_settings.ts";
import { realRegion } from "../aws/region.ts";
import { readSources, type SettingSources } from "./sources.ts";

/**
 * Every setting, decided: what was given, what the class, the environment and the profile say, and defaults. Frozen. What
 * is secret shows as `******`.
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
          | "verify"
      ]: NonNullable<S3StorageOptions[Name]>;
    }
  >,
  Pick<
    S3StorageOptions,
    | "accessKey"
    | "cloudfrontKeyId"
    | "cloudfrontSigner"
    | "credentials"
    | "customDomain"
    | "defaultAcl"
    | "fetch"
    | "payloadSigningEnabled"
    | "requestChecksumCalculation"
    | "responseChecksumValidation"
    | "sessionProfile"
  > {
  /** The secret of the access key. */
  readonly secretKey: Secret | undefined;
  /** The token of temporary credentials. */
  readonly securityToken: Secret | undefined;
  /** The private key for CloudFront. */
  readonly cloudfrontKey: Secret<CloudFrontPrivateKey> | undefined;
  /** The proxies, which may hold passwords. */
  readonly proxies: Secret<Readonly<Record<string, string>>> | undefined;
  /** The server's URL where it is not AWS. */
  readonly endpointUrl: URL | undefined;
  /** How uploads are cut into parts. */
  readonly transferConfig: Readonly<Required<{ [Name in keyof TransferConfig]: number }>>;
  /** Tries and timeouts. */
  readonly clientConfig: Readonly<Required<{ [Name in keyof ClientConfig]: number }>>;
}

/**
 * Decides every setting and checks it.
 *
 * @param given What the constructor was given, then the settings of its class, then those of the classes that one extends.
 * @param sources The other places that settings come from.
 * @returns The settings, frozen.
 * @throws {ConfigurationError} If a setting is missing, unknown, malformed or in conflict with another.
 */
export function resolveSettings(
  given: readonly S3StorageOptions[],
  sources: Partial<SettingSources> = {},
): Settings {
  for (const options of given) {
    checkRecord("The options of a storage, and the settings of its class,", options);
    refuseUnknown("option", Object.keys(options), Object.keys(OPTIONS));
  }
  const isGiven = (name: keyof S3StorageOptions): boolean => firstGiven(given, name) !== undefined;
  if (isGiven("fetch") && (isGiven("verify") || isGiven("proxies"))) {
    throw new ConfigurationError(
      "The option fetch excludes verify and proxies: what sends requests decides about them",
    );
  }
  const { environment = snapshotEnvironment() } = sources;
  const files = new Map<string, string | undefined>();
  const profileOf = profilesIn(environment, files);
  const { profile = (name) => settingsOf(profileOf(name), environment) } = sources;
  const asked = firstGiven(given, "sessionProfile") ?? environment("AWS_S3_SESSION_PROFILE");
  const options = readSources({
    options: given,
    environment: withoutIgnored(() => profileOf(asked), environment),
    profile,
  }) as unknown as Found;
  if (options.bucketName === undefined) {
    throw new ConfigurationError("No bucket is configured: set the option bucketName or AWS_STORAGE_BUCKET_NAME");
  }
  checkBucketName(options.bucketName);
  const { region, fips } = realRegion(options.regionName);
  const settings: Settings = {
    ...options,
    regionName: region,
    useFipsEndpoint: options.useFipsEndpoint || fips,
    secretKey: asSecret(options.secretKey),
    securityToken: asSecret(options.securityToken),
    cloudfrontKey: asSecret(options.cloudfrontKey),
    proxies: asSecret(options.proxies),
    endpointUrl: options.endpointUrl === undefined ? undefined : checkEndpointUrl(options.endpointUrl),
    objectParameters: Object.freeze({ ...options.objectParameters }),
    gzipContentTypes: Object.freeze([...options.gzipContentTypes]),
    transferConfig: resolveNumbers("transferConfig", {
      downloadConcurrency: options.transferConfig.maxConcurrency, // whoever limits one means both
      ...options.transferConfig,
    }, TRANSFER_CONFIG),
    clientConfig: resolveNumbers("clientConfig", options.clientConfig, CLIENT_CONFIG),
  };
  refuseConflicts(settings);
  origins.set(settings, { environment, files });
  return Object.freeze(settings);
}

/** Where settings come from: the credentials that belong to them come from there, too. */
export interface SettingsOrigin {
  readonly environment: EnvironmentSnapshot;
  /** The texts of the AWS files by their paths, as they were read. */
  readonly files: ReadonlyMap<string, string | undefined>;
}

const origins = new WeakMap<Settings, SettingsOrigin>();

/** Where the settings come from; of a copy, where its like would come from now. */
export function originOf(settings: Settings): SettingsOrigin {
  return origins.get(settings) ?? { environment: snapshotEnvironment(), files: new Map() };
}

/** Finds the profile of a name, or the one that is used without a name; the files are read once for each. */
function profilesIn(
  environment: SettingSources["environment"],
  files: Map<string, string | undefined>,
): (name: string | undefined) => Profile | undefined {
  const readTextFile = (path: string): string | undefined => {
    const text = readTextFileSync(path);
    files.set(path, text);
    return text;
  };
  const found = new Map<string | undefined, Profile | undefined>();
  return (name) => {
    if (!found.has(name)) found.set(name, readProfile({ name, environment, readTextFile }));
    return found.get(name);
  };
}

function settingsOf(profile: Profile | undefined, environment: SettingSources["environment"]): ProfileSettings {
  return profile === undefined ? {} : profileSettings(profile, environment);
}

function firstGiven<Name extends keyof S3StorageOptions>(
  given: readonly S3StorageOptions[],
  name: Name,
): S3StorageOptions[Name] {
  return given.find((options) => options[name] !== undefined)?.[name];
}

/** The options once defaults are in: what has none may be missing. */
type Found = Omit<Settings, Converted> & Pick<S3StorageOptions, Converted> & {
  readonly transferConfig: TransferConfig;
  readonly clientConfig: ClientConfig;
};

/** Options that are not settings as they are. */
type Converted =
  | "clientConfig"
  | "cloudfrontKey"
  | "endpointUrl"
  | "proxies"
  | "secretKey"
  | "securityToken"
  | "transferConfig";

/** @throws {ConfigurationError} If settings cannot be together, or one is missing beside another. */
function refuseConflicts(settings: Settings): void {
  const { sessionProfile, accessKey, secretKey, securityToken, credentials } = settings;
  if (sessionProfile !== undefined && (accessKey ?? secretKey ?? securityToken ?? credentials) !== undefined) {
    throw new ConfigurationError(
      "sessionProfile (AWS_S3_SESSION_PROFILE) excludes accessKey, secretKey, securityToken and credentials: give one",
    );
  }
  const { cloudfrontKey, cloudfrontKeyId, cloudfrontSigner } = settings;
  if (cloudfrontSigner === undefined && (cloudfrontKey === undefined) !== (cloudfrontKeyId === undefined)) {
    throw new ConfigurationError(
      "cloudfrontKeyId (AWS_CLOUDFRONT_KEY_ID) and cloudfrontKey (AWS_CLOUDFRONT_KEY) must be given together",
    );
  }
  const { querystringExpire, querystringWindow } = settings;
  checkRange(
    "querystringExpire + querystringWindow",
    querystringExpire + querystringWindow,
    ...OPTIONS.querystringExpire.range!,
  );
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
