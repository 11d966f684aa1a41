import { ConfigurationError } from "../errors.ts";
import type { Settings } from "../settings/resolve.ts";
import { type RefreshableProvider, staticCredentials } from "./provider.ts";
import { refreshingCredentials } from "./refreshing.ts";

/** What the service refuses to be asked without. */
export const NO_CREDENTIALS = "No credentials are configured: set the options accessKey and secretKey, the variables " +
  "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the option credentials";

/**
 * Who hands out the credentials that the settings ask for.
 *
 * Those of a function are kept while they live, where it says how long; without an expiration it is asked each time.
 *
 * @returns `undefined` where none are configured and none are needed, since URLs are not signed.
 * @throws {ConfigurationError} If they are missing, half there, or given in two ways.
 */
export function credentialsFromSettings(settings: Settings): RefreshableProvider | undefined {
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
  if (accessKey === undefined && secretKey === undefined && securityToken === undefined) {
    if (settings.querystringAuth) throw new ConfigurationError(NO_CREDENTIALS);
    return undefined;
  }
  const missing = accessKey === undefined ? "accessKey" : "secretKey";
  throw new ConfigurationError(
    `${missing} is missing: accessKey and secretKey must come together, from the options or from the environment`,
  );
}
