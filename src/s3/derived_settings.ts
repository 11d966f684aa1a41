import type { S3Client } from "../client/s3_client.ts";
import { credentialsFromSettings } from "../credentials/from_settings.ts";
import { Secret } from "../kit/text/secret.ts";
import { type ObjectParameters, OPTIONS, type S3StorageOptions } from "../settings/options.ts";
import { originOf, resolveSettings, type Settings } from "../settings/resolve.ts";

type Names = readonly (keyof S3StorageOptions)[];

/** Options of which one replaces all: a key is never combined with the secret of another one. */
const CREDENTIALS: Names = ["accessKey", "secretKey", "securityToken", "credentials", "sessionProfile"];

/** Options that decide where requests go and how: what a client has learned is true only for the same ones. */
const CONNECTION: Names = [
  "regionName",
  "endpointUrl",
  "addressingStyle",
  "useSsl",
  "useDualstackEndpoint",
  "useFipsEndpoint",
  "useAccelerateEndpoint",
  "verify",
  "proxies",
  "fetch",
  "now",
];

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
  const changes = (names: Names): boolean => names.some((name) => options[name] !== undefined);
  const hasCredentials = changes(CREDENTIALS);
  // Otherwise the defaults of verify and proxies would conflict with fetch.
  const dropped = [
    ...(hasCredentials ? CREDENTIALS : []),
    ...(changes(["fetch"]) || previous.fetch !== undefined ? ["verify", "proxies"] : []),
  ];
  const kept = Object.entries({ ...previous, objectParameters }).filter(([name]) => !dropped.includes(name));
  const revealed: S3StorageOptions = Object.fromEntries(kept.map(([name, value]) => [name, asOption(value)]));
  const settings = resolveSettings([options, revealed], {
    environment: withoutOptions(originOf(previous).environment),
    ...(options.sessionProfile === undefined ? { profile: () => ({}) } : {}),
  });
  return {
    settings,
    clientFor: (shown) =>
      client.derived(shown, hasCredentials ? credentialsFromSettings(settings) : undefined, !changes(CONNECTION)),
  };
}

function asOption(value: unknown): unknown {
  if (value instanceof Secret) return value.reveal();
  return value instanceof URL ? value.href : value;
}

type Environment = ReturnType<typeof originOf>["environment"];

/** The variables that are no options: a profile may need them. */
function withoutOptions(environment: Environment): Environment {
  const options = new Set(Object.values(OPTIONS).flatMap(({ names }) => names));
  return Object.assign((name: string) => options.has(name) ? undefined : environment(name), { variables: {} });
}
