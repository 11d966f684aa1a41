import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import type { CredentialProvider } from "../../../../src/aws/credentials.ts";
import type { SessionOptions } from "../../../../src/credentials/session_credentials.ts";
import {
  ConfigurationError,
  ConnectionError,
  PermissionDeniedError,
  ServiceError,
  type StorageError,
  ThrottledError,
  TimeoutError,
  UnauthenticatedError,
} from "../../../../src/errors.ts";
import { SSO, type SsoMode, type SsoServer, startSsoServer } from "../../../fakes/sso_server.ts";
import { HeldTime } from "../../held_time.ts";
import { fromTexts, NOW } from "../profiles.ts";
import { plain } from "../world.ts";

const START_URL = "https://example.awsapps.com/start";
const ROLE = `sso_account_id = ${SSO.accountId}\nsso_role_name = ${SSO.roleName}\n`;
const SESSION = `[sso-session corp]\nsso_start_url = ${START_URL}\nsso_region = eu-west-1\n`;
const CONFIG = `[default]\n${ROLE}sso_session = corp\n${SESSION}`;
const LEGACY = `[default]\n${ROLE}sso_start_url = ${START_URL}\nsso_region = eu-west-1\n`;

const HOUR = 3_600_000;
const from = (milliseconds: number): string => new Date(NOW.getTime() + milliseconds).toISOString();

const TOKEN = { startUrl: START_URL, region: "eu-west-1", accessToken: SSO.accessToken, expiresAt: from(HOUR) };
const RENEWABLE = {
  ...TOKEN,
  clientId: SSO.clientId,
  clientSecret: SSO.clientSecret,
  refreshToken: SSO.refreshToken,
  registrationExpiresAt: from(100 * HOUR),
};

/** A home folder with a token, a server, and the provider of a profile that uses both. */
interface World {
  readonly server: SsoServer;
  readonly provider: CredentialProvider;
  readonly tokenFile: string;
  readonly readToken: () => Promise<Record<string, unknown>>;
}

