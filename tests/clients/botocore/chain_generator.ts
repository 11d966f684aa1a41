/** Generates environments with credentials in any place, incomplete or broken. */
import { SSO } from "../../fakes/sso_server.ts";
import type { SeededRandom } from "../../unit/random.ts";
import type { ChainCase } from "./chain_case.ts";
import { generateProfile, keys, NAMES, ROLE, secretOf, SHA1_NAMES, weighed } from "./chain_profiles.ts";

/** The addresses of the services of a case. */
export interface ChainServices {
  /** Returns credentials at `/credentials/task`. */
  readonly container: string;
  /** The same, with {@linkcode CONTAINER_TOKEN}. */
  readonly closedContainer: string;
  readonly metadata: string;
  /** An instance without a role. */
  readonly bareMetadata: string;
  /** An address without a server. */
  readonly nowhere: string;
  readonly endpoints: Readonly<Record<"sts" | "sso" | "sso-oidc", string>>;
}

export interface GeneratedCase extends ChainCase {
  /** The files to be written, by their paths. */
  readonly files: Readonly<Record<string, string>>;
  /** The name of the current profile. */
  readonly used: string;
  /** The sections of the config file and the credentials file, by profile. */
  readonly config: Readonly<Record<string, string>>;
  readonly credentials: Readonly<Record<string, string>>;
}

export const CONTAINER_TOKEN = "hunter2-container-token";
export const WEB_IDENTITY_TOKEN = "hunter2-web-identity";
/** The prefix of keys in planted files, which must never be used. */
export const PLANTED = "AKIAPLANTED";

/** Creates the case of a number with its own folder; all cases share the planted working directory. */
export function generateCase(
  random: SeededRandom,
  number: number,
  root: string,
  services: ChainServices,
  hasOtherHome: boolean,
): GeneratedCase {
  const top = `${root}/${number}`;
  const [folder, home] = [`${root}/work`, `${top}/user`];
  const files: Record<string, string> = {
    [`${top}/token`]: WEB_IDENTITY_TOKEN,
    [`${top}/token-line`]: `${WEB_IDENTITY_TOKEN}\n`,
    [`${top}/empty`]: "",
    [`${top}/container-token`]: CONTAINER_TOKEN,
  };
  const config: Record<string, string> = {};
  const credentials: Record<string, string> = {};
  let sections = "";
  for (const name of NAMES) {
    if (random.next() < 0.1) continue;
    const made = generateProfile(random, name, top, files);
    if (made.config !== undefined) config[name] = made.config;
    if (made.credentials !== undefined) credentials[name] = made.credentials;
    sections += made.section ?? "";
  }
  const environment: Record<string, string> = {
    ...endpointVariables(services),
    ...environmentKeys(random),
    ...webIdentity(random, top),
    ...container(random, top, services),
    ...metadata(random, services),
    ...oldFiles(random, top, home, files),
  };
  const profile = chooseProfile(random, environment);
  const where = placeFiles(random, { top, home, hasOtherHome }, environment);
  const headers = (texts: Record<string, string>, word: string): string =>
    Object.entries(texts).map(([name, text]) => `[${name === "default" ? "" : word}${name}]\n${text}`).join("");
  files[where.config] = headers(config, "profile ") + sections;
  files[where.credentials] = headers(credentials, "");
  const used = profile ?? (environment.AWS_DEFAULT_PROFILE || environment.AWS_PROFILE || "default");
  return { folder, environment, profile, files, used, config, credentials };
}

/** Cases that are rarely generated: a role with an SSO session, and a web identity beside a broken SSO session. */
export function fixedCases(root: string, services: ChainServices): GeneratedCase[] {
  const top = `${root}/fixed`;
  const role = `sso_account_id = ${SSO.accountId}\nsso_role_name = ${SSO.roleName}\nsso_session = corp-ops\n`;
  const token = { accessToken: SSO.accessToken, expiresAt: "2099-01-01T00:00:00Z" };
  const files = {
    [`${top}/token`]: WEB_IDENTITY_TOKEN,
    [`${top}/.aws/sso/cache/${SHA1_NAMES.get("corp-ops")}.json`]: JSON.stringify(token),
  };
  const config = { default: `role_arn = ${ROLE}/Fixed\nsource_profile = ops\n`, ops: role };
  const session = "[sso-session corp-ops]\nsso_start_url = https://ops.awsapps.com/start\nsso_region = us-east-1\n";
  const make = (name: string, text: string, environment: Record<string, string>): GeneratedCase => ({
    folder: `${root}/work`,
    environment: {
      ...endpointVariables(services),
      ...environment,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: `${top}/${name}`,
      HOME: top,
    },
    files: { ...files, [`${top}/${name}`]: text },
    used: "default",
    config,
    credentials: {},
  });
  return [
    make("source", `[default]\n${config.default}[profile ops]\n${role}${session}`, {}),
    make("broken", `[default]\n${role}`, {
      AWS_WEB_IDENTITY_TOKEN_FILE: `${top}/token`,
      AWS_ROLE_ARN: `${ROLE}/Fixed`,
    }),
  ];
}

