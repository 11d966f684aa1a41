import { ConfigurationError } from "../errors.ts";
import { isEdge } from "../runtime/edge.ts";
import { NoCredentialsHere } from "./absent.ts";
import { containerCredentials } from "./container.ts";
import { environmentCredentials } from "./environment_credentials.ts";
import { instanceMetadataCredentials } from "./instance_metadata.ts";
import type { CredentialProvider, Credentials } from "./provider.ts";
import type { StsPlace } from "./sts.ts";
import { webIdentityFromEnvironment } from "./web_identity.ts";

/** A place where credentials may be: gives `undefined`, or throws {@linkcode NoCredentialsHere}, where there are none. */
export type CredentialSource = () => Credentials | undefined | Promise<Credentials | undefined>;

/** What the chain looks at beside the environment and the services of containers and instances. */
export interface DefaultCredentialsOptions extends StsPlace {
  /** The role that the profile names, which boto3 asks for ahead of a web identity. */
  readonly profileRole?: CredentialSource | undefined;
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
 * does not work is an error as well, and nothing that comes after it is asked.
 */
export function defaultCredentials(options: DefaultCredentialsOptions): CredentialProvider {
  const { context, profileRole, profile, edge = isEdge() } = options;
  const places: Array<[name: string, source: CredentialSource | undefined]> = [
    ["environment", environmentCredentials({ context })],
    ["the profile's role", profileRole],
    ["web identity", webIdentityFromEnvironment(options)],
    ["profile", profile],
    ["container", containerCredentials({ context })],
    ["instance metadata", edge ? undefined : instanceMetadataCredentials({ context })],
  ];
  let winner: CredentialSource | undefined;
  return async () => {
    const again = await winner?.();
    if (again !== undefined) return again;
    const lacking: string[] = [];
    for (const [name, source] of places) {
      if (source === undefined) continue;
      try {
        const credentials = await source();
        if (credentials !== undefined) {
          winner = source;
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
