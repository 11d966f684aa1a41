import { ConfigurationError } from "../../errors.ts";
import { unknownName } from "../../kit/text/closest.ts";
import { REGION_NAME } from "../../settings/checks.ts";
import type { Profile } from "../../settings/profile_files.ts";

/** What a profile says of IAM Identity Center. */
export interface ProfileSso {
  readonly accountId: string;
  readonly roleName: string;
  readonly region: string;
  /** What the token's file is named after: the session's name, or the start URL where there is no session. */
  readonly cacheName: string;
}

const REQUIRED = ["sso_account_id", "sso_role_name", "sso_start_url", "sso_region"] as const;

/**
 * Reads what a profile, and the session it names, say of IAM Identity Center.
 *
 * @returns `undefined` if the profile names no role there.
 * @throws {ConfigurationError} If something is missing, or the session says something else than the profile.
 */
export function profileSso(profile: Profile): ProfileSso | undefined {
  if (profile.get("sso_account_id") === undefined && profile.get("sso_role_name") === undefined) return undefined;
  const name = profile.get("sso_session");
  const sessions = profile.files.ssoSessions;
  const session = name === undefined ? undefined : sessions.get(name);
  if (name !== undefined && session === undefined) {
    throw new ConfigurationError(
      `The profile ${profile.name}: ${unknownName("section [sso-session …]", name, [...sessions.keys()])}`,
    );
  }
  const [accountId, roleName, startUrl, region] = REQUIRED.map((key) => {
    const [own, shared] = [profile.get(key), session?.get(key)];
    if (own !== undefined && shared !== undefined && own !== shared) {
      throw new ConfigurationError(`The profile ${profile.name} and its sso-session ${name} differ in ${key}`);
    }
    if (own === undefined && shared === undefined) {
      throw new ConfigurationError(`The profile ${profile.name} needs ${key} beside what it says of SSO`);
    }
    return own ?? shared!;
  }) as [string, string, string, string];
  if (!REGION_NAME.test(region)) {
    throw new ConfigurationError(`sso_region of the profile ${profile.name} must be a region's name such as us-east-1`);
  }
  return { accountId, roleName, region, cacheName: name ?? startUrl };
}
