import { ConfigurationError } from "../../errors.ts";
import { NoCredentialsFound } from "../no_credentials.ts";
import { checkRole, sessionName } from "./assume_role.ts";
import type { ProfileSection } from "../../settings/profile/profile_files.ts";
import type { CredentialProvider } from "../../aws/credentials.ts";
import { callSts, type StsSettings } from "./sts.ts";

/** The role to assume, and the file of the token to assume it with. */
export interface WebIdentityOptions extends StsSettings {
  /** The role's ARN. */
  readonly roleArn: string;
  /** The file with the identity provider's token. */
  readonly webIdentityTokenFile: string;
  /** The name of the session in the logs of AWS. @default a name with the time */
  readonly roleSessionName?: string | undefined;
}

/**
 * Makes a provider of a role's credentials by AssumeRoleWithWebIdentity of STS. Each call reads the token from its
 * file, as it is replaced before it expires, and sends a request.
 *
 * @throws {ConfigurationError} If an option is malformed. The provider throws it if the file is missing or empty.
 */
export function webIdentityCredentials(options: WebIdentityOptions): CredentialProvider {
  const { roleArn, webIdentityTokenFile, roleSessionName, ...sts } = options;
  checkRole(roleArn, roleSessionName);
  return async () => {
    const token = (await sts.context.readTextFile(webIdentityTokenFile))?.trim();
    if (!token) {
      throw new ConfigurationError(
        `The web identity token file ${webIdentityTokenFile} is ${token === "" ? "empty" : "missing or not readable"}`,
      );
    }
    return await callSts(sts, "AssumeRoleWithWebIdentity", {
      RoleArn: roleArn,
      RoleSessionName: roleSessionName ?? sessionName(sts.context.now()),
      WebIdentityToken: token,
    });
  };
}

/**
 * Makes the same provider from AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN and AWS_ROLE_SESSION_NAME, as EKS sets them.
 * The profile's value is used for each unset variable. Source: botocore, AssumeRoleWithWebIdentityProvider.
 *
 * The provider throws a {@linkcode ConfigurationError} if there is a token file without a role.
 */
export function webIdentityFromEnvironment(sts: StsSettings, profile?: ProfileSection): CredentialProvider {
  return () => {
    const read = (name: string, key: string): string | undefined => sts.context.environment(name) ?? profile?.get(key);
    const webIdentityTokenFile = read("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
    const roleArn = read("AWS_ROLE_ARN", "role_arn");
    if (webIdentityTokenFile === undefined) throw new NoCredentialsFound("AWS_WEB_IDENTITY_TOKEN_FILE is not set");
    if (roleArn === undefined) {
      throw new ConfigurationError(
        "AWS_ROLE_ARN is not set: a web identity requires a role, in the variable or in role_arn of the profile",
      );
    }
    const roleSessionName = read("AWS_ROLE_SESSION_NAME", "role_session_name");
    return webIdentityCredentials({ ...sts, roleArn, webIdentityTokenFile, roleSessionName })();
  };
}
