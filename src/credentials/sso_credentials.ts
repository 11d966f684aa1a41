import {
  ConfigurationError,
  PermissionDeniedError,
  ServiceError,
  StorageError,
  ThrottledError,
  UnauthenticatedError,
} from "../errors.ts";
import { fullJitter, sleep } from "../kit/backoff.ts";
import { askJson, type JsonAnswer } from "./ask_json.ts";
import { checkCredentials, type CredentialProvider, type Credentials } from "./provider.ts";
import { ssoAccessToken, type SsoTokenOptions } from "./sso_token.ts";

/** Which role, and whose token asks for it. */
export interface SsoCredentialsOptions extends SsoTokenOptions {
  readonly accountId: string;
  readonly roleName: string;
  /** The URL of the SSO portal, which hands out credentials. */
  readonly portalUrl: string;
}

const OPERATION = "GetRoleCredentials";

/** How many times it is asked, and the bounds of the waits between, in milliseconds. */
const TRIES = 3;
const FIRST_WAIT = 200;
const LONGEST_WAIT = 2000;

/**
 * Credentials for a role from IAM Identity Center.
 *
 * Source: IAM Identity Center Portal API Reference, "GetRoleCredentials".
 */
export function ssoCredentials(options: SsoCredentialsOptions): CredentialProvider {
  return async () => {
    const token = await ssoAccessToken(options);
    for (let retry = 0;; retry++) {
      try {
        return read(await ask(token, options), options);
      } catch (error) {
        if (retry === TRIES - 1 || !isPassing(error)) throw error;
      }
      await sleep(fullJitter(retry, FIRST_WAIT, LONGEST_WAIT));
    }
  };
}

function isPassing(error: unknown): boolean {
  return error instanceof StorageError &&
    (error.code === "Throttled" || error.code === "Connection" || (error.status ?? 0) >= 500);
}

async function ask(token: string, options: SsoCredentialsOptions): Promise<JsonAnswer> {
  const query = new URLSearchParams({ role_name: options.roleName, account_id: options.accountId });
  return await askJson(
    `${options.portalUrl}/federation/credentials?${query}`,
    { headers: { "x-amz-sso_bearer_token": token } },
    { operation: OPERATION, fetch: options.context.fetch, timeoutMilliseconds: options.timeoutMilliseconds },
  );
}

function read({ status, members }: JsonAnswer, { accountId, roleName, signIn }: SsoCredentialsOptions): Credentials {
  const details = { operation: OPERATION, status };
  const role = `the role ${roleName} in the account ${accountId}`;
  if (status === 401) throw new UnauthenticatedError(`SSO no longer accepts its token: ${signIn}`, details);
  if (status === 403) throw new PermissionDeniedError(`SSO does not let you have ${role}`, details);
  if (status === 400 || status === 404) {
    throw new ConfigurationError(`SSO does not know ${role}: see sso_account_id and sso_role_name`, details);
  }
  if (status === 429) throw new ThrottledError(`${OPERATION} was throttled`, details);
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = Object(members.roleCredentials);
  const end = new Date(typeof expiration === "number" ? expiration : NaN);
  try {
    if (status !== 200 || Number.isNaN(end.getTime()) || !sessionToken) throw new Error();
    return Object.freeze(checkCredentials({ accessKeyId, secretAccessKey, sessionToken, expiration: end }));
  } catch {
    throw new ServiceError(`${OPERATION} was answered with status ${status}, and no credentials`, details);
  }
}
