import { serviceHost } from "../../aws/service_host.ts";
import { ConfigurationError } from "../../errors.ts";
import { unknownName } from "../../kit/text/closest.ts";
import { replaceTextFile } from "../../runtime/files/replace_text_file.ts";
import { checkRange } from "../../settings/checks.ts";
import { missingProfile } from "../../settings/profile/profile.ts";
import type { Profile } from "../../settings/profile/profile_files.ts";
import { NoCredentialsFound } from "../no_credentials.ts";
import { assumeRole } from "../sts/assume_role.ts";
import { containerCredentials } from "../endpoints/container.ts";
import type { ProviderContext } from "../context.ts";
import { environmentCredentials } from "../environment_credentials.ts";
import { instanceMetadataCredentials } from "../endpoints/instance_metadata.ts";
import { IssuedCredentials } from "../endpoints/issued_credentials.ts";
import { processCredentials } from "./process_credentials.ts";
import { profileSso } from "./profile_sso.ts";
import type { CredentialProvider } from "../../aws/credentials.ts";
import { ssoCredentials } from "../sso/sso_credentials.ts";
import type { SsoToken } from "../sso/sso_token.ts";
import { configuredEndpoint, hostChoice, type ServiceSettings } from "../service_endpoint.ts";
import type { StsSettings } from "../sts/sts.ts";
import { webIdentityCredentials } from "../sts/web_identity.ts";

/** Options of credentials from profiles. */
export interface ProfileCredentialsOptions extends Omit<ServiceSettings, "sessionProfile"> {
  /** The region of STS. @default that of the environment, else that of the profile */
  readonly region?: string | undefined;
  /** Renewed SSO tokens by their files. Shared by providers, so that none is renewed twice. */
  readonly renewedTokens?: Map<string, SsoToken> | undefined;
  /** The timeout of a program. @default 60 */
  readonly timeoutSeconds?: number | undefined;
  /** The timeout of requests to SSO. @default 10 */
  readonly ssoTimeoutSeconds?: number | undefined;
}

/**
 * Makes the provider of a profile's credentials, in boto3's order if the profile has several kinds.
 *
 * Source: AWS SDKs and Tools Reference Guide, "Standardized credential providers".
 *
 * @returns `undefined` if the profile has none.
 * @throws {ConfigurationError} If they are malformed.
 */
export function profileCredentials(
  profile: Profile,
  options: ProfileCredentialsOptions,
): CredentialProvider | undefined {
  return resolve(profile, [], chainFrom(profile, options));
}

/** Returns the STS options of a profile, for the role of a web identity. */
export function profileSts(profile: Profile, options: ProfileCredentialsOptions): StsSettings {
  return stsOptions(profile, chainFrom(profile, options));
}

function chainFrom(asked: Profile, options: ProfileCredentialsOptions): Chain {
  return { ...options, sessionProfile: asked };
}

/** Options that all profiles of a chain of sources share. */
interface Chain extends ProfileCredentialsOptions {
  /** The first profile of the chain. It alone decides on the addresses of services, as in boto3. */
  readonly sessionProfile: Profile;
}

/** Keys that must not be empty: an empty one means missing credentials, which another source must not replace. */
const NEVER_EMPTY = [
  "aws_access_key_id",
  "aws_secret_access_key",
  "role_arn",
  "source_profile",
  "credential_source",
  "web_identity_token_file",
  "credential_process",
  "sso_account_id",
  "sso_role_name",
  "sso_session",
];

/** @param trail The profiles that lead to this one as their source, the first of the chain first. */
function resolve(profile: Profile, trail: readonly string[], chain: Chain): CredentialProvider | undefined {
  const what = (key: string): string => `${key} of profile '${profile.name}'`;
  const { context } = chain;
  for (const key of NEVER_EMPTY) {
    if (profile.has(key) && profile.get(key) === undefined) {
      throw new ConfigurationError(`${what(key)} must not be empty`);
    }
  }
  const roleArn = profile.get("role_arn");
  const webIdentityTokenFile = profile.get("web_identity_token_file");
  if (webIdentityTokenFile !== undefined) {
    if (roleArn === undefined) throw new ConfigurationError(`${what("web_identity_token_file")} requires role_arn`);
    return webIdentityCredentials({ roleArn, webIdentityTokenFile, ...stsOptions(profile, chain) });
  }
  // In a source profile keys take precedence over a role, so that a profile may be its own source.
  if (roleArn !== undefined && (trail.length === 0 || profile.keysIn === undefined)) {
    return assumeRole({
      roleArn,
      externalId: profile.get("external_id"),
      durationSeconds: roleDuration(profile),
      source: roleSource(profile, trail, chain),
      ...stsOptions(profile, chain),
    });
  }
  const sso = profileSso(profile);
  if (sso !== undefined) {
    const hostUrl = (service: string): string => `https://${serviceHost(service, sso.region, hostChoice(chain))}`;
    return ssoCredentials({
      ...sso,
      portalUrl: configuredEndpoint("sso", chain) ?? hostUrl("portal.sso"),
      oidcUrl: configuredEndpoint("sso_oidc", chain) ?? hostUrl("oidc"),
      signIn: `run "aws sso login --profile ${profile.name}"`,
      context,
      replaceTextFile,
      renewed: chain.renewedTokens ?? new Map(),
      timeoutSeconds: chain.ssoTimeoutSeconds ?? 10,
    });
  }
  if (profile.keysIn === "credentials") return profileKeys(profile);
  if (profile.get("login_session") !== undefined) {
    throw new ConfigurationError(
      `${what("login_session")} is not supported: use another profile with credential_process = ` +
        `aws configure export-credentials --profile ${profile.name} --format process`,
    );
  }
  const commandLine = profile.get("credential_process");
  if (commandLine !== undefined) {
    return processCredentials({
      commandLine,
      what: what("credential_process"),
      now: context.now,
      timeoutMilliseconds: (chain.timeoutSeconds ?? 60) * 1000,
    });
  }
  return profile.keysIn === undefined ? undefined : profileKeys(profile);
}

