import { ConfigurationError } from "../errors.ts";
import { NoCredentialsFound } from "./no_credentials.ts";
import type { ProviderContext } from "./context.ts";
import { IssuedCredentials } from "./endpoints/issued_credentials.ts";
import type { CredentialProvider } from "../aws/credentials.ts";

/**
 * Makes a provider of the credentials in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary ones,
 * AWS_SESSION_TOKEN (old name: AWS_SECURITY_TOKEN) and AWS_CREDENTIAL_EXPIRATION. The variables are read at each call.
 * Source: botocore, EnvProvider.
 *
 * The provider throws a {@linkcode ConfigurationError} if only some of the variables are set.
 */
export function environmentCredentials({ context }: { context: ProviderContext }): CredentialProvider {
  return () => {
    const read = context.environment;
    const accessKeyId = read("AWS_ACCESS_KEY_ID");
    const secretAccessKey = read("AWS_SECRET_ACCESS_KEY");
    const sessionToken = read("AWS_SESSION_TOKEN") ?? read("AWS_SECURITY_TOKEN");
    if (accessKeyId === undefined && secretAccessKey === undefined && sessionToken === undefined) {
      throw new NoCredentialsFound("AWS_ACCESS_KEY_ID is not set");
    }
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      const missing = accessKeyId === undefined ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY";
      throw new ConfigurationError(
        `${missing} is not set, but other variables of the same credentials are: set all or none`,
      );
    }
    const expiration = read("AWS_CREDENTIAL_EXPIRATION");
    return new IssuedCredentials({ accessKeyId, secretAccessKey, sessionToken, expiration });
  };
}