async function inWorld(
  { token = TOKEN, config = CONFIG, name = "corp", ...options }: Partial<SessionOptions> & {
    readonly token?: unknown;
    readonly config?: string;
    readonly name?: string;
  },
  work: (world: World) => Promise<void>,
): Promise<void> {
  await using server = startSsoServer();
  const home = await Deno.makeTempDir();
  try {
    const folder = `${home}/.aws/sso/cache`;
    await Deno.mkdir(folder, { recursive: true });
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", new TextEncoder().encode(name)));
    const tokenFile = `${folder}/${digest.toHex()}.json`;
    if (token !== undefined) {
      await Deno.writeTextFile(tokenFile, typeof token === "string" ? token : JSON.stringify(token));
    }
    const environment = { HOME: home, AWS_ENDPOINT_URL_SSO: server.url, AWS_ENDPOINT_URL_SSO_OIDC: `${server.url}/` };
    const provider = fromTexts({ config, environment, ...options });
    await work({ server, provider, tokenFile, readToken: async () => JSON.parse(await Deno.readTextFile(tokenFile)) });
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

const CREDENTIALS = [SSO.accessKeyId, SSO.secretAccessKey, SSO.sessionToken, "2030-01-01T00:00:00Z"];

/** Returns the error's message, and asserts that the error shows no secret. */
async function refuse(provider: CredentialProvider, kind: new (message: string) => StorageError): Promise<string> {
  const error = await assertRejects(async () => await provider(), kind);
  const shown = Deno.inspect(error, { depth: 9, showHidden: true });
  const { accountId: _, roleName: __, ...secrets } = SSO;
  for (const secret of Object.values(secrets)) assertEquals(shown.includes(secret), false, `shows ${secret}`);
  return error.message;
}

const PORTAL = "GET /federation/credentials";
const OIDC = "POST /token";

Deno.test("ssoCredentials() requests the role's credentials with the cached token", () =>
  inWorld({}, async ({ provider, server }) => {
    const credentials = await provider();
    assertEquals(plain(credentials), CREDENTIALS);
    assert(Object.isFrozen(credentials));
    assertEquals(Deno.inspect(credentials, { depth: 9 }).includes(SSO.secretAccessKey), false);
    assertEquals(server.requests, [PORTAL]);
  }));

Deno.test("ssoCredentials() finds the token of a start URL, and reads the expiration of older tools", () =>
  inWorld(
    { config: LEGACY, name: START_URL, token: { ...TOKEN, expiresAt: "2029-06-01T12:06:00UTC" } },
    async ({ provider }) => {
      assertEquals(plain(await provider()), CREDENTIALS);
    },
  ));

Deno.test("ssoAccessToken() names the token file as the AWS CLI does", () =>
  inWorld({ name: "my-sso", config: CONFIG.replaceAll("corp", "my-sso") }, async ({ provider, tokenFile }) => {
    assertMatch(tokenFile, /\/0ad374308c5a4e22f723adf10145eafad7c4031c\.json$/);
    assertEquals(plain(await provider()), CREDENTIALS);
  }));

Deno.test("a token that expires soon is renewed and stored for the AWS CLI", () =>
  inWorld(
    { token: { ...RENEWABLE, expiresAt: from(4 * 60_000), own: "kept" } },
    async ({ provider, server, readToken, tokenFile }) => {
      assertEquals(plain(await provider()), CREDENTIALS);
      assertEquals(server.requests, [OIDC, PORTAL]);
      const expected = {
        ...RENEWABLE,
        own: "kept",
        accessToken: `${SSO.accessToken}-2`,
        refreshToken: `${SSO.refreshToken}-2`,
        expiresAt: "2029-06-01T13:00:00Z",
      };
      assertEquals(await readToken(), expected);
      if (Deno.build.os !== "windows") assertEquals((await Deno.stat(tokenFile)).mode! & 0o777, 0o600);
      assertEquals(
        await Array.fromAsync(Deno.readDir(tokenFile.replace(/[^/]*$/, ""))).then((files) => files.length),
        1,
      );
      await provider();
      assertEquals(server.requests, [OIDC, PORTAL, PORTAL]);
    },
  ));

Deno.test("a renewed token is cached, as its file may not be writable", () =>
  inWorld({ token: { ...RENEWABLE, expiresAt: from(-1) } }, async ({ provider, server, tokenFile }) => {
    const before = await Deno.readTextFile(tokenFile);
    await provider();
    await Deno.writeTextFile(tokenFile, before);
    assertEquals(plain(await provider()), CREDENTIALS);
    assertEquals(server.requests, [OIDC, PORTAL, PORTAL]);
  }));

Deno.test("a newer token in the file takes precedence over a renewed one", () =>
  inWorld({ token: { ...RENEWABLE, expiresAt: from(-1) } }, async ({ provider, server, tokenFile }) => {
    await provider();
    await Deno.writeTextFile(
      tokenFile,
      JSON.stringify({ ...TOKEN, accessToken: "signed-out", expiresAt: from(9 * HOUR) }),
    );
    await refuse(provider, UnauthenticatedError);
    assertEquals(server.requests, [OIDC, PORTAL, PORTAL]);
  }));

Deno.test("a valid token is used if it cannot be renewed", async () => {
  for (const oidc of ["broken", "expired", "malformed"] as const) {
    await inWorld({ token: { ...RENEWABLE, expiresAt: from(60_000) } }, async ({ provider, server }) => {
      server.oidc = oidc;
      assertEquals(plain(await provider()), CREDENTIALS);
      assertEquals(server.requests, [OIDC, PORTAL]);
    });
  }
  await inWorld({ token: { ...TOKEN, expiresAt: from(60_000) } }, async ({ provider, server }) => {
    assertEquals(plain(await provider()), CREDENTIALS);
    assertEquals(server.requests, [PORTAL]);
  });
});

for (
  const [what, token, requests] of [
    ["cannot be renewed", { ...TOKEN, expiresAt: from(-1) }, []],
    ["belongs to a client that has ended", { ...RENEWABLE, expiresAt: from(-1), registrationExpiresAt: from(-1) }, []],
    ["has a refresh token that was used before", { ...RENEWABLE, expiresAt: from(-1), refreshToken: "used" }, [OIDC]],
    ["has a client that is unknown", { ...RENEWABLE, expiresAt: from(-1), clientId: "who" }, [OIDC]],
  ] as const
) {
  Deno.test(`an expired token that ${what} is refused with the command to run`, () =>
    inWorld({ token }, async ({ provider, server }) => {
      const message = await refuse(provider, UnauthenticatedError);
      assertEquals(message, 'The SSO session has expired: run "aws sso login --profile default"');
      assertEquals(server.requests, [...requests]);
    }));
}

for (
  const [what, token] of [
    ["is missing", undefined],
    ["is no JSON", `{"accessToken": "${SSO.accessToken}"`],
    ["is a list", [SSO.accessToken]],
    ["has no end", { accessToken: SSO.accessToken }],
    ["has an end that is no date", { ...TOKEN, expiresAt: "soon" }],
    ["has no token", { ...TOKEN, accessToken: undefined }],
    ["is a token that no header can carry", { ...TOKEN, accessToken: `${SSO.accessToken}\n` }],
  ] as const
) {
  Deno.test(`a token file that ${what} is refused with the command to run`, () =>
    inWorld({ token: token ?? "" }, async ({ provider, tokenFile, server }) => {
      if (token === undefined) await Deno.remove(tokenFile);
      assertEquals(
        await refuse(provider, ConfigurationError),
        `No readable SSO token in ${tokenFile}: run "aws sso login --profile default"`,
      );
      assertEquals(server.requests, []);
    }));
}

for (
  const [portal, kind, message, tries] of [
    ["expired", UnauthenticatedError, 'SSO refuses its token: run "aws sso login --profile default"', 1],
    ["forbidden", PermissionDeniedError, "SSO denies access to role 'Reader' in account 123456789012", 1],
    ["unknown", ConfigurationError, "SSO has no role 'Reader' in account 123456789012", 1],
    ["throttled", ThrottledError, "GetRoleCredentials failed: status 429", 3],
    ["broken", ServiceError, "GetRoleCredentials failed: status 500", 3],
    ["malformed", ServiceError, "Invalid response to GetRoleCredentials: missing accessKeyId", 1],
    ["huge", ServiceError, "Invalid response to GetRoleCredentials: longer than 65536 bytes", 1],
    ["hung", TimeoutError, "within 30 s", 3],
  ] as const satisfies readonly (readonly [SsoMode, unknown, string, number])[]
) {
  Deno.test(`a portal that is ${portal} causes a ${kind.name} after ${tries} attempts`, () =>
    inWorld({ ssoTimeoutSeconds: 30 }, async ({ provider, server }) => {
      server.portal = portal;
      using time = new HeldTime(10_000); // not the pause between two tries
      const refused = refuse(provider, kind);
      if (portal === "hung") await time.passAtEach(server.requests, tries, 30);
      assertStringIncludes(await refused, message);
      assertEquals(server.requests, Array(tries).fill(PORTAL));
    }));
}

for (
  const [oidc, kind, message] of [
    ["expired", UnauthenticatedError, "The SSO session has expired"],
    ["throttled", ThrottledError, "CreateToken failed: status 429"],
    ["broken", ServiceError, "CreateToken failed: status 500"],
    ["malformed", ServiceError, "Invalid response to CreateToken: missing token"],
    ["huge", ServiceError, "Invalid response to CreateToken: longer than 65536 bytes"],
    ["hung", TimeoutError, "within 30 s"],
  ] as const satisfies readonly (readonly [SsoMode, unknown, string])[]
) {
  Deno.test(`a renewal that is ${oidc} causes a ${kind.name} and is not retried`, () =>
    inWorld({ token: { ...RENEWABLE, expiresAt: from(-1) }, ssoTimeoutSeconds: 30 }, async ({ provider, server }) => {
      server.oidc = oidc;
      using time = new HeldTime(10_000); // not the pause between two tries
      const refused = refuse(provider, kind);
      if (oidc === "hung") await time.passAtEach(server.requests, 1, 30);
      assertStringIncludes(await refused, message);
      assertEquals(server.requests, [OIDC]);
    }));
}

Deno.test("a throttled request to the portal is retried", () =>
  inWorld({}, async ({ provider, server }) => {
    server.throttleNext = 2;
    assertEquals(plain(await provider()), CREDENTIALS);
    assertEquals(server.requests, [PORTAL, PORTAL, PORTAL]);
  }));

Deno.test("an unreachable portal causes a ConnectionError with its host", () =>
  inWorld({}, async ({ provider, server }) => {
    await server[Symbol.asyncDispose]();
    assertStringIncludes(
      await refuse(provider, ConnectionError),
      `GetRoleCredentials failed: cannot reach ${new URL(server.url).host}: `,
    );
  }));

for (
  const [what, config, message] of [
    [
      "an unknown session",
      `[default]\n${ROLE}sso_session = corpo\n${SESSION}`,
      "Unknown section [sso-session …] 'corpo'. Did you mean corp?",
    ],
    [
      "a session without a region",
      `[default]\n${ROLE}sso_session = c\n[sso-session c]\nsso_start_url = u`,
      "sso_region is missing",
    ],
    ["no role", `[default]\nsso_account_id = 1\nsso_session = corp\n${SESSION}`, "sso_role_name is missing"],
    ["no start URL", `[default]\n${ROLE}sso_region = eu-west-1`, "sso_start_url is missing"],
    [
      "a session that says something else",
      CONFIG.replace("corp\n", "corp\nsso_region = us-east-1\n"),
      "have different values of sso_region",
    ],
    [
      "a region that is a path",
      LEGACY.replace("= eu-west-1", "= example.com/"),
      "sso_region of profile 'default' must be a region name",
    ],
  ] as const
) {
  Deno.test(`profileSso() refuses a profile with ${what}`, async () => {
    assertStringIncludes(await refuse(fromTexts({ config }), ConfigurationError), message);
  });
}

Deno.test("ssoAccessToken() requires a home folder", async () => {
  for (const HOME of ["", "home", "~"]) {
    const environment = { HOME, AWS_CONFIG_FILE: "/config", AWS_SHARED_CREDENTIALS_FILE: "/none" };
    const message = await refuse(fromTexts({ config: CONFIG, environment }), ConfigurationError);
    assertStringIncludes(message, "HOME must be an absolute path");
  }
});

for (const [region, host] of [["eu-west-1", "amazonaws.com"], ["cn-north-1", "amazonaws.com.cn"]] as const) {
  Deno.test(`SSO in ${region} is requested at ${host} by https, with the token in a header, without following redirects`, async () => {
    const requests: Request[] = [];
    const fetch = (request: Request): Promise<Response> => {
      requests.push(request);
      return Promise.resolve(new Response(null, { status: 302, headers: { location: "https://example.com/" } }));
    };
    const provider = fromTexts({
      config: CONFIG.replaceAll("eu-west-1", region),
      context: {
        environment: (name) => name === "HOME" ? "/users/ada" : undefined,
        readTextFile: () => Promise.resolve(JSON.stringify({ ...RENEWABLE, expiresAt: from(60_000) })),
        fetch,
        now: () => NOW,
      },
    });
    await refuse(provider, ServiceError);
    assertEquals(requests.map(({ url, method, redirect }) => [method, url, redirect]), [
      ["POST", `https://oidc.${region}.${host}/token`, "manual"],
      [
        "GET",
        `https://portal.sso.${region}.${host}/federation/credentials?role_name=Reader&account_id=123456789012`,
        "manual",
      ],
    ]);
    assertEquals(requests[1]!.headers.get("x-amz-sso_bearer_token"), SSO.accessToken);
  });
}
