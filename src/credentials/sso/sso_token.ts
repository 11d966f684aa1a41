import { ConfigurationError, ServiceError, type StorageError, UnauthenticatedError } from "../../errors.ts";
import { encodeHex, encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { parseJsonObject } from "../json_object.ts";
import { homeFolder } from "../../settings/profile_files.ts";
import { type Answer, ask, type Question, refusal } from "../endpoints/credential_request.ts";
import type { ProviderContext } from "../context.ts";

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
  /** How long a service may take to answer. */
  readonly timeoutSeconds: number;
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
      "SSO tokens are in the user's home folder, and there is none: HOME must be an absolute path",
    );
  }
  const digest = await crypto.subtle.digest("SHA-1", encodeUtf8(cacheName));
  return `${home}/.aws/sso/cache/${encodeHex(new Uint8Array(digest))}.json`;
}

function readToken(text: string | undefined): SsoToken | undefined {
  const token = (parseJsonObject(text ?? "") ?? {}) as SsoToken;
  return isText(token.accessToken) && isText(token.expiresAt) && !Number.isNaN(endOf(token)) ? token : undefined;
}

/** When it ends, in milliseconds; older versions of the AWS CLI write UTC for Z. */
function endOf({ expiresAt }: SsoToken): number {
  return Date.parse(expiresAt.replace(/UTC$/, "Z"));
}

async function renew(token: SsoToken, options: SsoTokenOptions): Promise<SsoToken> {
  const { context, oidcUrl, signIn, timeoutSeconds } = options;
  const { clientId, clientSecret, refreshToken, registrationExpiresAt } = token;
  const ended = new UnauthenticatedError(`The SSO session has ended: ${signIn}`, { operation: "CreateToken" });
  if (!isText(clientId) || !isText(clientSecret) || !isText(refreshToken)) throw ended;
  if (isText(registrationExpiresAt) && Date.parse(registrationExpiresAt) <= context.now().getTime()) throw ended;
  const question: Question = {
    context,
    operation: "CreateToken",
    request: () => ({
      method: "POST",
      url: `${oidcUrl}/token`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ clientId, clientSecret, grantType: "refresh_token", refreshToken }),
    }),
    seconds: timeoutSeconds,
    once: true,
  };
  const answer = await ask(question);
  const members = parseJsonObject(answer.text) ?? {};
  if (answer.status !== 200) throw refused(question, answer, members.error, ended);
  const { accessToken, expiresIn } = members;
  if (!isText(accessToken) || typeof expiresIn !== "number" || !(expiresIn > 0 && expiresIn < 1e9)) {
    throw new ServiceError("CreateToken failed: the answer has no token", { operation: "CreateToken", status: 200 });
  }
  const end = new Date(context.now().getTime() + expiresIn * 1000);
  return {
    ...token,
    accessToken,
    expiresAt: end.toISOString().replace(/\.\d+/, ""),
    refreshToken: isText(members.refreshToken) ? members.refreshToken : refreshToken,
  };
}

/** What the answer says beside its status is left out: it may repeat what it was asked with. */
function refused(question: Question, answer: Answer, error: unknown, ended: StorageError): StorageError {
  if (error === "slow_down") return refusal(question, answer, { code: "SlowDown" });
  const { status } = answer;
  return status >= 400 && status < 500 && status !== 429 ? ended : refusal(question, answer);
}

/** Whether it is text that a header can carry: what runtimes say of other text shows it. */
function isText(value: unknown): value is string {
  return typeof value === "string" && /^[\x20-\x7e]+$/.test(value);
}
