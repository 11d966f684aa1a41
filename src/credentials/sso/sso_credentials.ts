import { ConfigurationError, PermissionDeniedError, UnauthenticatedError } from "../../errors.ts";
import { parseJsonObject } from "../json_object.ts";
import { type Answer, ask, type Question, refusal } from "../endpoints/credential_request.ts";
import { issue } from "../endpoints/issued_credentials.ts";
import type { CredentialProvider, Credentials } from "../../aws/credentials.ts";
import { ssoAccessToken, type SsoTokenOptions } from "./sso_token.ts";

/** Which role, and whose token asks for it. */
export interface SsoCredentialsOptions extends SsoTokenOptions {
  readonly accountId: string;
  readonly roleName: string;
  /** The URL of the SSO portal, which hands out credentials. */
  readonly portalUrl: string;
}

const OPERATION = "GetRoleCredentials";

/**
 * Credentials for a role from IAM Identity Center.
 *
 * Source: IAM Identity Center Portal API Reference, "GetRoleCredentials".
 */
export function ssoCredentials(options: SsoCredentialsOptions): CredentialProvider {
  const { context, accountId, roleName, portalUrl, timeoutSeconds } = options;
  const query = new URLSearchParams({ role_name: roleName, account_id: accountId });
  return async () => {
    const token = await ssoAccessToken(options);
    const question: Question = {
      context,
      operation: OPERATION,
      request: () => ({
        url: `${portalUrl}/federation/credentials?${query}`,
        headers: { "x-amz-sso_bearer_token": token },
      }),
      seconds: timeoutSeconds,
      secrets: [token],
    };
    return read(question, await ask(question), options);
  };
}

function read(
  question: Question,
  answer: Answer,
  { accountId, roleName, signIn }: SsoCredentialsOptions,
): Credentials {
  const { status } = answer;
  const details = { operation: OPERATION, status };
  const role = `the role ${roleName} in the account ${accountId}`;
  if (status === 401) throw new UnauthenticatedError(`SSO no longer accepts its token: ${signIn}`, details);
  if (status === 403) throw new PermissionDeniedError(`SSO does not let you have ${role}`, details);
  if (status === 400 || status === 404) {
    throw new ConfigurationError(`SSO does not know ${role}: see sso_account_id and sso_role_name`, details);
  }
  if (status !== 200) throw refusal(question, answer);
  return issue(question, Object(parseJsonObject(answer.text)?.roleCredentials));
}
