import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { NoCredentialsFound } from "../../../../src/credentials/no_credentials.ts";
import {
  instanceMetadataCredentials,
  type InstanceMetadataOptions,
} from "../../../../src/credentials/endpoints/instance_metadata.ts";
import type { CredentialProvider } from "../../../../src/aws/credentials.ts";
import { ConfigurationError, ServiceError, ThrottledError, TimeoutError } from "../../../../src/errors.ts";
import { metadataDocument, type MetadataServer, serveMetadata } from "../../../fakes/metadata_server.ts";
import { HeldTime, until } from "../../held_time.ts";
import { silence, withoutWaiting } from "../../transport.ts";
import { inSeconds, NOW, plain, refusalOf, world } from "../world.ts";

const DOCUMENT = metadataDocument(inSeconds(3600));
const EXPECTED = ["ASIAINSTANCE", "hunter2-instance-secret", "hunter2-instance-session", inSeconds(3600)];
const TOKEN = "PUT /latest/api/token";
const ROLES = "GET /latest/meta-data/iam/security-credentials/";
const CREDENTIALS = `${ROLES}media-role`;

/** Uses a timeout that a busy machine does not reach. */
function on(server: MetadataServer, options: Partial<InstanceMetadataOptions> = {}): CredentialProvider {
  const context = world({ AWS_EC2_METADATA_SERVICE_ENDPOINT: `${server.origin}/` });
  return instanceMetadataCredentials({ context, timeoutSeconds: 60, ...options });
}

Deno.test("instanceMetadataCredentials() requests the token, the role and its credentials", async () => {
  await using server = serveMetadata(DOCUMENT);
  assertEquals(plain(await on(server)()), EXPECTED);
  assertEquals(server.asked, [TOKEN, ROLES, CREDENTIALS]);
  assertEquals(
    plain(await instanceMetadataCredentials({ context: world(), endpoint: server.origin, timeoutSeconds: 60 })()),
    EXPECTED,
  );
});

Deno.test("instanceMetadataCredentials() uses IPv4, or IPv6 by variable", async () => {
  await using server = serveMetadata(DOCUMENT);
  for (
    const [mode, origin] of [
      ["", "http://169.254.169.254"],
      ["IPv4", "http://169.254.169.254"],
      ["ipv6", "http://[fd00:ec2::254]"],
    ] as const
  ) {
    const context = world({ AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: mode }, (url) => {
      assertEquals(url.startsWith(`${origin}/latest/`), true, url);
      return url.replace(origin, server.origin);
    });
    assertEquals(plain(await instanceMetadataCredentials({ context, timeoutSeconds: 60 })()), EXPECTED);
  }
});

Deno.test("instanceMetadataCredentials() refuses malformed variables, and can be disabled", async () => {
  for (
    const [name, values] of Object.entries({
      AWS_EC2_METADATA_SERVICE_ENDPOINT: ["169.254.169.254", "ftp://x"],
      AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: ["IPv5"],
      AWS_METADATA_SERVICE_TIMEOUT: ["0", "-1", "soon", "9999"],
      AWS_METADATA_SERVICE_NUM_ATTEMPTS: ["0", "1.5", "x"],
    })
  ) {
    for (const value of values) {
      const message = await refusalOf(instanceMetadataCredentials({ context: world({ [name]: value }) }));
      assert(/must be/.test(message), `${name}=${value}: ${message}`);
    }
  }
  const context = world({ AWS_EC2_METADATA_DISABLED: "True" });
  assertStringIncludes(await refusalOf(instanceMetadataCredentials({ context }), NoCredentialsFound), "DISABLED");
});

Deno.test("instanceMetadataCredentials() has no credentials if the service hangs for a second or is unreachable", async () => {
  const context = { ...world(), fetch: silence };
  const message = await refusalOf(instanceMetadataCredentials({ context }), NoCredentialsFound);
  assertStringIncludes(message, "no response from 169.254.169.254 within 1 s");
  const server = serveMetadata(DOCUMENT);
  server.instead.token.push("silence");
  {
    using time = new HeldTime();
    const refused = refusalOf(on(server), NoCredentialsFound);
    await time.passAtEach(server.asked, 1, 60);
    assertStringIncludes(await refused, "within 60 s");
  }
  assertEquals(server.asked, [TOKEN]);
  await server[Symbol.asyncDispose]();
  assertStringIncludes(await refusalOf(on(server), NoCredentialsFound), "cannot reach");
});

Deno.test("instanceMetadataCredentials() takes timeout and attempts from variables", async () => {
  await using server = serveMetadata(DOCUMENT);
  const context = world({
    AWS_EC2_METADATA_SERVICE_ENDPOINT: server.origin,
    AWS_METADATA_SERVICE_TIMEOUT: "60",
    AWS_METADATA_SERVICE_NUM_ATTEMPTS: "2",
  });
  using time = new HeldTime();
  const provider = instanceMetadataCredentials({ context });
  server.instead.token.push("silence", "silence");
  const refused = refusalOf(provider, NoCredentialsFound);
  await time.passAtEach(server.asked, 2, 60);
  assertStringIncludes(await refused, "within 60 s");
  server.instead.token.push("silence");
  const found = withoutWaiting(async () => await provider());
  await time.passAtEach(server.asked, 1, 60);
  assertEquals(plain(await found), EXPECTED);
  assertEquals(server.asked, [TOKEN, TOKEN, TOKEN, TOKEN, ROLES, CREDENTIALS]);
});

