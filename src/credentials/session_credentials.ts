import { ConfigurationError } from "../errors.ts";
import { readProfile, type ReadProfileOptions } from "../settings/profile.ts";
import type { Profile } from "../settings/profile_files.ts";
import { type CredentialSource, defaultCredentials } from "./default_chain.ts";
import { profileCredentials, type ProfileCredentialsOptions } from "./profile_credentials.ts";
import type { CredentialProvider } from "./provider.ts";
import type { SsoToken } from "./sso_token.ts";

/** Where credentials are looked for. */
export interface SessionOptions extends Omit<ProfileCredentialsOptions, "renewedTokens"> {
  /** The one profile to take them from, instead of all places there are. */
  readonly profile?: string | undefined;
  /** Reads the files of profiles. */
  readonly readTextFileSync?: ReadProfileOptions["readTextFile"];
}

/**
 * What hands out credentials where none are given: the profile that is named, else the first place that has some. The
 * files are read whenever it is asked: programs change them.
 *
 * It is apart from what everybody loads, as those who give keys never need it.
 *
 * @throws {ConfigurationError} If the profile is missing, names no credentials, or names them wrongly; the provider does.
 */
export function sessionCredentials({ profile: name, readTextFileSync, ...rest }: SessionOptions): CredentialProvider {
  const options = { ...rest, renewedTokens: new Map<string, SsoToken>() };
  const { environment } = options.context;
  const read = (): Profile | undefined => readProfile({ name, environment, readTextFile: readTextFileSync });
  if (name === undefined) {
    const source = (ofRole: boolean): CredentialSource => () => {
      const profile = read();
      if (profile === undefined || (profile.get("role_arn") !== undefined) !== ofRole) return undefined;
      return profileCredentials(profile, options)?.();
    };
    return defaultCredentials({ ...options, profileRole: source(true), profile: source(false) });
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
