import { ConfigurationError } from "../errors.ts";
import { encodeHex, encodeUtf8 } from "../kit/bytes/bytes.ts";
import { readTextFile } from "../runtime/files/text_files.ts";
import { checkEndpointUrl } from "../settings/checks.ts";
import { readProfile } from "../settings/profile/profile.ts";
import type { Profile } from "../settings/profile/profile_files.ts";
import { profileEndpoint } from "../settings/profile/profile_settings.ts";
import type { Settings, SettingsOrigin } from "../settings/resolve.ts";
import type { RefreshableProvider } from "../aws/credentials.ts";
import { refreshingCredentials } from "./refreshing.ts";
import { sessionCredentials } from "./session_credentials.ts";

/** The most shared sessions; beyond it, the oldest is dropped. */
const MAX_SESSIONS = 100;

/** Sessions by a hash of everything that decides on the credentials, as environment and files hold secrets. */
const sessions = new Map<string, RefreshableProvider>();

/**
 * Returns the provider for settings without credentials. Storages share it if their environment, AWS files, profile,
 * region and endpoint are the same, so that each source is requested once.
 *
 * It uses the environment of the settings, so that no other profile's keys go to their endpoint. The files are read
 * again when credentials are renewed, as programs change them; a profile with another endpoint is then refused.
 */
export async function sharedSession(settings: Settings, origin: SettingsOrigin): Promise<RefreshableProvider> {
  const id = await sessionId(settings, origin);
  let session = sessions.get(id);
  if (session === undefined) {
    session = makeSession(settings, origin);
    if (sessions.size >= MAX_SESSIONS) sessions.delete(sessions.keys().next().value!);
    sessions.set(id, session);
  }
  return session;
}

/** The variables that the providers read, and the AWS programs that profiles run. */
export const VARIABLES: readonly string[] = [
  "HOME",
  "USERPROFILE",
  ...[
    "ACCESS_KEY_ID",
    "CONFIG_FILE",
    "CONTAINER_AUTHORIZATION_TOKEN",
    "CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "CONTAINER_CREDENTIALS_FULL_URI",
    "CONTAINER_CREDENTIALS_RELATIVE_URI",
    "CREDENTIAL_EXPIRATION",
    "CREDENTIAL_FILE",
    "DEFAULT_PROFILE",
    "DEFAULT_REGION",
    "EC2_METADATA_DISABLED",
    "EC2_METADATA_SERVICE_ENDPOINT",
    "EC2_METADATA_SERVICE_ENDPOINT_MODE",
    "ENDPOINT_URL",
    "ENDPOINT_URL_SSO",
    "ENDPOINT_URL_SSO_OIDC",
    "ENDPOINT_URL_STS",
    "IGNORE_CONFIGURED_ENDPOINT_URLS",
    "METADATA_SERVICE_NUM_ATTEMPTS",
    "METADATA_SERVICE_TIMEOUT",
    "PROFILE",
    "REGION",
    "ROLE_ARN",
    "ROLE_SESSION_NAME",
    "SECRET_ACCESS_KEY",
    "SECURITY_TOKEN",
    "SESSION_TOKEN",
    "SHARED_CREDENTIALS_FILE",
    "STS_REGIONAL_ENDPOINTS",
    "USE_DUALSTACK_ENDPOINT",
    "USE_FIPS_ENDPOINT",
    "WEB_IDENTITY_TOKEN_FILE",
  ].map((name) => `AWS_${name}`),
];

async function sessionId(settings: Settings, { environment, files }: SettingsOrigin): Promise<string> {
  // If variables cannot be listed, this reads them into the snapshot, where they no longer change.
  const read = VARIABLES.map((name) => environment(name));
  const { sessionProfile, regionName, endpointUrl, useFipsEndpoint, clientConfig } = settings;
  const { credentialsTimeout } = clientConfig;
  const variables = Object.entries(environment.variables ?? read).sort();
  const all = JSON.stringify([
    ...[sessionProfile, regionName, endpointUrl, useFipsEndpoint, credentialsTimeout, variables],
    ...files,
  ]);
  return encodeHex(new Uint8Array(await crypto.subtle.digest("SHA-256", encodeUtf8(all))));
}

function makeSession(settings: Settings, origin: SettingsOrigin): RefreshableProvider {
  const { sessionProfile: profile, regionName: region, useFipsEndpoint } = settings;
  const timeoutSeconds = settings.clientConfig.credentialsTimeout;
  const context = {
    environment: origin.environment,
    readTextFile,
    fetch: (request: Request): Promise<Response> => fetch(request),
    now: (): Date => new Date(),
    waitUntil: settings.waitUntil,
  };
  const checkProfile = endpointCheck(settings, origin);
  const session = sessionCredentials({ context, profile, region, useFipsEndpoint, timeoutSeconds, checkProfile });
  return refreshingCredentials(session, { context, timeoutSeconds });
}

/** Refuses a profile that has changed to another endpoint than the settings took from it. */
function endpointCheck(
  { sessionProfile: name, endpointUrl }: Settings,
  { environment, files }: SettingsOrigin,
): (profile: Profile | undefined) => void {
  const endpointOf = (profile: Profile | undefined): string | undefined => {
    const endpoint = profile && profileEndpoint(profile, "s3", environment);
    return endpoint && checkEndpointUrl(endpoint).href;
  };
  if (files.size === 0) return () => {};
  const before = endpointOf(readProfile({ name, environment, readTextFile: (path) => files.get(path) }));
  if (before !== endpointUrl?.href) return () => {}; // the endpoint comes from another source
  return (profile) => {
    if (endpointOf(profile) === before) return;
    throw new ConfigurationError(
      "The endpoint_url of the profile has changed since the storage was created: create a new storage to use it",
    );
  };
}
