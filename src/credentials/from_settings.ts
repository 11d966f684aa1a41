import { ConfigurationError, UnauthenticatedError } from "../errors.ts";
import { originOf, type Settings, type SettingsOrigin } from "../settings/resolve.ts";
import { type Credentials, type RefreshableProvider, staticCredentials } from "../aws/credentials.ts";

/** Finds credentials that the settings do not have: in profiles, web identities, containers and instances. */
export interface Sessions {
  load(settings: Settings, origin: SettingsOrigin): Promise<RefreshableProvider>;
}

/** The sessions. Each entry with a storage sets the member when it is loaded, like those of `runtime/machine.ts`. */
export const sessions = {} as Sessions;

/**
 * Makes the provider of the credentials that the settings configure: the keys, the function, the profile, or the first
 * of boto3's sources that has credentials.
 *
 * Credentials of a function are cached until shortly before their expiration; without one it is called for each
 * request.
 *
 * @throws {ConfigurationError} If the keys are incomplete, or credentials are configured in two ways.
 */
export function credentialsFromSettings(settings: Settings): RefreshableProvider {
  const { accessKey, secretKey, securityToken, credentials } = settings;
  if (credentials !== undefined) {
    if (accessKey !== undefined || secretKey !== undefined || securityToken !== undefined) {
      throw new ConfigurationError(
        "The option credentials cannot be combined with accessKey, secretKey and securityToken",
      );
    }
    const provider: RefreshableProvider = credentials;
    if (provider.refused !== undefined) return provider; // it caches by itself
    return loadedProvider(() => "the option credentials", async () => {
      const { refreshingCredentials } = await import("./refreshing.ts");
      return refreshingCredentials(provider, {
        context: settings,
        keepLasting: false,
        timeoutSeconds: settings.clientConfig.credentialsTimeout,
      });
    });
  }
  if (accessKey !== undefined && secretKey !== undefined) {
    return untilExpired(
      settings,
      staticCredentials({
        accessKeyId: accessKey,
        secretAccessKey: secretKey.reveal(),
        sessionToken: securityToken?.reveal(),
      }),
    );
  }
  if (accessKey === undefined && secretKey === undefined && securityToken === undefined) {
    const origin = originOf(settings);
    return loadedProvider(() => "the AWS files", () => sessions.load(settings, origin));
  }
  const missing = accessKey === undefined ? "accessKey" : "secretKey";
  throw new ConfigurationError(
    `${missing} is missing: set both accessKey and secretKey, in the options or in the environment`,
  );
}

/** Refuses keys of variables after AWS_CREDENTIAL_EXPIRATION, as in boto3. A time without a zone could be a local time. */
function untilExpired(settings: Settings, provider: RefreshableProvider): RefreshableProvider {
  const { environment } = originOf(settings);
  const end = environment("AWS_CREDENTIAL_EXPIRATION")?.replace(/ ?UTC$/, "Z");
  if (!end || settings.accessKey !== environment("AWS_ACCESS_KEY_ID")) return provider;
  const endsAt = /^\d{4}-.+(Z|[+-]\d\d:?\d\d)$/.test(end) ? Date.parse(end) : NaN;
  return () => {
    if (settings.now().getTime() >= endsAt) {
      throw new UnauthenticatedError(`AWS_ACCESS_KEY_ID expired at ${end} (AWS_CREDENTIAL_EXPIRATION): renew the keys`);
    }
    return provider();
  };
}

/**
 * Makes a provider whose code is loaded at its first call.
 *
 * @param source What it is in errors, unless the loaded provider knows more.
 */
function loadedProvider(source: () => string, load: () => Promise<RefreshableProvider>): RefreshableProvider {
  let loaded: RefreshableProvider | undefined;
  // The first of concurrent calls that has loaded one decides, so that all share its cache.
  const first = async (): Promise<Credentials> => {
    const own = await load();
    return await (loaded ??= own)();
  };
  return Object.assign(() => loaded === undefined ? first() : loaded(), {
    refused: (credentials: Credentials): void => loaded?.refused?.(credentials),
    source: () => loaded?.source?.() ?? source(),
  });
}
