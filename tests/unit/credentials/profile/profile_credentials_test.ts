import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { profileCredentials } from "../../../../src/credentials/profile/profile_credentials.ts";
import { ConfigurationError } from "../../../../src/errors.ts";
import { readProfile } from "../../../../src/settings/profile/profile.ts";
import { contextOf, fromTexts, reportingFetch } from "../profiles.ts";
import { assertNoSecret, plain, refusalOf } from "../world.ts";

type Texts = Parameters<typeof fromTexts>[0];

/** Returns the request to STS, or the access key. */
async function ask(given: Texts): Promise<unknown> {
  const environment = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/c", ...OUTSIDE, ...given.environment };
  const context = {
    ...contextOf(environment),
    fetch: reportingFetch,
    readTextFile: (path: string): Promise<string> => Promise.resolve(`token of ${path}`),
  };
  const { accessKeyId } = await fromTexts({ context, ...given })();
  try {
    return JSON.parse(accessKeyId);
  } catch {
    return accessKeyId;
  }
}

const refuse = (given: Texts): Promise<string> => refusalOf(fromTexts(given), ConfigurationError);

const OUTSIDE = { AWS_ACCESS_KEY_ID: "outside", AWS_SECRET_ACCESS_KEY: "hunter2" };
const KEYS = "aws_access_key_id = id\naws_secret_access_key = hunter2\n";
const RoleArn = "arn:aws:iam::123456789012:role/reader";
const ROLE = `role_arn = ${RoleArn}\n`;
const OTHER = "arn:aws:iam::123456789012:role/other";
const at = "https://sts.amazonaws.com/";
const inRegion = (region: string): string => `https://sts.${region}.amazonaws.com/`;

Deno.test("profileCredentials() reads keys from either file, with the token of the same file", async () => {
  const keys = async (given: Texts): Promise<unknown[]> => {
    const credentials = await fromTexts(given)();
    assertNoSecret(credentials);
    return plain(credentials).slice(0, 3);
  };
  assertEquals(await keys({ credentials: `[default]\n${KEYS}aws_session_token = t` }), ["id", "hunter2", "t"]);
  assertEquals(await keys({ config: `[profile a]\n${KEYS}aws_security_token = t`, profile: "a" }), [
    "id",
    "hunter2",
    "t",
  ]);
  assertEquals(
    await keys({ config: "[default]\naws_session_token = other", credentials: `[default]\n${KEYS}` }),
    ["id", "hunter2", undefined],
  );
});

Deno.test("profileCredentials() names the missing half of a key and its file, and shows no other half", async () => {
  for (
    const [given, message] of [
      [
        { credentials: "[default]\naws_secret_access_key = hunter2" },
        "aws_access_key_id is missing: the credentials file",
      ],
      [
        { credentials: "[default]\naws_access_key_id = hunter2" },
        "aws_secret_access_key is missing: the credentials file",
      ],
      [{ config: "[default]\naws_session_token = hunter2" }, "aws_access_key_id is missing: the config file"],
      [
        { config: `[default]\n${KEYS}`, credentials: "[default]\naws_session_token = hunter2" },
        "aws_access_key_id is missing",
      ],
    ] as const
  ) {
    assertStringIncludes(await refuse(given), message);
    assertEquals((await refuse(given)).includes("hunter2"), false);
  }
  assertStringIncludes(
    await refuse({ credentials: "[default]\naws_access_key_id = id\naws_secret_access_key = hünter2" }),
    "printable ASCII",
  );
});

Deno.test("a profile without credentials and a missing profile are refused with advice", async () => {
  const environment = { AWS_EC2_METADATA_DISABLED: "true" };
  const message = await refuse({ config: "[default]\nregion = x", environment });
  assertStringIncludes(message, "Profile 'default' has no credentials");
  assertStringIncludes(message, "aws_access_key_id, role_arn, credential_process, or sso_account_id");
  assertStringIncludes(await refuse({}), "Unknown profile 'default'");
  assertStringIncludes(await refuse({ config: "[profile dev]", profile: "dve" }), "Unknown profile 'dve'");
  const context = contextOf({});
  const profile = readProfile({ environment: context.environment, readTextFile: () => "[default]\nregion = x" })!;
  assertEquals(profileCredentials(profile, { context }), undefined);
});

Deno.test("profileCredentials() assumes a role with every setting of the profile", async () => {
  const config =
    `[profile a]\n${ROLE}source_profile = base\nexternal_id = x\nrole_session_name = ada\nduration_seconds = 900\n` +
    `region = eu-west-1\n[profile base]\n${KEYS}`;
  assertEquals(await ask({ config, profile: "a" }), {
    RoleArn,
    ExternalId: "x",
    DurationSeconds: "900",
    RoleSessionName: "ada",
    at: inRegion("eu-west-1"),
    source: "id",
  });
  assertEquals(await ask({ config: `[default]\n${ROLE}credential_source = Environment` }), {
    RoleArn,
    at,
    source: "outside",
  });
});

