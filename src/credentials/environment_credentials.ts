import { ConfigurationError } from "../errors.ts";
import { NoCredentialsHere } from "./no_credentials.ts";
import type { ProviderContext } from "./context.ts";
import { IssuedCredentials } from "./endpoints/issued_credentials.ts";
import type { CredentialProvider } from "../aws/credentials.ts";

/**
 * Credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and, for temporary ones, AWS_SESSION_TOKEN (by its old name
 * AWS_SECURITY_TOKEN) and AWS_CREDENTIAL_EXPIRATION. The variables are read at each call.
 * Source: botocore, EnvProvider.
 *
 * @throws {ConfigurationError} If only some of them are there; the provider does.
 */
export function environmentCredentials({ context }: { context: ProviderContext }): CredentialProvider {
  return () => {
    const read = context.environment;
    const accessKeyId = read("AWS_ACCESS_KEY_ID");
    const secretAccessKey = read("AWS_SECRET_ACCESS_KEY");
    const sessionToken = read("AWS_SESSION_TOKEN") ?? read("AWS_SECURITY_TOKEN");
    if (accessKeyId === undefined && secretAccessKey === undefined && sessionToken === undefined) {
      throw new NoCredentialsHere("AWS_ACCESS_KEY_ID is not set");
    }
    if (accessKeyId === undefined || secretAccessKey === undefined) {
      const missing = accessKeyId === undefined ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY";
      throw new ConfigurationError(
        `${missing} is not set: it must come together with the other variables of the same credentials`,
      );
    }
    const expiration = read("AWS_CREDENTIAL_EXPIRATION");
    return new IssuedCredentials({ accessKeyId, secretAccessKey, sessionToken, expiration });
  };
}
