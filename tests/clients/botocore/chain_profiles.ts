/** Generates profiles with keys or with providers, some of them incomplete or broken. */
import { SSO } from "../../fakes/sso_server.ts";
import type { SeededRandom } from "../../unit/random.ts";

/** The secret of each access key in a file or a variable; STS accepts all of them. */
export const secretOf = (key: string): string => `hunter2-${key}`;

export const NAMES = ["default", "dev", "base", "ops"] as const;
export const ROLE = "arn:aws:iam::123456789012:role";

/** A random choice by weight: `[3, "often"], [1, "seldom"]`. */
export function weighed<T>(random: SeededRandom, ...choices: ReadonlyArray<readonly [weight: number, value: T]>): T {
  let at = random.next() * choices.reduce((sum, [weight]) => sum + weight, 0);
  return choices.find(([weight]) => (at -= weight) < 0)![1];
}

/** The lines of a key. */
export const keys = (key: string): string => `aws_access_key_id = ${key}\naws_secret_access_key = ${secretOf(key)}\n`;

export interface GeneratedProfile {
  readonly config?: string;
  readonly credentials?: string;
  /** A second section. */
  readonly section?: string;
}

/** Generates the sections of a profile, and the files that it refers to. */
export function generateProfile(
  random: SeededRandom,
  name: string,
  top: string,
  files: Record<string, string>,
): GeneratedProfile {
  const key = `AKIA${name.toUpperCase()}`;
  const role = `role_arn = ${ROLE}/Of${name}\n`;
  const other = random.pick([...NAMES, "base", "ops", "ops", "missing"].filter((other) => other !== name));
  const simple: ReadonlyArray<GeneratedProfile> = [
    ...Array(12).fill({ credentials: keys(key) }),
    ...Array(6).fill({ config: keys(key) }),
    ...Array(4).fill({ config: "region = eu-west-1\n" }),
    ...Array(3).fill({ config: `${role}web_identity_token_file = ${top}/token\n` }),
    ...Array(2).fill({ config: `${role}source_profile = ${name}\n`, credentials: keys(key) }),
    { config: keys(`${key}CONFIG`), credentials: keys(key) },
    { credentials: `aws_access_key_id = ${key}\n` },
    { config: `aws_access_key_id = ${key}\n` },
    { credentials: `aws_secret_access_key = ${secretOf(key)}\n` },
    { config: keys(key), credentials: `aws_secret_access_key = ${secretOf(key)}\n` },
    { credentials: "aws_access_key_id =\naws_secret_access_key =\n" },
    { config: `${role}` },
    { config: `${role}source_profile =\n${keys(key)}` },
    { config: `${role}source_profile = base\ncredential_source = Environment\n` },
    { config: `${role}credential_source = Somewhere\n` },
    { config: `role_arn =\n${keys(key)}` },
    { config: `${role}web_identity_token_file = ${top}/no-token\n`, credentials: keys(key) },
    { config: `web_identity_token_file = ${top}/token\n`, credentials: keys(key) },
    { config: `${role}web_identity_token_file =\n`, credentials: keys(key) },
    { config: `credential_process =\n${keys(key)}` },
  ];
  switch (name === "ops" && random.next() < 0.5 ? 4 : random.below(10)) {
    case 0:
    case 1:
      return { config: `${role}source_profile = ${other}\n` };
    case 2:
      return {
        config: `${role}credential_source = ${random.pick(["Environment", "EcsContainer", "Ec2InstanceMetadata"])}\n`,
      };
    case 3:
      return processProfile(random, name, top, files);
    case 4:
    case 5:
      return ssoProfile(random, name, top, files);
    default:
      return random.pick(simple);
  }
}

function processProfile(
  random: SeededRandom,
  name: string,
  top: string,
  files: Record<string, string>,
): GeneratedProfile {
  const script = `${top}/${name}.sh`;
  const printed = {
    Version: 1,
    AccessKeyId: `ASIAPROCESS${name.toUpperCase()}`,
    SecretAccessKey: "hunter2-process",
    SessionToken: "hunter2-process-token",
  };
  const print = (changes: Record<string, unknown> = {}): string =>
    `echo '${JSON.stringify({ ...printed, ...changes })}'\n`;
  files[script] = random.pick([
    ...Array(5).fill(print()),
    print({ Expiration: "2099-01-01T00:00:00Z" }),
    print({ Expiration: "2020-01-01T00:00:00Z" }),
    print({ Version: 2 }),
    print({ SecretAccessKey: undefined }),
    "echo hunter2 >&2; exit 3\n",
    `${print()}exit 1\n`,
    "echo hunter2\n",
    "",
  ]);
  const line = `credential_process = ${random.next() < 0.15 ? `${top}/no-program` : "/bin/sh"} "${script}"\n`;
  return random.next() < 0.2
    ? { config: line, credentials: keys(`AKIA${name.toUpperCase()}`) }
    : { config: line + (random.next() < 0.3 ? keys(`AKIA${name.toUpperCase()}`) : "") };
}

function ssoProfile(random: SeededRandom, name: string, top: string, files: Record<string, string>): GeneratedProfile {
  const session = `corp-${name}`;
  const isLegacy = random.next() < 0.5;
  const startUrl = `https://${name}.awsapps.com/start`;
  const place = `sso_start_url = ${startUrl}\nsso_region = us-east-1\n`;
  const role = `sso_account_id = ${SSO.accountId}\nsso_role_name = ${random.next() < 0.1 ? "Other" : SSO.roleName}\n`;
  const hash = SHA1_NAMES.get(isLegacy ? startUrl : session)!;
  const expiresAt = random.next() < 0.3 ? "2020-01-01T00:00:00Z" : "2099-01-01T00:00:00Z";
  const token = { startUrl, region: "us-east-1", accessToken: SSO.accessToken, expiresAt };
  const text = weighed(random, [8, JSON.stringify(token)], [1, "hunter2"], [1, undefined]);
  if (text !== undefined) files[`${top}/user/.aws/sso/cache/${hash}.json`] = text;
  if (isLegacy) return { config: random.pick([...Array(6).fill(role + place), role, place]) };
  const named = `${role}sso_session = ${session}\n`;
  return random.pick<GeneratedProfile>([
    ...Array(6).fill({ config: named, section: `[sso-session ${session}]\n${place}` }),
    ...Array(3).fill({ config: named }),
    { config: `${named}sso_region = eu-west-1\n`, section: `[sso-session ${session}]\n${place}` },
    { config: `${role}${place}sso_session =\n` },
  ]);
}

/** The file names of SSO tokens, which must be computed before the first case. */
export const SHA1_NAMES = new Map(
  await Promise.all(
    NAMES.flatMap((name) => [`corp-${name}`, `https://${name}.awsapps.com/start`]).map(async (text) => {
      const digest = await crypto.subtle.digest("SHA-1", new TextEncoder().encode(text));
      return [text, new Uint8Array(digest).toHex()] as const;
    }),
  ),
);
