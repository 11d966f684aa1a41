import { ConfigurationError, ServiceError, type StorageError, UnauthenticatedError } from "../../errors.ts";
import { encodeHex, encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { parseJsonObject } from "../json_object.ts";
import { homeFolder } from "../../settings/profile/profile_files.ts";
import {
  type CredentialRequest,
  type CredentialResponse,
  refusalError,
  sendCredentialRequest,
} from "../endpoints/credential_request.ts";
import type { ProviderContext } from "../context.ts";
import { parseTime } from "../expiration.ts";

/** A token is renewed if it expires within this time, in milliseconds. */
const RENEWAL_MILLISECONDS = 5 * 60_000;

/** The file of a token, and how to renew it. */
export interface SsoTokenOptions {
  /** The name from which the token's file name is computed: the session, or the start URL without one. */
  readonly cacheName: string;
  /** The URL of SSO-OIDC, which renews tokens. */
  readonly oidcUrl: string;
  /** How to sign in, for errors. */
  readonly signIn: string;
  readonly context: ProviderContext;
  readonly replaceTextFile: (path: string, text: string) => Promise<boolean>;
  /** Renewed tokens by their files, as the file may not be writable. */
  readonly renewed: Map<string, SsoToken>;
  /** The timeout of a request. */
  readonly timeoutSeconds: number;
}

/** A token in the form that the AWS CLI stores, with all other members of the file. */
export interface SsoToken {
  readonly accessToken: string;
  readonly expiresAt: string;
  readonly [member: string]: unknown;
}

/**
 * Returns the token that `aws sso login` stored, renewed if it expires soon and can be renewed.
 *
 * Source: AWS SDKs and Tools Reference Guide, "IAM Identity Center credential provider"; SSO-OIDC API, CreateToken.
 *
 * @throws {ConfigurationError} If there is no token.
 * @throws {UnauthenticatedError} If it has expired and cannot be renewed.
 */
export async function ssoAccessToken(options: SsoTokenOptions): Promise<string> {
  const { context, renewed, signIn } = options;
  const path = await tokenPath(options);
  const stored = readToken(await context.readTextFile(path));
  const own = renewed.get(path);
  const token = own === undefined || (stored !== undefined && expirationOf(stored) > expirationOf(own)) ? stored : own;
  if (token === undefined) {
    throw new ConfigurationError(`No readable SSO token in ${path}: ${signIn}`);
  }
  const left = expirationOf(token) - context.now().getTime();
  if (left > RENEWAL_MILLISECONDS) return token.accessToken;
  try {
    const renewedToken = await renew(token, options);
    renewed.set(path, renewedToken);
    await options.replaceTextFile(path, JSON.stringify(renewedToken));
    return renewedToken.accessToken;
  } catch (error) {
    if (left > 0) return token.accessToken;
    throw error;
  }
}

/** Returns the path of the token. The AWS CLI and SDKs use it wherever the other files are. */
async function tokenPath({ cacheName, context }: SsoTokenOptions): Promise<string> {
  const home = homeFolder(context.environment);
  if (home === undefined) {
    throw new ConfigurationError(
      "Cannot find SSO tokens without a home folder: HOME must be an absolute path",
    );
  }
  const digest = await crypto.subtle.digest("SHA-1", encodeUtf8(cacheName));
  return `${home}/.aws/sso/cache/${encodeHex(new Uint8Array(digest))}.json`;
}

function readToken(text: string | undefined): SsoToken | undefined {
  const token = (parseJsonObject(text ?? "") ?? {}) as SsoToken;
  return isText(token.accessToken) && isText(token.expiresAt) && !Number.isNaN(expirationOf(token)) ? token : undefined;
}

/** Returns the expiration in milliseconds. Older versions of the AWS CLI write UTC instead of Z. */
function expirationOf({ expiresAt }: SsoToken): number {
  return parseTime(expiresAt);
}

async function renew(token: SsoToken, options: SsoTokenOptions): Promise<SsoToken> {
  const { context, oidcUrl, signIn, timeoutSeconds } = options;
  const { clientId, clientSecret, refreshToken, registrationExpiresAt } = token;
  const expired = new UnauthenticatedError(`The SSO session has expired: ${signIn}`, { operation: "CreateToken" });
  if (!isText(clientId) || !isText(clientSecret) || !isText(refreshToken)) throw expired;
  if (isText(registrationExpiresAt) && parseTime(registrationExpiresAt) <= context.now().getTime()) throw expired;
  const request: CredentialRequest = {
    context,
    operation: "CreateToken",
    prepare: () => ({
      method: "POST",
      url: `${oidcUrl}/token`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ clientId, clientSecret, grantType: "refresh_token", refreshToken }),
    }),
    timeoutSeconds,
    isSingleUse: true,
  };
  const response = await sendCredentialRequest(request);
  const members = parseJsonObject(response.text) ?? {};
  if (response.status !== 200) throw renewalError(request, response, members.error, expired);
  const { accessToken, expiresIn } = members;
  if (!isText(accessToken) || typeof expiresIn !== "number" || !(expiresIn > 0 && expiresIn < 1e9)) {
    throw new ServiceError("Invalid response to CreateToken: missing token", { operation: "CreateToken", status: 200 });
  }
  const end = new Date(context.now().getTime() + expiresIn * 1000);
  return {
    ...token,
    accessToken,
    expiresAt: end.toISOString().replace(/\.\d+/, ""),
    refreshToken: isText(members.refreshToken) ? members.refreshToken : refreshToken,
  };
}

/**
 * Makes the error of a refused renewal. It shows no text of the response, which may repeat the secrets of the request.
 */
function renewalError(
  request: CredentialRequest,
  response: CredentialResponse,
  error: unknown,
  expired: StorageError,
): StorageError {
  if (error === "slow_down") return refusalError(request, response, { code: "SlowDown" });
  const { status } = response;
  return status >= 400 && status < 500 && status !== 429 ? expired : refusalError(request, response);
}

/** Whether it is text that a header can carry. The runtime's error for other text would show it. */
function isText(value: unknown): value is string {
  return typeof value === "string" && /^[\x20-\x7e]+$/.test(value);
}