function endpointVariables({ endpoints }: ChainServices): Record<string, string> {
  return {
    PATH: "/usr/bin:/bin",
    AWS_ENDPOINT_URL_STS: endpoints.sts,
    AWS_ENDPOINT_URL_SSO: endpoints.sso,
    AWS_ENDPOINT_URL_SSO_OIDC: endpoints["sso-oidc"],
    AWS_METADATA_SERVICE_TIMEOUT: "30",
    AWS_DEFAULT_REGION: "us-east-1",
  };
}

function environmentKeys(random: SeededRandom): Record<string, string> {
  const AWS_ACCESS_KEY_ID = "AKIAENVIRONMENT";
  const AWS_SECRET_ACCESS_KEY = secretOf(AWS_ACCESS_KEY_ID);
  return weighed<Record<string, string>>(
    random,
    [26, {}],
    [5, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY }],
    [1, { AWS_ACCESS_KEY_ID }],
    [1, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY: "" }],
    [1, { AWS_SECRET_ACCESS_KEY }],
    [1, { AWS_SESSION_TOKEN: "hunter2-token" }],
    [1, { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" }],
    [1, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_CREDENTIAL_EXPIRATION: "2020-01-01T00:00:00Z" }],
    [1, { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_CREDENTIAL_EXPIRATION: "2099-05-16T19:19:29UTC" }],
  );
}

function webIdentity(random: SeededRandom, top: string): Record<string, string> {
  const AWS_WEB_IDENTITY_TOKEN_FILE = `${top}/token`;
  const AWS_ROLE_ARN = `${ROLE}/FromVariable`;
  return weighed<Record<string, string>>(
    random,
    [30, {}],
    [3, { AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN }],
    [1, { AWS_WEB_IDENTITY_TOKEN_FILE: `${top}/token-line`, AWS_ROLE_ARN }],
    [1, { AWS_WEB_IDENTITY_TOKEN_FILE }],
    [1, { AWS_ROLE_ARN }],
    [1, { AWS_WEB_IDENTITY_TOKEN_FILE: `${top}/no-token`, AWS_ROLE_ARN }],
    [1, { AWS_WEB_IDENTITY_TOKEN_FILE: `${top}/empty`, AWS_ROLE_ARN }],
    [1, { AWS_WEB_IDENTITY_TOKEN_FILE: "~/token", AWS_ROLE_ARN }],
    [1, { AWS_WEB_IDENTITY_TOKEN_FILE: "", AWS_ROLE_ARN }],
  );
}

function container(random: SeededRandom, top: string, services: ChainServices): Record<string, string> {
  const RELATIVE = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI";
  const FULL = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
  const closed = `${services.closedContainer}/credentials/task`;
  return weighed<Record<string, string>>(
    random,
    [12, {}],
    [5, { [FULL]: `${services.container}/credentials/task` }],
    [1, { [RELATIVE]: "/credentials/task" }],
    [1, { [FULL]: `${services.container}/credentials/none` }],
    [1, { [FULL]: `${services.nowhere}/credentials/task` }],
    [1, { [FULL]: "http://metadata.example/credentials/task" }],
    [1, { [RELATIVE]: "" }],
    [1, { [FULL]: closed, AWS_CONTAINER_AUTHORIZATION_TOKEN: CONTAINER_TOKEN }],
    [1, { [FULL]: closed, AWS_CONTAINER_AUTHORIZATION_TOKEN: "hunter2-other" }],
    [1, { [FULL]: closed, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `${top}/container-token` }],
  );
}

function metadata(random: SeededRandom, services: ChainServices): Record<string, string> {
  const ENDPOINT = "AWS_EC2_METADATA_SERVICE_ENDPOINT";
  return weighed<Record<string, string>>(
    random,
    [5, { AWS_EC2_METADATA_DISABLED: "true" }],
    [8, { [ENDPOINT]: services.metadata }],
    [1, { [ENDPOINT]: services.bareMetadata }],
    [1, { [ENDPOINT]: services.nowhere }],
  );
}

