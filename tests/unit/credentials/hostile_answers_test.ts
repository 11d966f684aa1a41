/** Every provider that asks a server meets one that lies: typed errors, no secret, nothing followed, memory bounded. */
import { assert, assertEquals } from "@std/assert";
import { assumeRole } from "../../../src/credentials/sts/assume_role.ts";
import { containerCredentials } from "../../../src/credentials/endpoints/container.ts";
import { instanceMetadataCredentials } from "../../../src/credentials/endpoints/instance_metadata.ts";
import type { CredentialProvider } from "../../../src/aws/credentials.ts";
import { refreshingCredentials } from "../../../src/credentials/refreshing.ts";
import { ssoCredentials } from "../../../src/credentials/sso/sso_credentials.ts";
import { webIdentityCredentials } from "../../../src/credentials/sts/web_identity.ts";
import { isStorageError } from "../../../src/errors.ts";
import { withoutWaiting } from "../transport.ts";
import { assertNoSecret, type World, world } from "./world.ts";

type Lie = (request: Request) => Response | Promise<Response>;

const SOURCE = {
  accessKeyId: "AKIDhunter2hunter2",
  secretAccessKey: "hunter2-secret-key",
  sessionToken: "hunter2-token",
};
const ROLE = "arn:aws:iam::123456789012:role/media";

/** An SSO token by the name of its file. */
async function withSsoToken(context: World, secondsLeft: number): Promise<void> {
  context.variables.HOME = "/someone";
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-1", new TextEncoder().encode("corp")));
  context.files[`/someone/.aws/sso/cache/${digest.toHex()}.json`] = JSON.stringify({
    accessToken: "hunter2-access",
    expiresAt: new Date(context.time + secondsLeft * 1000).toISOString(),
    clientId: "hunter2-client",
    clientSecret: "hunter2-client-secret",
    refreshToken: "hunter2-refresh",
  });
}

function sso(context: World): CredentialProvider {
  return ssoCredentials({
    accountId: "123456789012",
    roleName: "media",
    cacheName: "corp",
    portalUrl: "https://portal.sso.eu-west-1.amazonaws.com",
    oidcUrl: "https://oidc.eu-west-1.amazonaws.com",
    signIn: "run aws sso login",
    context,
    replaceTextFile: () => Promise.resolve(true),
    renewed: new Map(),
    timeoutSeconds: 5,
  });
}

const PROVIDERS: Readonly<Record<string, (context: World) => CredentialProvider | Promise<CredentialProvider>>> = {
  "AssumeRole": (context) =>
    assumeRole({ context, roleArn: ROLE, source: () => SOURCE, externalId: "hunter2-external" }),
  "AssumeRoleWithWebIdentity": (context) => {
    context.files["/token"] = "hunter2-identity";
    return webIdentityCredentials({ context, roleArn: ROLE, webIdentityTokenFile: "/token" });
  },
  "SSO": async (context) => (await withSsoToken(context, 86_400), sso(context)),
  "SSO with a token that is renewed": async (context) => (await withSsoToken(context, -1), sso(context)),
  "the container": (context) => {
    context.variables.AWS_CONTAINER_CREDENTIALS_FULL_URI = "http://127.0.0.1/credentials";
    context.variables.AWS_CONTAINER_AUTHORIZATION_TOKEN = "hunter2-authorization";
    return containerCredentials({ context });
  },
  "instance metadata": (context) => instanceMetadataCredentials({ context }),
  // The token and the role are valid, the rest is hostile.
  "instance metadata, in its last answer": (context) => {
    const lying = context.fetch;
    const honest = async (request: Request): Promise<Response> => {
      if (request.url.endsWith("/token")) return new Response("hunter2-imds");
      return request.url.endsWith("/security-credentials/") ? new Response("media") : await lying(request);
    };
    return instanceMetadataCredentials({ context: { ...context, fetch: honest } });
  },
};

// deno-lint-ignore no-control-regex -- just these are looked for
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/;

async function assertRefused(what: string, lie: Lie): Promise<void> {
  for (const [name, provide] of Object.entries(PROVIDERS)) {
    const requests: Request[] = [];
    const context = world();
    const fetch = async (request: Request): Promise<Response> => {
      requests.push(request);
      return await lie(request);
    };
    const provider = await provide({ ...context, fetch, environment: (name) => context.variables[name] });
    const keeper = refreshingCredentials(provider, { context });
    const error = await withoutWaiting(async () => {
      try {
        await keeper();
      } catch (error) {
        return error;
      }
    });
    const met = `${name} meets ${what}`;
    assert(isStorageError(error), `${met}: ${Deno.inspect(error)}`);
    assertNoSecret(error);
    assert(!UNPRINTABLE.test(error.message) && error.message.length < 1500, `${met}: ${JSON.stringify(error.message)}`);
    for (const { url, redirect } of requests) {
      assertEquals(redirect, "manual", met);
      assert(!url.includes("evil"), met);
    }
    assert(requests.length <= 12, met);
  }
}

