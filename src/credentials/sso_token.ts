import {
  ConfigurationError,
  ServiceError,
  type StorageError,
  ThrottledError,
  UnauthenticatedError,
} from "../errors.ts";
import { encodeHex, encodeUtf8 } from "../kit/bytes.ts";
import { homeFolder } from "../settings/profile_files.ts";
import { askJson, parseObject } from "./ask_json.ts";
import type { ProviderContext } from "./context.ts";

/** A token is renewed when it ends within this many milliseconds. */
const RENEWAL_MILLISECONDS = 5 * 60_000;

/** Whose token, and how it is renewed. */
export interface SsoTokenOptions {
  /** What the token's file is named after: the session's name, or the start URL where there is no session. */
  readonly cacheName: string;
  /** The URL of SSO-OIDC, which renews tokens. */
  readonly oidcUrl: string;
  /** What the user has to do to sign in, for errors. */
  readonly signIn: string;
  readonly context: ProviderContext;
  readonly replaceTextFile: (path: string, text: string) => Promise<boolean>;
  /** Renewed tokens by their files: where the file may not be written, they are in no other place. */
  readonly renewed: Map<string, SsoToken>;
  readonly timeoutMilliseconds: number;
}

/** A token as the AWS CLI keeps it, with all that it keeps beside it. */
export interface SsoToken {
  readonly accessToken: string;
  readonly expiresAt: string;
  readonly [member: string]: unknown;
}

/**
 * The token that `aws sso login` left behind, renewed if it is about to end and can be.
 *
 * Source: AWS SDKs and Tools Reference Guide, "IAM Identity Center credential provider"; SSO-OIDC API, CreateToken.
 *
 * @throws {ConfigurationError} If there is none.
 * @throws {UnauthenticatedError} If it has ended, and cannot be renewed.
 */
export async function ssoAccessToken(options: SsoTokenOptions): Promise<string> {
  const { context, renewed, signIn } = options;
  const path = await tokenPath(options);
  const stored = readToken(await context.readTextFile(path));
  const own = renewed.get(path);
  const token = own === undefined || (stored !== undefined && endOf(stored) > endOf(own)) ? stored : own;
  if (token === undefined) {
    throw new ConfigurationError(`There is no SSO token in ${path}, or it may not be read: ${signIn}`);
  }
  const left = endOf(token) - context.now().getTime();
  if (left > RENEWAL_MILLISECONDS) return token.accessToken;
  try {
    const fresh = await renew(token, options);
    renewed.set(path, fresh);
    await options.replaceTextFile(path, JSON.stringify(fresh));
    return fresh.accessToken;
  } catch (error) {
    if (left > 0) return token.accessToken;
    throw error;
  }
}

/** Source: the AWS CLI and SDKs keep it there wherever the other files are. */
async function tokenPath({ cacheName, context }: SsoTokenOptions): Promise<string> {
  const home = homeFolder(context.environment);
  if (home === undefined) {
    throw new ConfigurationError(
      "SSO tokens are in the user's folder, and neither HOME nor USERPROFILE says where it is",
    );
  }
  const digest = await crypto.subtle.digest("SHA-1", encodeUtf8(cacheName));
  return `${home}/.aws/sso/cache/${encodeHex(new Uint8Array(digest))}.json`;
}

function readToken(text: string | undefined): SsoToken | undefined {
  const token = parseObject(text ?? "") as SsoToken;
  return isText(token.accessToken) && isText(token.expiresAt) && !Number.isNaN(endOf(token)) ? token : undefined;
}

/** When it ends, in milliseconds; older versions of the AWS CLI write UTC for Z. */
function endOf({ expiresAt }: SsoToken): number {
  return Date.parse(expiresAt.replace(/UTC$/, "Z"));
}

async function renew(token: SsoToken, options: SsoTokenOptions): Promise<SsoToken> {
  const { context, signIn } = options;
  const { clientId, clientSecret, refreshToken, registrationExpiresAt } = token;
  const ended = new UnauthenticatedError(`The SSO session has ended: ${signIn}`, { operation: "CreateToken" });
  if (!isText(clientId) || !isText(clientSecret) || !isText(refreshToken)) throw ended;
  if (isText(registrationExpiresAt) && Date.parse(registrationExpiresAt) <= context.now().getTime()) throw ended;
  const { status, members } = await askJson(`${options.oidcUrl}/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ clientId, clientSecret, grantType: "refresh_token", refreshToken }),
  }, { operation: "CreateToken", fetch: context.fetch, timeoutMilliseconds: options.timeoutMilliseconds });
  if (status !== 200) throw refusal(status, members.error, ended);
  const { accessToken, expiresIn } = members;
  if (!isText(accessToken) || typeof expiresIn !== "number" || !(expiresIn > 0 && expiresIn < 1e9)) {
    throw new ServiceError("CreateToken was answered without a token", { operation: "CreateToken", status });
  }
  const end = new Date(context.now().getTime() + expiresIn * 1000);
  return {
    ...token,
    accessToken,
    expiresAt: end.toISOString().replace(/\.\d+/, ""),
    refreshToken: isText(members.refreshToken) ? members.refreshToken : refreshToken,
  };
}

function refusal(status: number, error: unknown, ended: StorageError): StorageError {
  const details = { operation: "CreateToken", status };
  if (status === 429 || error === "slow_down") return new ThrottledError("CreateToken was throttled", details);
  return status >= 400 && status < 500
    ? ended
    : new ServiceError(`CreateToken was answered with status ${status}`, details);
}

/** Whether it is text that a header can carry: what runtimes say of other text shows it. */
function isText(value: unknown): value is string {
  return typeof value === "string" && /^[\x20-\x7e]+$/.test(value);
}
