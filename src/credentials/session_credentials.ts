import { ConfigurationError } from "../errors.ts";
import { readProfile, type ReadProfileOptions } from "../settings/profile.ts";
import type { Profile } from "../settings/profile_files.ts";
import { type CredentialSource, defaultCredentials } from "./default_chain.ts";
import { profileCredentials, type ProfileCredentialsOptions, profileSts } from "./profile/profile_credentials.ts";
import type { CredentialProvider } from "../aws/credentials.ts";
import type { SsoToken } from "./sso/sso_token.ts";
import { webIdentityFromEnvironment } from "./sts/web_identity.ts";

/** Where credentials are looked for. */
export interface SessionOptions extends Omit<ProfileCredentialsOptions, "renewedTokens"> {
  /** The one profile to take them from, instead of all places there are. */
  readonly profile?: string | undefined;
  /** Reads the files of profiles. */
  readonly readTextFileSync?: ReadProfileOptions["readTextFile"];
  /** Throws where what the files now say of the profile is not to be used. */
  readonly checkProfile?: (profile: Profile | undefined) => void;
}

/**
 * What hands out credentials where none are given: the profile that is named, else the first place that has some. The
 * files are read whenever it is asked: programs change them.
 *
 * It is apart from what everybody loads, as those who give keys never need it.
 *
 * @throws {ConfigurationError} If the profile is missing, names no credentials, or names them wrongly; the provider does.
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
      `The profile ${name} names no credentials: it needs an aws_access_key_id, a role_arn, a credential_process, ` +
        "or sso_account_id and sso_role_name",
    );
  };
}

/** Whether boto3 asks for a role of it ahead of a web identity: not where it has the token of one itself. */
function isRole(profile: Profile): boolean {
  return profile.has("role_arn") && !profile.has("web_identity_token_file");
}
