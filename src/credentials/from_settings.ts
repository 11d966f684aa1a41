import { ConfigurationError } from "../errors.ts";
import { readEnvironment } from "../runtime/environment.ts";
import { readTextFile } from "../runtime/files.ts";
import type { Settings } from "../settings/resolve.ts";
import { type CredentialProvider, type RefreshableProvider, staticCredentials } from "./provider.ts";
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

/** One for all storages that look in the same places, so that these are asked once. */
const sessions = new Map<string, RefreshableProvider>();

function ofSession({ sessionProfile, regionName }: Settings): RefreshableProvider {
  const id = JSON.stringify([sessionProfile, regionName]);
  let session = sessions.get(id);
  if (session === undefined) {
    const context = {
      environment: readEnvironment,
      readTextFile,
      fetch: (request: Request): Promise<Response> => fetch(request),
      now: (): Date => new Date(),
    };
    let provider: CredentialProvider | undefined;
    const load = async (): Promise<CredentialProvider> => {
      const { sessionCredentials } = await import("./session_credentials.ts");
      return sessionCredentials({ context, profile: sessionProfile, region: regionName });
    };
    session = refreshingCredentials(async () => await (provider ??= await load())(), { context });
    sessions.set(id, session);
  }
  return session;
}
