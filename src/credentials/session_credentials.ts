import { readProfile } from "../settings/profile.ts";
import { assumeRole } from "./assume_role.ts";
import { containerCredentials } from "./container.ts";
import type { ProviderContext } from "./context.ts";
import { type CredentialSource, defaultCredentials } from "./default_chain.ts";
import { environmentCredentials } from "./environment_credentials.ts";
import { fromProfile } from "./from_profile.ts";
import { instanceMetadataCredentials } from "./instance_metadata.ts";
import { profileCredentials } from "./profile_credentials.ts";
import type { CredentialProvider } from "./provider.ts";
import type { SsoToken } from "./sso_token.ts";
import { webIdentityCredentials } from "./web_identity.ts";

/** Where credentials are looked for. */
export interface SessionOptions {
  readonly context: ProviderContext;
  /** The one profile to take them from, instead of all places there are. */
  readonly profile?: string | undefined;
  /** The region of STS. */
  readonly region: string;
}

/**
 * What hands out credentials where none are given: the profile that is named, else the first place that has some.
 *
 * It is apart from what everybody loads, as those who give keys never need it.
 *
 * @throws {ConfigurationError} If the profile that is named is missing, names no credentials, or names them wrongly.
 */
export function sessionCredentials({ context, profile: name, region }: SessionOptions): CredentialProvider {
  const sources = {
    assumeRole,
    webIdentityCredentials,
    containerCredentials,
    instanceMetadataCredentials,
    environmentCredentials,
  };
  if (name !== undefined) return fromProfile({ profile: name, context, sources, region });
  const renewedTokens = new Map<string, SsoToken>();
  const profileSource = (ofRole: boolean): CredentialSource => () => {
    const profile = readProfile({ environment: context.environment });
    if (profile === undefined || (profile.get("role_arn") !== undefined) !== ofRole) return undefined;
    return profileCredentials(profile, { context, sources, region, renewedTokens })?.();
  };
  return defaultCredentials({ context, region, profileRole: profileSource(true), profile: profileSource(false) });
}
