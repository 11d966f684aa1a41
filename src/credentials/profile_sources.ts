import type { ProviderContext } from "./context.ts";
import type { CredentialProvider } from "./provider.ts";
import type { SsoToken } from "./sso_token.ts";

/** The sources that profiles may name and that are not in them. */
export interface ProfileSources {
  readonly assumeRole: (options: {
    readonly roleArn: string;
    readonly roleSessionName?: string;
    readonly externalId?: string;
    readonly durationSeconds?: number;
    readonly source: CredentialProvider;
    readonly region?: string;
    readonly endpointUrl?: string;
    readonly context: ProviderContext;
  }) => CredentialProvider;
  readonly webIdentityCredentials: (options: {
    readonly roleArn: string;
    readonly webIdentityTokenFile: string;
    readonly roleSessionName?: string;
    readonly region?: string;
    readonly endpointUrl?: string;
    readonly context: ProviderContext;
  }) => CredentialProvider;
  readonly containerCredentials: (options: { readonly context: ProviderContext }) => CredentialProvider;
  readonly instanceMetadataCredentials: (options: { readonly context: ProviderContext }) => CredentialProvider;
  readonly environmentCredentials: (options: { readonly context: ProviderContext }) => CredentialProvider;
}

/** What profiles' credentials are made with. */
export interface ProfileCredentialsOptions {
  readonly context: ProviderContext;
  readonly sources: ProfileSources;
  /** The region of STS; without it that of the environment, then the profile's. */
  readonly region?: string | undefined;
  /** SSO tokens that were renewed, by their files. Kept beyond one provider, none is renewed twice. */
  readonly renewedTokens?: Map<string, SsoToken> | undefined;
  /**
   * How long a service of SSO may take to answer.
   * @default {10000}
   */
  readonly timeoutMilliseconds?: number | undefined;
}
