import { ConfigurationError } from "../../errors.ts";
import { NoCredentialsHere } from "../no_credentials.ts";
import { checkRole, sessionName } from "./assume_role.ts";
import type { ProfileSection } from "../../settings/profile_files.ts";
import type { CredentialProvider } from "../../aws/credentials.ts";
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
 * The same by AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME, as EKS sets them; each that is not set
 * is taken from the profile. Source: botocore, AssumeRoleWithWebIdentityProvider.
 *
 * @throws {ConfigurationError} If there is a file and no role; the provider does.
 */
export function webIdentityFromEnvironment(place: StsPlace, profile?: ProfileSection): CredentialProvider {
  return () => {
    const read = (name: string, key: string): string | undefined =>
      place.context.environment(name) ?? profile?.get(key);
    const webIdentityTokenFile = read("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    const roleArn = read("AWS_ROLE_ARN", "role_arn");
    if (webIdentityTokenFile === undefined) throw new NoCredentialsHere("AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    if (roleArn === undefined) {
      throw new ConfigurationError(
        "AWS_ROLE_ARN is not set: a web identity needs a role, from there or from role_arn of the profile",
      );
    }
    const roleSessionName = read("AWS_ROLE_SESSION_NAME", "role_session_name");
    return webIdentityCredentials({ ...place, roleArn, webIdentityTokenFile, roleSessionName })();
  };
}
