import { readProfile, type ReadProfileOptions } from "../settings/profile/profile.ts";
import type { Profile } from "../settings/profile/profile_files.ts";
import { type CredentialSource, defaultCredentials } from "./default_chain.ts";
import { profileCredentials, type ProfileCredentialsOptions, profileSts } from "./profile/profile_credentials.ts";
import type { SsoToken } from "./sso/sso_token.ts";
import { webIdentityFromEnvironment } from "./sts/web_identity.ts";

/** The sources of credentials. */
export interface SessionOptions extends Omit<ProfileCredentialsOptions, "renewedTokens"> {
  /** The profile that the code names. Then the variables of keys and web identities are not used. */
  readonly profile?: string | undefined;
  /** Reads the files of profiles. */
  readonly readTextFileSync?: ReadProfileOptions["readTextFile"];
  /** Throws if the profile has changed so that it must not be used. */
  readonly checkProfile?: (profile: Profile | undefined) => void;
}

/** Variables of instance metadata whose settings may also be in the profile. Source: botocore, configprovider.py. */
const METADATA_SETTINGS = /^AWS_(EC2_METADATA_SERVICE_ENDPOINT(_MODE)?|METADATA_SERVICE_(TIMEOUT|NUM_ATTEMPTS))$/;

/**
 * Makes the provider for settings without credentials: the first source that has credentials, as in boto3. A named profile
 * without credentials continues with those of the container and the instance. The files are read at each call, as programs
 * change them.
 *
 * The provider throws a {@linkcode ConfigurationError} if the profile is missing or malformed, or no source has
 * credentials.
 */
export function sessionCredentials(given: SessionOptions): ReturnType<typeof defaultCredentials> {
  const { profile: name, readTextFileSync: readTextFile, checkProfile, ...rest } = given;
  const { environment } = rest.context;
  const read = (): Profile | undefined => {
    const profile = readProfile({ name, environment, readTextFile });
    checkProfile?.(profile);
    return profile;
  };
  const context = {
    ...rest.context,
    environment: (variable: string): string | undefined =>
      environment(variable) ??
        (METADATA_SETTINGS.test(variable) ? read()?.get(variable.slice(4).toLowerCase()) : undefined),
  };
  const options = { ...rest, context, renewedTokens: new Map<string, SsoToken>() };
  if (name !== undefined) {
    return defaultCredentials({
      ...options,
      profileName: name,
      profile: () => profileCredentials(read()!, options)?.(),
    });
  }
  const source = (ofRole: boolean): CredentialSource => () => {
    const profile = read();
    if (profile === undefined || isRole(profile) !== ofRole) return undefined;
    return profileCredentials(profile, options)?.();
  };
  const webIdentity: CredentialSource = () => {
    const profile = read();
    return webIdentityFromEnvironment(profile === undefined ? options : profileSts(profile, options), profile)();
  };
  return defaultCredentials({ ...options, profileRole: source(true), webIdentity, profile: source(false) });
}

/** Whether boto3 assumes the profile's role before a web identity: not if the profile has a web identity itself. */
function isRole(profile: Profile): boolean {
  return profile.has("role_arn") && !profile.has("web_identity_token_file");
}