for (const status of [300, 301, 302, 303, 307, 308]) {
  Deno.test(`no provider follows a redirect with status ${status}`, async () => {
    const location = "https://evil.example/steal";
    await assertRefused(`a ${status}`, () => new Response(null, { status, headers: { location } }));
  });
}

for (const [begin, chunk] of [["", " "], ["{", '"a":1,'], ["<", "a"], ["<a>", "<b/>"]] as const) {
  Deno.test(`no provider reads an endless response: ${begin}${chunk}…`, async () => {
    let most = 0;
    for (const status of [200, 400, 500]) {
      await assertRefused(`${status} without end`, () => {
        const bytes = new TextEncoder().encode(chunk.repeat(1000));
        let taken = 0;
        return new Response(
          new ReadableStream<Uint8Array<ArrayBuffer>>({
            start: (controller) => controller.enqueue(new TextEncoder().encode(begin)),
            pull: (controller) => {
              controller.enqueue(bytes);
              most = Math.max(most, taken += bytes.byteLength);
            },
          }, { highWaterMark: 0 }),
          { status },
        );
      });
    }
    assert(most > 0 && most <= 80 * 1024, `${most} bytes were read`);
  });
}

const escaped = (text: string): string => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);

Deno.test("errors of providers mask secrets that a response repeats", async () => {
  for (const status of [200, 400, 401, 403, 500]) {
    for (const kind of ["xml", "json"]) {
      await assertRefused(`an echo with ${status}`, async (request) => {
        const sent = [...request.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
        const echo = `${request.url} ${sent} ${await request.text()}`;
        const xml = `<ErrorResponse><Error><Code>Refused</Code><Message>${
          escaped(echo)
        }</Message></Error></ErrorResponse>`;
        return new Response(kind === "xml" ? xml : JSON.stringify({ Code: "Refused", Message: echo, error: echo }), {
          status,
        });
      });
    }
  }
});

Deno.test("errors of providers mask secrets in the place of an expiration", async () => {
  await assertRefused("an expiration", async (request) => {
    if (request.method === "PUT") return new Response("hunter2-metadata");
    if (request.url.endsWith("/security-credentials/")) return new Response("role");
    const body = await request.text();
    const echo = [...request.headers.values(), body].join(" ");
    const operation = new URLSearchParams(body).get("Action");
    const json = { AccessKeyId: "a", SecretAccessKey: "b", Token: "c", Expiration: echo };
    const sso = { accessKeyId: "a", secretAccessKey: "b", sessionToken: "c", expiration: echo };
    return new Response(
      operation === null
        ? JSON.stringify({ ...json, roleCredentials: sso })
        : `<a><${operation}Result><Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>b</SecretAccessKey>` +
          `<SessionToken>c</SessionToken><Expiration>${
            escaped(echo)
          }</Expiration></Credentials></${operation}Result></a>`,
    );
  });
});

Deno.test("errors of providers escape control characters", async () => {
  const evil = "\x1b[2J\x9b31m\u202e\u2066\nERROR: forged\r" + "x".repeat(5000);
  const xml = [...evil].map((character) => `&#${character.charCodeAt(0)};`).join("");
  for (const status of [200, 400, 403, 500]) {
    await assertRefused(
      "escapes in JSON",
      () => new Response(JSON.stringify({ code: evil, message: evil }), { status }),
    );
    await assertRefused("escapes in XML", () => {
      return new Response(`<a><Error><Code>${xml}</Code><Message>${xml}</Message></Error></a>`, { status });
    });
    await assertRefused("escapes in credentials", () => {
      const credentials = { AccessKeyId: "a", SecretAccessKey: "b", Token: "c", Expiration: evil };
      return new Response(JSON.stringify(credentials), { status });
    });
  }
});

Deno.test("responses of other shapes raise typed errors", async () => {
  const end = "2030-01-01T01:00:00Z";
  const documents = [
    "",
    "null",
    "[]",
    '"x"',
    "[".repeat(30_000),
    '{"a":'.repeat(10_000),
    "<a>".repeat(10_000),
    '{"AccessKeyId":{"a":1},"SecretAccessKey":[],"Token":1,"Expiration":null}',
    JSON.stringify({ AccessKeyId: "a", SecretAccessKey: "b\n", Token: "c", Expiration: end }),
    JSON.stringify({ AccessKeyId: "a", SecretAccessKey: "b", Token: "c", Expiration: "1e400" }),
    JSON.stringify({ AccessKeyId: "a", SecretAccessKey: "b", Token: "c", Expiration: -1 }),
    JSON.stringify({
      roleCredentials: { accessKeyId: "a", secretAccessKey: "b\u009b", sessionToken: "c", expiration: 9e99 },
    }),
    JSON.stringify({ accessToken: "a\n", expiresIn: 9e99 }),
    "<AssumeRoleResponse><AssumeRoleResult><Credentials/></AssumeRoleResult></AssumeRoleResponse>",
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
  ];
  for (const document of documents) await assertRefused(document.slice(0, 80), () => new Response(document));
});
