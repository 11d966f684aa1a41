import { ConfigurationError } from "../errors.ts";
import { readProfile, type ReadProfileOptions } from "../settings/profile.ts";
import type { Profile } from "../settings/profile_files.ts";
import { type CredentialSource, defaultCredentials } from "./default_chain.ts";
import { profileCredentials, type ProfileCredentialsOptions, profileSts } from "./profile/profile_credentials.ts";
import type { CredentialProvider } from "../aws/credentials.ts";
import type { SsoToken } from "./sso/sso_token.ts";
import { webIdentityFromEnvironment } from "./sts/web_identity.ts";

/** The sources of credentials. */
export interface SessionOptions extends Omit<ProfileCredentialsOptions, "renewedTokens"> {
  /** The only profile to use, instead of all sources. */
  readonly profile?: string | undefined;
  /** Reads the files of profiles. */
  readonly readTextFileSync?: ReadProfileOptions["readTextFile"];
  /** Throws if the profile has changed so that it must not be used. */
  readonly checkProfile?: (profile: Profile | undefined) => void;
}

/**
 * Makes the provider for settings without credentials: the named profile, else the first source that has credentials.
 * The files are read at each call, as programs change them.
 *
 * The provider throws a {@linkcode ConfigurationError} if the profile is missing, has no credentials, or is malformed.
 */
export function sessionCredentials(given: SessionOptions): CredentialProvider {
  const { profile: name, readTextFileSync: readTextFile, checkProfile, ...rest } = given;
  const options = { ...rest, renewedTokens: new Map<string, SsoToken>() };
  const { environment } = options.context;
  const read = (): Profile | undefined => {
    const profile = readProfile({ name, environment, readTextFile });
    checkProfile?.(profile);
    return profile;
  };
  if (name === undefined) {
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
  return () => {
    const provider = profileCredentials(read()!, options);
    if (provider !== undefined) return provider();
    throw new ConfigurationError(
      `Profile '${name}' has no credentials: it needs aws_access_key_id, role_arn, credential_process, ` +
        "or sso_account_id and sso_role_name",
    );
  };
}

/** Whether boto3 assumes the profile's role before a web identity: not if the profile has a web identity itself. */
function isRole(profile: Profile): boolean {
  return profile.has("role_arn") && !profile.has("web_identity_token_file");
}
