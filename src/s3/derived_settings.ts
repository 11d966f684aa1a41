import type { S3Client } from "../client/s3_client.ts";
import { credentialsFromSettings } from "../credentials/from_settings.ts";
import { Secret } from "../kit/text/secret.ts";
import type { ObjectParameters, S3StorageOptions } from "../settings/options.ts";
import { originOf, resolveSettings, type Settings } from "../settings/resolve.ts";

/** Options of which one replaces all: a key is never combined with the secret of another one. */
const CREDENTIALS = /^(accessKey|secretKey|securityToken|credentials|sessionProfile)$/;

/** Options that decide where requests go and how: what a client has learned is true only for the same ones. */
const CONNECTION = /^(regionName|endpointUrl|addressingStyle|use.*|usEast.*|verify|proxies|fetch|now)$/;

/** Options that choose among the hosts of AWS: they do not apply to another endpoint. */
const AWS_HOSTS = /^use(Dualstack|Fips)Endpoint$/;

/** What a storage that is made from another one begins with. */
export interface Derivation {
  readonly settings: Settings;
  /** Makes the client, for settings that may be shown. */
  readonly clientFor: (shown: Settings) => S3Client;
}

/**
 * Changes settings of a storage, without reading the environment again.
 *
 * @param objectParameters The parameters of the storage, whose settings hide the customer's key.
 * @throws {ConfigurationError} If an option is unknown, malformed or in conflict with another.
 */
export function derive(client: S3Client, objectParameters: ObjectParameters, options: S3StorageOptions): Derivation {
  const previous = client.settings;
  const given = Object.entries(options).filter(([, value]) => value !== undefined).map(([name]) => name);
  const hasCredentials = given.some((name) => CREDENTIALS.test(name));
  // The defaults of verify and proxies would conflict with fetch.
  const hasFetch = (options.fetch ?? previous.fetch) !== undefined;
  const hasEndpoint = options.endpointUrl !== undefined;
  const kept = Object.entries({ ...previous, objectParameters }).filter(([name]) =>
    !(hasCredentials && CREDENTIALS.test(name)) && !(hasFetch && /^(verify|proxies)$/.test(name)) &&
    !(hasEndpoint && AWS_HOSTS.test(name))
  );
  const revealed: S3StorageOptions = Object.fromEntries(kept.map(([name, value]) => [name, asOption(value)]));
  const settings = resolveSettings([options, revealed], {
    environment: originOf(previous).environment,
    ...(options.sessionProfile === undefined ? { profile: () => ({}) } : {}),
  });
  const isSameConnection = !given.some((name) => CONNECTION.test(name));
  return {
    settings,
    clientFor: (shown) =>
      client.derived(shown, hasCredentials ? credentialsFromSettings(settings) : undefined, isSameConnection),
  };
}

function asOption(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  return value instanceof URL ? value.href : value;
}
