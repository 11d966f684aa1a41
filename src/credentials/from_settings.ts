import { ConfigurationError } from "../errors.ts";
import type { Settings } from "../settings/resolve.ts";
import { type CredentialProvider, staticCredentials } from "./provider.ts";

/** What the service refuses to be asked without. */
export const NO_CREDENTIALS = "No credentials are configured: set the options accessKey and secretKey, the variables " +
  "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the option credentials";

/**
 * Who hands out the credentials that the settings ask for.
 *
 * @returns `undefined` where none are configured and none are needed, since URLs are not signed.
 * @throws {ConfigurationError} If they are missing, half there, or given in two ways.
 */
export function credentialsFromSettings(settings: Settings): CredentialProvider | undefined {
  const { accessKey, secretKey, securityToken, credentials } = settings;
  if (credentials !== undefined) {
    if (accessKey !== undefined || secretKey !== undefined || securityToken !== undefined) {
      throw new ConfigurationError("The option credentials excludes accessKey, secretKey and securityToken: give one");
    }
    return credentials;
  }
  if (accessKey !== undefined && secretKey !== undefined) {
    return staticCredentials({
      accessKeyId: accessKey,
      secretAccessKey: secretKey.reveal(),
      sessionToken: securityToken?.reveal(),
    });
  }
  if (accessKey === undefined && secretKey === undefined && securityToken === undefined) {
    return undefined;
  }
  const missing = accessKey === undefined ? "accessKey" : "secretKey";
  throw new ConfigurationError(
    `${missing} is missing: accessKey and secretKey must come together, from the options or from the environment`,
  );
}
