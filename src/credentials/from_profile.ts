import { ConfigurationError } from "../errors.ts";
import { readProfile, type ReadProfileOptions } from "../settings/profile.ts";
import { profileCredentials } from "./profile_credentials.ts";
import type { ProfileCredentialsOptions } from "./profile_sources.ts";
import type { CredentialProvider } from "./provider.ts";
import type { SsoToken } from "./sso_token.ts";

/** Which profile, and what its credentials are made with. */
export interface FromProfileOptions extends ProfileCredentialsOptions {
  /** The profile's name; without it as {@linkcode ReadProfileOptions.name}. */
  readonly profile?: string | undefined;
  /** Reads the files of profiles. */
  readonly readTextFileSync?: ReadProfileOptions["readTextFile"];
}

/**
 * Credentials from a profile. The files are read at once, and again whenever it is asked again: programs change them.
 *
 * @throws {ConfigurationError} If there is no such profile, it names no credentials, or names them wrongly.
 */
export function fromProfile(options: FromProfileOptions): CredentialProvider {
  const { profile: name, readTextFileSync: readTextFile, ...rest } = options;
  const renewedTokens = new Map<string, SsoToken>();
  const find = (): CredentialProvider => {
    const profile = readProfile({ name, environment: rest.context.environment, readTextFile });
    const provider = profile && profileCredentials(profile, { renewedTokens, ...rest });
    if (provider !== undefined) return provider;
    throw new ConfigurationError(
      `The profile ${profile?.name ?? "default"} ${profile ? "names no credentials" : "is not there"}: it needs an ` +
        "aws_access_key_id, a role_arn, a credential_process, or sso_account_id and sso_role_name",
    );
  };
  let found: CredentialProvider | undefined = find();
  return () => {
    const provider = found ?? find();
    found = undefined;
    return provider();
  };
}
