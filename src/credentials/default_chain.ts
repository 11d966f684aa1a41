import { ConfigurationError } from "../errors.ts";
import { isEdge } from "../runtime/detect.ts";
import { NoCredentialsFound } from "./no_credentials.ts";
import { containerCredentials } from "./endpoints/container.ts";
import { environmentCredentials } from "./environment_credentials.ts";
import { instanceMetadataCredentials } from "./endpoints/instance_metadata.ts";
import type { ProviderContext } from "./context.ts";
import type { CredentialProvider, Credentials, RefreshableProvider } from "../aws/credentials.ts";
import type { StsSettings } from "./sts/sts.ts";
import { webIdentityFromEnvironment } from "./sts/web_identity.ts";

/** A source of credentials: returns `undefined` if it has none. */
export type CredentialSource = () => Credentials | undefined | Promise<Credentials | undefined>;

/** The sources of the chain in addition to the environment and the services of containers and instances. */
export interface DefaultCredentialsOptions extends StsSettings {
  /** The role that the profile names, which boto3 assumes before a web identity. */
  readonly profileRole?: CredentialSource | undefined;
  /** The role of a web identity. @default that of the environment */
  readonly webIdentity?: CredentialSource | undefined;
  /** The profile that the code names: then no credentials in the environment are used, as in boto3. */
  readonly profileName?: string | undefined;
  /** All other credentials of the profile. */
  readonly profile?: CredentialSource | undefined;
  /** Whether this is a runtime without environment and files. @default detected */
  readonly edge?: boolean;
}

/** A provider that says which source it is asking. */
type NamedProvider = CredentialProvider & Required<Pick<RefreshableProvider, "source">>;

const ADVICE = "Set the options accessKey and secretKey, the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, " +
  "a profile, or the option credentials";

/**
 * Makes a provider that returns the first credentials found, in the order of boto3's default session: environment, the
 * profile's role, web identity, the rest of the profile, container, instance metadata. If the code names the profile, the
 * variables of keys and web identities are not used. Later calls use only the source that had credentials. Source:
 * botocore, create_credential_resolver.
 *
 * The provider throws a {@linkcode ConfigurationError} if no source has credentials, and names the reason for each. A
 * source that is configured but fails is an error, and later sources are not used. So is a source that had credentials
 * and has none now.
 */
export function defaultCredentials(options: DefaultCredentialsOptions): NamedProvider {
  const { context, profileRole, webIdentity = webIdentityFromEnvironment(options), profile, edge = isEdge() } = options;
  const { profileName } = options;
  const isNamed = profileName !== undefined;
  const sources: Array<[name: string, source: CredentialSource | undefined]> = [
    ["environment", isNamed ? undefined : environmentCredentials({ context })],
    ["the profile's role", configured(profileRole)],
    ["web identity", isNamed ? undefined : webIdentity],
    [isNamed ? `profile '${profileName}'` : "profile", configured(profile)],
    ["AWS_CREDENTIAL_FILE", () => refuseOldFile(context)],
    ["container", containerCredentials({ context })],
    ["instance metadata", edge ? undefined : instanceMetadataCredentials({ context })],
  ];
  let chosen: (typeof sources)[number] | undefined;
  let asked = sources[0]![0];
  const provide = async (): Promise<Credentials> => {
    if (chosen !== undefined) {
      const [name, source] = chosen;
      const again = await source?.();
      if (again !== undefined) return again;
      throw new ConfigurationError(
        `Cannot renew credentials: ${name} no longer has any. No other source is used instead`,
      );
    }
    const absences: string[] = [];
    for (const entry of sources) {
      const [name, source] = entry;
      if (source === undefined) continue;
      asked = name;
      try {
        const credentials = await source();
        if (credentials !== undefined) {
          chosen = entry;
          return credentials;
        }
        absences.push(`${name}: none`);
      } catch (error) {
        if (!(error instanceof NoCredentialsFound)) throw error;
        absences.push(`${name}: ${error.message}`);
      }
    }
    throw new ConfigurationError(
      edge
        ? "No credentials found: this runtime has no files and no instance metadata. Set the options accessKey and " +
          "secretKey, or the option credentials to a function"
        : `${isNamed ? withoutCredentials(profileName) : `No credentials found. ${ADVICE}`}. Tried ${
          absences.join("; ")
        }`,
    );
  };
  return Object.assign(provide, { source: () => asked });
}

function withoutCredentials(profileName: string): string {
  return `Profile '${profileName}' has no credentials: it needs aws_access_key_id, role_arn, credential_process, or ` +
    "sso_account_id and sso_role_name";
}

/** Makes the absence of credentials that a profile refers to an error, so that later sources are not used. */
function configured(source: CredentialSource | undefined): CredentialSource | undefined {
  return source && (async () => {
    try {
      return await source();
    } catch (error) {
      throw error instanceof NoCredentialsFound ? new ConfigurationError(error.message, { cause: error }) : error;
    }
  });
}

/** Refuses the credentials file of Amazon's first tools, which boto3 still reads, as its keys would be expected. */
function refuseOldFile({ environment }: ProviderContext): undefined {
  if (environment("AWS_CREDENTIAL_FILE") === undefined) return undefined;
  throw new ConfigurationError("AWS_CREDENTIAL_FILE is not supported: move its keys to ~/.aws/credentials");
}
