import { ConfigurationError } from "../errors.ts";
import { isEdge } from "../runtime/detect.ts";
import { NoCredentialsHere } from "./no_credentials.ts";
import { containerCredentials } from "./endpoints/container.ts";
import { environmentCredentials } from "./environment_credentials.ts";
import { instanceMetadataCredentials } from "./endpoints/instance_metadata.ts";
import type { ProviderContext } from "./context.ts";
import type { CredentialProvider, Credentials } from "../aws/credentials.ts";
import type { StsPlace } from "./sts/sts.ts";
import { webIdentityFromEnvironment } from "./sts/web_identity.ts";

/** A place where credentials may be: gives `undefined` where there are none. */
export type CredentialSource = () => Credentials | undefined | Promise<Credentials | undefined>;

/** What the chain looks at beside the environment and the services of containers and instances. */
export interface DefaultCredentialsOptions extends StsPlace {
  /** The role that the profile names, which boto3 asks for ahead of a web identity. */
  readonly profileRole?: CredentialSource | undefined;
  /** The token of a web identity. @default that of the environment */
  readonly webIdentity?: CredentialSource | undefined;
  /** All else that the profile holds. */
  readonly profile?: CredentialSource | undefined;
  /** Whether this is a runtime without environment and files. @default what it looks like */
  readonly edge?: boolean;
}

const ADVICE = "Set the options accessKey and secretKey, the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, " +
  "a profile, or the option credentials";

/**
 * The first credentials that there are, in the order of boto3's default session: environment, the profile's role, web
 * identity, the rest of the profile, container, instance metadata. Whoever gave them is asked alone from then on.
 * Source: botocore, create_credential_resolver.
 *
 * @throws {ConfigurationError} If there are none, with what each place lacks; the provider does. What is configured and
 * does not work is an error as well, and nothing that comes after it is asked. So is what gave credentials once, and gives
 * none any more.
 */
export function defaultCredentials(options: DefaultCredentialsOptions): CredentialProvider {
  const { context, profileRole, webIdentity = webIdentityFromEnvironment(options), profile, edge = isEdge() } = options;
  const places: Array<[name: string, source: CredentialSource | undefined]> = [
    ["environment", environmentCredentials({ context })],
    ["the profile's role", configured(profileRole)],
    ["web identity", webIdentity],
    ["profile", configured(profile)],
    ["AWS_CREDENTIAL_FILE", () => refuseOldestFile(context)],
    ["container", containerCredentials({ context })],
    ["instance metadata", edge ? undefined : instanceMetadataCredentials({ context })],
  ];
  let winner: (typeof places)[number] | undefined;
  return async () => {
    if (winner !== undefined) {
      const [name, source] = winner;
      const again = await source?.();
      if (again !== undefined) return again;
      throw new ConfigurationError(
        `No credentials were found where they were before (${name}): no other place is asked`,
      );
    }
    const lacking: string[] = [];
    for (const place of places) {
      const [name, source] = place;
      if (source === undefined) continue;
      try {
        const credentials = await source();
        if (credentials !== undefined) {
          winner = place;
          return credentials;
        }
        lacking.push(`${name}: nothing`);
      } catch (error) {
        if (!(error instanceof NoCredentialsHere)) throw error;
        lacking.push(`${name}: ${error.message}`);
      }
    }
    throw new ConfigurationError(
      edge
        ? "No credentials were found: this runtime has no files and no instance to ask. Set the options accessKey and " +
          "secretKey, or the option credentials to a function"
        : `No credentials were found. ${ADVICE}. Looked at ${lacking.join("; ")}`,
    );
  };
}

/** What a profile refers to is configured: where that has nothing, no other place is asked. */
function configured(source: CredentialSource | undefined): CredentialSource | undefined {
  return source && (async () => {
    try {
      return await source();
    } catch (error) {
      throw error instanceof NoCredentialsHere ? new ConfigurationError(error.message, { cause: error }) : error;
    }
  });
}

/** The file of Amazon's first tools, which boto3 still reads. Whoever sets the variable means its keys, and no others. */
function refuseOldestFile({ environment }: ProviderContext): undefined {
  if (environment("AWS_CREDENTIAL_FILE") === undefined) return undefined;
  throw new ConfigurationError("AWS_CREDENTIAL_FILE is not supported: move its keys to the credentials file of AWS");
}
