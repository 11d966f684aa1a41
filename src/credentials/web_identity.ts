import { ConfigurationError } from "../errors.ts";
import { NoCredentialsHere } from "./absent.ts";
import { checkRole, sessionName } from "./assume_role.ts";
import type { CredentialProvider } from "./provider.ts";
import { askSts, type StsPlace } from "./sts.ts";

/** Whom to be, and where the token is that proves it. */
export interface WebIdentityOptions extends StsPlace {
  /** The role's ARN. */
  readonly roleArn: string;
  /** The file with the identity provider's token. */
  readonly webIdentityTokenFile: string;
  /** What the role's use is called in logs. @default a name with the time */
  readonly roleSessionName?: string | undefined;
}

/**
 * Credentials of a role for the token in a file, by STS AssumeRoleWithWebIdentity. Each call reads the file, whose token
 * is replaced before it ends, and asks STS.
 *
 * @throws {ConfigurationError} If an option cannot be right, or, by the provider, there is no such file.
 */
export function webIdentityCredentials(options: WebIdentityOptions): CredentialProvider {
  const { roleArn, webIdentityTokenFile, roleSessionName, ...place } = options;
  checkRole(roleArn, roleSessionName);
  return async () => {
    const token = (await place.context.readTextFile(webIdentityTokenFile))?.trim();
    if (!token) {
      throw new ConfigurationError(
        `The web identity token's file ${webIdentityTokenFile} is ${
          token === "" ? "empty" : "missing, or not readable"
        }`,
      );
    }
    return await askSts(place, "AssumeRoleWithWebIdentity", {
      RoleArn: roleArn,
      RoleSessionName: roleSessionName ?? sessionName(place.context.now()),
      WebIdentityToken: token,
    });
  };
}

/**
 * The same by AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME, as EKS sets them.
 *
 * @throws {ConfigurationError} If there is a file and no role; the provider does.
 */
export function webIdentityFromEnvironment(place: StsPlace): CredentialProvider {
  return () => {
    const read = place.context.environment;
    const webIdentityTokenFile = read("AWS_WEB_IDENTITY_TOKEN_FILE");
    const roleArn = read("AWS_ROLE_ARN");
    if (webIdentityTokenFile === undefined) throw new NoCredentialsHere("AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    if (roleArn === undefined) {
      throw new ConfigurationError("AWS_ROLE_ARN is not set: AWS_WEB_IDENTITY_TOKEN_FILE needs it");
    }
    const roleSessionName = read("AWS_ROLE_SESSION_NAME");
    return webIdentityCredentials({ ...place, roleArn, webIdentityTokenFile, roleSessionName })();
  };
}
