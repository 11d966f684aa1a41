import { ConfigurationError } from "../errors.ts";
import { originOf, type Settings } from "../settings/resolve.ts";
import { type Credentials, type RefreshableProvider, staticCredentials } from "../aws/credentials.ts";
import { refreshingCredentials } from "./refreshing.ts";

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
    const { now } = settings;
    const provider: RefreshableProvider = credentials;
    if (provider.refused !== undefined) return provider; // it caches by itself
    return refreshingCredentials(provider, { context: { now }, keepLasting: false });
  }
  if (accessKey !== undefined && secretKey !== undefined) {
    return staticCredentials({
      accessKeyId: accessKey,
      secretAccessKey: secretKey.reveal(),
      sessionToken: securityToken?.reveal(),
    });
  }
  if (accessKey === undefined && secretKey === undefined && securityToken === undefined) {
    return sessionProvider(settings);
  }
  const missing = accessKey === undefined ? "accessKey" : "secretKey";
  throw new ConfigurationError(
    `${missing} is missing: set both accessKey and secretKey, in the options or in the environment`,
  );
}

/** Loads the code that looks for credentials at the first call. */
function sessionProvider(settings: Settings): RefreshableProvider {
  const origin = originOf(settings);
  let session: RefreshableProvider | undefined;
  const load = async (): Promise<Credentials> => {
    const { sharedSession } = await import("./shared_session.ts");
    session = await sharedSession(settings, origin);
    return await session();
  };
  return Object.assign(() => session === undefined ? load() : session(), {
    refused: (credentials: Credentials): void => session?.refused?.(credentials),
  });
}
