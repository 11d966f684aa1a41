import { ConfigurationError } from "../../errors.ts";
import { unknownName } from "../../kit/text/closest.ts";
import { REGION_NAME } from "../../settings/checks.ts";
import type { Profile } from "../../settings/profile/profile_files.ts";

/** The settings of a profile for IAM Identity Center. */
export interface ProfileSso {
  readonly accountId: string;
  readonly roleName: string;
  readonly region: string;
  /** The name from which the token's file name is computed: the session, or the start URL without one. */
  readonly cacheName: string;
}

const REQUIRED = ["sso_account_id", "sso_role_name", "sso_start_url", "sso_region"] as const;

/**
 * Reads the settings for IAM Identity Center from a profile and the sso-session that it names.
 *
 * @returns `undefined` if the profile does not name a role there.
 * @throws {ConfigurationError} If a key is missing, or differs between session and profile.
 */
export function profileSso(profile: Profile): ProfileSso | undefined {
  if (profile.get("sso_account_id") === undefined && profile.get("sso_role_name") === undefined) return undefined;
  const name = profile.get("sso_session");
  const sessions = profile.files.ssoSessions;
  const session = name === undefined ? undefined : sessions.get(name);
  if (name !== undefined && session === undefined) {
    throw new ConfigurationError(
      `Profile '${profile.name}': ${unknownName("section [sso-session …]", name, [...sessions.keys()])}`,
    );
  }
  const [accountId, roleName, startUrl, region] = REQUIRED.map((key) => {
    const [own, shared] = [profile.get(key), session?.get(key)];
    if (own !== undefined && shared !== undefined && own !== shared) {
      throw new ConfigurationError(
        `Profile '${profile.name}' and its sso-session '${name}' have different values of ${key}`,
      );
    }
    if (own === undefined && shared === undefined) {
      throw new ConfigurationError(`Profile '${profile.name}' uses SSO, but ${key} is missing`);
    }
    return own ?? shared!;
  }) as [string, string, string, string];
  if (!REGION_NAME.test(region)) {
    throw new ConfigurationError(`sso_region of profile '${profile.name}' must be a region name such as us-east-1`);
  }
  return { accountId, roleName, region, cacheName: name ?? startUrl };
}