/** Sets the variables of a profile; returns the profile that the code names. */
function chooseProfile(random: SeededRandom, environment: Record<string, string>): string | undefined {
  const name = random.pick(NAMES);
  switch (random.below(14)) {
    case 0:
    case 1:
    case 2:
      environment.AWS_PROFILE = name;
      return undefined;
    case 3:
      environment.AWS_DEFAULT_PROFILE = name;
      environment.AWS_PROFILE = "dev";
      return undefined;
    case 4:
      environment.AWS_PROFILE = random.next() < 0.4 ? "missing" : name;
      return undefined;
    case 5:
      environment.AWS_PROFILE = "";
      return undefined;
    case 6:
      environment.AWS_PROFILE = "base";
      return name;
    case 7:
      return name;
    case 8:
      return random.next() < 0.3 ? "missing" : name;
    default:
      return undefined;
  }
}

/** Files that only botocore reads. */
function oldFiles(
  random: SeededRandom,
  top: string,
  home: string,
  files: Record<string, string>,
): Record<string, string> {
  const boto = `[Credentials]\n${keys("AKIABOTO")}`;
  switch (random.below(20)) {
    case 0:
    case 3:
      files[`${top}/first-tools`] = `AWSAccessKeyId=AKIAFIRST\nAWSSecretKey=${secretOf("AKIAFIRST")}\n`;
      return { AWS_CREDENTIAL_FILE: `${top}/first-tools` };
    case 1:
      files[`${home}/.boto`] = boto;
      return {};
    case 2:
      files[`${top}/own.boto`] = boto;
      return { BOTO_CONFIG: `${top}/own.boto` };
    default:
      return {};
  }
}

interface Places {
  readonly top: string;
  readonly home: string;
  /** Whether the real home folder must not be used. */
  readonly hasOtherHome: boolean;
}

/** Chooses the paths of the files, and sets their variables. */
function placeFiles(
  random: SeededRandom,
  { top, home, hasOtherHome }: Places,
  environment: Record<string, string>,
): { config: string; credentials: string } {
  const files = { config: `${home}/.aws/config`, credentials: `${home}/.aws/credentials` };
  const given = weighed<string | undefined>(
    random,
    [30, home],
    [3, undefined],
    [1, ""],
    [1, "relative"],
    [1, "~"],
  );
  if (given !== undefined) environment.HOME = given;
  else if (hasOtherHome) environment.HOME = home;
  for (
    const [what, variable] of [["config", "AWS_CONFIG_FILE"], ["credentials", "AWS_SHARED_CREDENTIALS_FILE"]] as const
  ) {
    switch (random.below(60)) {
      case 0:
        files[what] = environment[variable] = `${top}/elsewhere/${what}`;
        break;
      case 1:
        environment[variable] = `../${top.slice(top.lastIndexOf("/") + 1)}/own/${what}`;
        files[what] = `${top}/own/${what}`;
        break;
      case 2:
        environment[variable] = `~/other/${what}`;
        files[what] = `${home}/other/${what}`;
        break;
      case 3:
        environment[variable] = `$PLACE/${what}`;
        environment.PLACE = files[what] = `${top}/place`;
        files[what] += `/${what}`;
        break;
      case 4:
        environment[variable] = `~nobody-of-that-name/${what}`;
        break;
      case 5:
        environment[variable] = `$UNSET_PLACE/${what}`;
        break;
      case 6:
        environment[variable] = `${top}/none/${what}`;
        break;
      case 7:
        environment[variable] = "";
        break;
    }
  }
  return files;
}

/** Files in the working directory, in folders with the names of unexpanded variables. */
export function plantedFiles(root: string): Record<string, string> {
  const files: Record<string, string> = {};
  const folder = `${root}/work`;
  for (const name of ["~", "~nobody-of-that-name", "$UNSET_PLACE", "relative"]) {
    for (const path of ["", ".aws/", "other/"]) {
      files[`${folder}/${name}/${path}config`] = `[default]\nregion = eu-west-1\n[profile dev]\n${keys(`${PLANTED}1`)}`;
      files[`${folder}/${name}/${path}credentials`] = `[default]\n${keys(`${PLANTED}2`)}[base]\n${keys(`${PLANTED}3`)}`;
    }
    files[`${folder}/${name}/token`] = WEB_IDENTITY_TOKEN;
  }
  return files;
}
