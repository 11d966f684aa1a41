import { ConfigurationError, PermissionDeniedError, UnauthenticatedError } from "../../errors.ts";
import { parseJsonObject } from "../json_object.ts";
import {
  type CredentialRequest,
  type CredentialResponse,
  refusalError,
  sendCredentialRequest,
} from "../endpoints/credential_request.ts";
import { readIssued } from "../endpoints/issued_credentials.ts";
import type { CredentialProvider, Credentials } from "../../aws/credentials.ts";
import { ssoAccessToken, type SsoTokenOptions } from "./sso_token.ts";

/** A role of IAM Identity Center, and the token to request it with. */
export interface SsoCredentialsOptions extends SsoTokenOptions {
  readonly accountId: string;
  readonly roleName: string;
  /** The URL of the SSO portal, which issues credentials. */
  readonly portalUrl: string;
}

const OPERATION = "GetRoleCredentials";

/**
 * Makes a provider of the credentials of a role in IAM Identity Center.
 *
 * Source: IAM Identity Center Portal API Reference, "GetRoleCredentials".
 */
export function ssoCredentials(options: SsoCredentialsOptions): CredentialProvider {
  const { context, accountId, roleName, portalUrl, timeoutSeconds } = options;
  const query = new URLSearchParams({ role_name: roleName, account_id: accountId });
  return async () => {
    const token = await ssoAccessToken(options);
    const request: CredentialRequest = {
      context,
      operation: OPERATION,
      prepare: () => ({
        url: `${portalUrl}/federation/credentials?${query}`,
        headers: { "x-amz-sso_bearer_token": token },
      }),
      timeoutSeconds,
      secrets: [token],
    };
    return read(request, await sendCredentialRequest(request), options);
  };
}

function read(
  request: CredentialRequest,
  response: CredentialResponse,
  { accountId, roleName, signIn }: SsoCredentialsOptions,
): Credentials {
  const { status } = response;
  const details = { operation: OPERATION, status };
  const role = `role '${roleName}' in account ${accountId}`;
  if (status === 401) throw new UnauthenticatedError(`SSO refuses its token: ${signIn}`, details);
  if (status === 403) throw new PermissionDeniedError(`SSO denies access to ${role}`, details);
  if (status === 400 || status === 404) {
    throw new ConfigurationError(`SSO has no ${role}: check sso_account_id and sso_role_name`, details);
  }
  if (status !== 200) throw refusalError(request, response);
  return readIssued(request, Object(parseJsonObject(response.text)?.roleCredentials));
}
