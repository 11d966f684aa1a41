import { ConfigurationError } from "../errors.ts";
import { originOf, type Settings } from "../settings/resolve.ts";
import { type Credentials, type RefreshableProvider, staticCredentials } from "../aws/credentials.ts";
import { refreshingCredentials } from "./refreshing.ts";

/**
 * Who hands out the credentials that the settings ask for: the keys themselves, the function, the profile, or the first
 * of boto3's places that has some.
 *
 * Those of a function are kept while they live, where it says how long; without an expiration it is asked each time.
 *
 * @throws {ConfigurationError} If they are half there, or given in two ways.
 */
export function credentialsFromSettings(settings: Settings): RefreshableProvider {
  const { accessKey, secretKey, securityToken, credentials } = settings;
  if (credentials !== undefined) {
    if (accessKey !== undefined || secretKey !== undefined || securityToken !== undefined) {
      throw new ConfigurationError("The option credentials excludes accessKey, secretKey and securityToken: give one");
    }
    const { now } = settings;
    const provider: RefreshableProvider = credentials;
    if (provider.refused !== undefined) return provider; // it keeps them itself
    return refreshingCredentials(provider, { context: { now }, keepLasting: false });
  }
  if (accessKey !== undefined && secretKey !== undefined) {
    return staticCredentials({
      accessKeyId: accessKey,
      secretAccessKey: secretKey.reveal(),
      sessionToken: securityToken?.reveal(),
    });
  }
  if (accessKey === undefined && secretKey === undefined && securityToken === undefined) return ofSession(settings);
  const missing = accessKey === undefined ? "accessKey" : "secretKey";
  throw new ConfigurationError(
    `${missing} is missing: accessKey and secretKey must come together, from the options or from the environment`,
  );
}

/** What looks for the credentials is loaded when they are first asked for. */
function ofSession(settings: Settings): RefreshableProvider {
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