/** Returns the options of STS for both ways of assuming a role. */
function stsOptions(profile: Profile, chain: Chain): StsSettings & { readonly roleSessionName: string | undefined } {
  const { context, sessionProfile, useFipsEndpoint } = chain;
  return {
    context,
    sessionProfile,
    useFipsEndpoint,
    roleSessionName: profile.get("role_session_name"),
    region: chain.region ?? context.environment("AWS_REGION") ?? context.environment("AWS_DEFAULT_REGION") ??
      profile.get("region") ?? sessionProfile.get("region"),
    endpointUrl: configuredEndpoint("sts", chain),
  };
}

/** Makes the provider of the credentials that may assume a profile's role. */
function roleSource(profile: Profile, trail: readonly string[], chain: Chain): CredentialProvider {
  const what = `Profile '${profile.name}'`;
  if (profile.get("mfa_serial") !== undefined) {
    throw new ConfigurationError(
      `${what} requires an MFA code (mfa_serial), which is not supported: get temporary keys with "aws sts ` +
        'get-session-token --serial-number … --token-code …" and store them in a profile to use as source_profile',
    );
  }
  const name = profile.get("source_profile");
  const kind = profile.get("credential_source");
  if ((name === undefined) === (kind === undefined)) {
    throw new ConfigurationError(`${what} has a role_arn, which requires either source_profile or credential_source`);
  }
  if (kind !== undefined) return namedSource(kind, what, chain);
  const source = profile.files.profiles.get(name!);
  if (source === undefined) {
    throw new ConfigurationError(`${what} has an invalid source_profile: ${missingProfile(name!, profile.files)}`);
  }
  const path = [...trail, profile.name];
  if (path.includes(source.name) && (source !== profile || source.keysIn === undefined)) {
    throw new ConfigurationError(
      `The source_profile settings form a loop: ${[...path, source.name].join(" → ")}`,
    );
  }
  const provider = resolve(source, path, chain);
  if (provider === undefined) {
    throw new ConfigurationError(`${what} has the source_profile '${source.name}', which has no credentials`);
  }
  return provider;
}

const NAMED_SOURCES: ReadonlyMap<string, (options: { context: ProviderContext }) => CredentialProvider> = new Map([
  ["Environment", environmentCredentials],
  ["EcsContainer", containerCredentials],
  ["Ec2InstanceMetadata", instanceMetadataCredentials],
]);

function namedSource(kind: string, what: string, { context }: Chain): CredentialProvider {
  const source = NAMED_SOURCES.get(kind)?.({ context });
  if (source === undefined) {
    throw new ConfigurationError(`${what}: ${unknownName("credential_source", kind, [...NAMED_SOURCES.keys()])}`);
  }
  return async () => {
    try {
      return await source();
    } catch (error) {
      if (!(error instanceof NoCredentialsFound)) throw error;
      throw new ConfigurationError(
        `${what} has the credential_source ${kind}, which has no credentials: ${error.message}`,
        {
          cause: error,
        },
      );
    }
  };
}

function roleDuration(profile: Profile): number | undefined {
  const text = profile.get("duration_seconds");
  if (text === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : text;
  checkRange(`duration_seconds of profile '${profile.name}'`, seconds, 900, 43_200, "seconds");
  return seconds as number;
}

/** Makes the provider of a profile's keys. All parts come from one file. */
function profileKeys(profile: Profile): CredentialProvider {
  const accessKeyId = profile.get("aws_access_key_id");
  const secretAccessKey = profile.get("aws_secret_access_key");
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const missing = accessKeyId === undefined ? "aws_access_key_id" : "aws_secret_access_key";
    throw new ConfigurationError(
      `${missing} is missing: the ${profile.keysIn} file has only a part of the keys of profile '${profile.name}'`,
    );
  }
  const sessionToken = profile.get("aws_session_token") ?? profile.get("aws_security_token");
  const credentials = new IssuedCredentials({ accessKeyId, secretAccessKey, sessionToken });
  return () => credentials;
}