Deno.test("instanceMetadataCredentials() fails if the service hangs after giving a token", async () => {
  await using server = serveMetadata(DOCUMENT);
  for (const step of ["role", "credentials"] as const) {
    server.instead[step].push("silence");
    using time = new HeldTime();
    const refused = refusalOf(on(server), TimeoutError);
    const path = step === "role" ? ROLES : CREDENTIALS;
    await until(() => server.asked.at(-1) === path);
    await time.pass(60_000);
    await refused;
  }
});

Deno.test("instanceMetadataCredentials() uses version 1 only if allowed", async () => {
  for (const status of [400, 403, 404, 405]) {
    await using server = serveMetadata(DOCUMENT);
    const refuse = (): unknown => server.instead.token.push(new Response("x", { status }));
    refuse();
    assertStringIncludes(await refusalOf(on(server), NoCredentialsFound), `status ${status}`);
    assertEquals(server.asked, [TOKEN]);
    refuse();
    if (status === 400) {
      await refusalOf(on(server, { allowVersion1: true }), NoCredentialsFound);
      continue;
    }
    server.version1 = true;
    assertEquals(plain(await on(server, { allowVersion1: true })()), EXPECTED);
    assertEquals(server.tokens.size, 0);
  }
});

Deno.test("the fake service without version 1 refuses requests without a token", async () => {
  await using server = serveMetadata(DOCUMENT);
  server.instead.token.push(new Response("x", { status: 405 }));
  assertStringIncludes(await refusalOf(on(server, { allowVersion1: true })), "status 401");
});

Deno.test("instanceMetadataCredentials() replaces a refused token once", async () => {
  await using server = serveMetadata(DOCUMENT);
  const no = (): Response => new Response("no", { status: 401 });
  server.instead.role.push(no());
  assertEquals(plain(await on(server)()), EXPECTED);
  assertEquals(server.asked, [TOKEN, ROLES, TOKEN, ROLES, CREDENTIALS]);
  server.asked.length = 0;
  server.instead.credentials.push(no());
  assertEquals(plain(await on(server)()), EXPECTED);
  assertEquals(server.asked, [TOKEN, ROLES, CREDENTIALS, TOKEN, ROLES, CREDENTIALS]);
  server.instead.role.push(no(), no());
  assertStringIncludes(await refusalOf(on(server), ServiceError), "refuses its own tokens");
});

Deno.test("instanceMetadataCredentials() retries a throttled request, then fails", async () => {
  await using server = serveMetadata(DOCUMENT);
  const slow = (status: number): Response => new Response("slow", { status });
  server.instead.token.push(slow(429), slow(503));
  server.instead.role.push(slow(503));
  server.instead.credentials.push(slow(429));
  assertEquals(plain(await withoutWaiting(async () => await on(server)())), EXPECTED);
  for (const step of ["token", "role", "credentials"] as const) {
    server.instead[step].push(slow(429), slow(429), slow(429));
    assertEquals(await refusalOf(on(server), ThrottledError), "Instance metadata failed: status 429");
    assertEquals(server.instead[step], []);
  }
});

Deno.test("instanceMetadataCredentials() has no credentials without a role", async () => {
  await using server = serveMetadata(DOCUMENT);
  server.role = undefined;
  assertEquals(await refusalOf(on(server), NoCredentialsFound), "the instance has no role");
});

Deno.test("instanceMetadataCredentials() extends expired credentials by ten minutes", async () => {
  await using server = serveMetadata(metadataDocument(inSeconds(-1)));
  const credentials = await on(server)();
  assertEquals(plain(credentials), [
    ...EXPECTED.slice(0, 3),
    new Date(NOW + 600_000).toISOString().replace(".000", ""),
  ]);
  assertEquals(JSON.stringify(credentials).includes("hunter2"), false);
});

Deno.test("instanceMetadataCredentials() refuses malformed responses without showing them", async () => {
  await using server = serveMetadata(DOCUMENT);
  for (
    const [document, complaint] of [
      ["<html>hunter2</html>", "not a JSON object"],
      ['{"Code":"Success","SecretAccessKey":"hunter2', "not a JSON object"],
      [{ Code: "AssumeRoleUnauthorizedAccess", Message: "EC2 cannot" }, "AssumeRoleUnauthorizedAccess: EC2 cannot"],
      [metadataDocument(inSeconds(60), { Token: undefined }), "missing sessionToken"],
      [metadataDocument(inSeconds(60), { Expiration: undefined }), "missing expiration"],
      [metadataDocument(inSeconds(60), { AccessKeyId: 7 }), "accessKeyId"],
      [metadataDocument("never"), '"never"'],
    ] as const
  ) {
    server.document = document;
    assertStringIncludes(await refusalOf(on(server), ServiceError), complaint);
  }
  server.document = DOCUMENT;
  for (const role of ["", "<html>", "../../user-data", "a b"]) {
    server.role = role;
    assertStringIncludes(await refusalOf(on(server), ServiceError), "does not name a role");
  }
  server.instead.token.push(new Response("hunter2\nhunter2"));
  assertStringIncludes(await refusalOf(on(server), ServiceError), "is not a token");
  await refusalOf(instanceMetadataCredentials({ context: world(), endpoint: "no URL" }), ConfigurationError);
});