for (
  const [kind, source] of [
    ["Environment", "outside"],
    ["EcsContainer", "ASIACONTAINER"],
    ["Ec2InstanceMetadata", "ASIAINSTANCE"],
  ] as const
) {
  Deno.test(`profileCredentials() assumes a role with ${kind} as its source`, async () => {
    const asked = await ask({ config: `[default]\n${ROLE}credential_source = ${kind}` });
    assertEquals((asked as { source: string }).source, source);
  });
}

Deno.test("the region of STS comes from the option, the environment or the profile, in this order", async () => {
  const config = `[default]\n${ROLE}credential_source = Environment\nregion = profile`;
  const AWS_DEFAULT_REGION = "default";
  const regions = [
    { config, environment: { AWS_REGION: "environment", AWS_DEFAULT_REGION }, region: "option" },
    { config, environment: { AWS_REGION: "environment", AWS_DEFAULT_REGION } },
    { config, environment: { AWS_DEFAULT_REGION } },
    { config },
  ].map(async (given) => (await ask(given) as { at: string }).at);
  assertEquals(await Promise.all(regions), ["option", "environment", "default", "profile"].map(inRegion));
});

Deno.test("the endpoint of STS comes from the environment or the profile, that of the service first", async () => {
  const config = `[default]\n${ROLE}credential_source = Environment\nendpoint_url = http://all/\nservices = s\n` +
    "[services s]\nsts =\n  endpoint_url = http://sts/";
  const endpoint = async (given: Texts): Promise<string> => (await ask(given) as { at: string }).at;
  assertEquals(await endpoint({ config }), "http://sts/");
  assertEquals(await endpoint({ config: config.replace("services = s\n", "") }), "http://all/");
  assertEquals(await endpoint({ config, environment: { AWS_ENDPOINT_URL: "http://e" } }), "http://e/");
  const environment = { AWS_ENDPOINT_URL: "http://e", AWS_ENDPOINT_URL_STS: "http://e/sts" };
  assertEquals(await endpoint({ config, environment }), "http://e/sts");
  const ignoring = { ...environment, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
  assertEquals(await endpoint({ config, environment: ignoring }), at);
  assertEquals(
    await endpoint({
      config: config.replace("services", "ignore_configured_endpoint_urls = true\nservices"),
      environment,
    }),
    at,
  );
  assertStringIncludes(
    await refuse({ config, environment: { AWS_ENDPOINT_URL_STS: "sts.example.com" } }),
    "http or https URL",
  );
});

Deno.test("profileCredentials() chains roles through source profiles, with any kind of last source", async () => {
  const config =
    `[profile a]\n${ROLE}source_profile = b\n[profile b]\nrole_arn = ${OTHER}\nsource_profile = c\nregion = b\n`;
  const chained = (source: string): unknown => ({
    RoleArn,
    at,
    source: JSON.stringify({ RoleArn: OTHER, at: inRegion("b"), source }),
  });
  assertEquals(await ask({ config, credentials: `[c]\n${KEYS}`, profile: "a" }), chained("id"));
  assertEquals(
    await ask({ config: `${config}[profile c]\nrole_arn = ${OTHER}\nweb_identity_token_file = /t`, profile: "a" }),
    chained(JSON.stringify({ RoleArn: OTHER, WebIdentityToken: "token of /t", at })),
  );
});

Deno.test("in a source profile keys take precedence over a role, so that a profile may be its own source", async () => {
  const config = `[profile a]\n${ROLE}source_profile = b\n[profile b]\n${KEYS}role_arn = ${OTHER}\nsource_profile = a`;
  const asked = { RoleArn, at, source: "id" };
  assertEquals(await ask({ config, profile: "a" }), asked);
  assertEquals(await ask({ config: `[default]\n${ROLE}${KEYS}source_profile = default` }), asked);
});

for (
  const [what, config, message] of [
    [
      "a source that is missing",
      "source_profile = bases\n[profile base]",
      "Unknown profile 'bases'. Did you mean base?",
    ],
    [
      "a source without credentials",
      "source_profile = base\n[profile base]\nregion = x",
      "source_profile 'base', which has no credentials",
    ],
    ["no source", "", "requires either source_profile or credential_source"],
    [
      "two sources",
      "source_profile = a\ncredential_source = Environment",
      "requires either source_profile or credential_source",
    ],
    ["an unknown kind of source", "credential_source = EcsContianer", "Did you mean EcsContainer?"],
    [
      "MFA",
      "source_profile = base\nmfa_serial = arn:mfa\n[profile base]\n" + KEYS,
      'get temporary keys with "aws sts get-session-token',
    ],
    ["a source that is itself", "source_profile = a", "form a loop: a → a"],
    [
      "a circle",
      `source_profile = b\n[profile b]\n${ROLE}source_profile = c\n[profile c]\n${ROLE}source_profile = b`,
      "form a loop: a → b → c → b",
    ],
    [
      "too short a duration",
      "credential_source = Environment\nduration_seconds = 899",
      "duration_seconds of profile 'a' must be",
    ],
    ["a duration that is no number", "credential_source = Environment\nduration_seconds = 1h", 'got "1h"'],
  ] as const
) {
  Deno.test(`profileCredentials() refuses a role with ${what}`, async () => {
    assertStringIncludes(await refuse({ config: `[profile a]\n${ROLE}${config}`, profile: "a" }), message);
  });
}

Deno.test("profileCredentials() uses the token file of a web identity, and refuses it without a role", async () => {
  const config = `[default]\n${ROLE}web_identity_token_file = /var/token\nrole_session_name = ada\nregion = eu-west-1`;
  assertEquals(await ask({ config }), {
    RoleArn,
    RoleSessionName: "ada",
    WebIdentityToken: "token of /var/token",
    at: inRegion("eu-west-1"),
  });
  assertStringIncludes(await refuse({ config: "[default]\nweb_identity_token_file = /t" }), "requires role_arn");
});

Deno.test("profileCredentials() refuses a login session with a workaround", async () => {
  const message = await refuse({ config: "[profile a]\nlogin_session = arn:aws:iam::1:user/ada", profile: "a" });
  assertStringIncludes(message, "credential_process = aws configure export-credentials --profile a --format process");
});

Deno.test("profileCredentials() chooses among several kinds as boto3 does", async () => {
  const all = `${KEYS}credential_process = false\n`;
  const both = { config: `[default]\n${all}${ROLE}credential_source = Environment`, credentials: `[default]\n${KEYS}` };
  assertEquals(await ask(both), { RoleArn, at, source: "outside" });
  assertEquals(await ask({ config: `[default]\n${all}${ROLE}web_identity_token_file = /t` }), {
    RoleArn,
    WebIdentityToken: "token of /t",
    at,
  });
  assertEquals(await ask({ config: "[default]\ncredential_process = false", credentials: `[default]\n${KEYS}` }), "id");
  assertStringIncludes(await refuse({ config: `[default]\n${KEYS}login_session = x` }), "login_session");
  assertStringIncludes(await refuse({ config: `[default]\n${KEYS}credential_process = "` }), "credential_process");
  assertStringIncludes(
    await refuse({ config: "[default]\nsso_account_id = 1", credentials: `[default]\n${KEYS}` }),
    "sso_role_name",
  );
});

Deno.test("each variable of a web identity takes precedence over the profile, as in boto3", async () => {
  const config = `[default]\n${ROLE}web_identity_token_file = /profile\nrole_session_name = profile`;
  const AWS_WEB_IDENTITY_TOKEN_FILE = "/variable";
  const asked = async (environment: Record<string, string>, text = config): Promise<unknown> => {
    const variables = { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/c", ...environment };
    return await ask({
      config: text,
      profile: undefined,
      context: {
        ...contextOf(variables),
        fetch: reportingFetch,
        readTextFile: (path) => Promise.resolve(`token of ${path}`),
      },
    });
  };
  const expected = { RoleArn, RoleSessionName: "profile", WebIdentityToken: "token of /profile", at };
  assertEquals(await asked({}), expected);
  assertEquals(await asked({ AWS_WEB_IDENTITY_TOKEN_FILE }), { ...expected, WebIdentityToken: "token of /variable" });
  assertEquals(await asked({ AWS_ROLE_ARN: OTHER, AWS_ROLE_SESSION_NAME: "ada" }), {
    ...expected,
    RoleArn: OTHER,
    RoleSessionName: "ada",
  });
  const noRole = "[default]\nweb_identity_token_file = /profile";
  assertEquals(await asked({ AWS_ROLE_ARN: OTHER }, noRole), {
    RoleArn: OTHER,
    WebIdentityToken: "token of /profile",
    at,
  });
  await assertRejects(() => asked({}, noRole), ConfigurationError, "role_arn of the profile");
  // A profile's role without a token comes first.
  const role = `[default]\n${ROLE}credential_source = EcsContainer`;
  assertEquals(await asked({ AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN: OTHER }, role), {
    RoleArn,
    at,
    source: "ASIACONTAINER",
  });
});
