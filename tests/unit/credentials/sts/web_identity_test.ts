import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { NoCredentialsFound } from "../../../../src/credentials/no_credentials.ts";
import { webIdentityCredentials, webIdentityFromEnvironment } from "../../../../src/credentials/sts/web_identity.ts";
import { ConfigurationError, ServiceError, ThrottledError, UnauthenticatedError } from "../../../../src/errors.ts";
import { serveSts, stsError } from "../../../fakes/sts_server.ts";
import { withoutWaiting } from "../../transport.ts";
import { inSeconds, plain, refusalOf, world } from "../world.ts";

const FILE = "/var/run/token";
const ROLE = "arn:aws:iam::123456789012:role/media";
const options = { roleArn: ROLE, webIdentityTokenFile: FILE };

Deno.test("webIdentityCredentials() reads the token file at each call", async () => {
  await using sts = serveSts(inSeconds(3600));
  sts.webIdentityTokens.add("hunter2-first").add("hunter2-second");
  const context = world();
  const provider = webIdentityCredentials({ ...options, context, endpointUrl: sts.origin, roleSessionName: "me" });
  context.files[FILE] = "hunter2-first\n";
  assertEquals(plain(await provider()), ["ASIASTS1", "hunter2-sts-secret", "hunter2-sts-session", inSeconds(3600)]);
  context.files[FILE] = "hunter2-second";
  assertEquals((await provider()).accessKeyId, "ASIASTS2");
  assertEquals(sts.forms.map((form) => form.WebIdentityToken), ["hunter2-first", "hunter2-second"]);
  assertEquals(sts.forms[0], {
    Action: "AssumeRoleWithWebIdentity",
    Version: "2011-06-15",
    RoleArn: ROLE,
    RoleSessionName: "me",
    WebIdentityToken: "hunter2-first",
  });
});

Deno.test("webIdentityFromEnvironment() works with the variables of EKS, and names sessions by time", async () => {
  await using sts = serveSts();
  sts.webIdentityTokens.add("token");
  const context = world({
    AWS_ROLE_ARN: ROLE,
    AWS_WEB_IDENTITY_TOKEN_FILE: FILE,
    AWS_ENDPOINT_URL_STS: sts.origin,
    AWS_REGION: "eu-west-1",
  });
  context.files[FILE] = "token";
  const provider = webIdentityFromEnvironment({ context });
  await provider();
  context.variables.AWS_ROLE_SESSION_NAME = "from-variable";
  await provider();
  assertMatch(sts.forms[0]!.RoleSessionName!, /^storages-s3-1893456000000$/);
  assertEquals(sts.forms[1]!.RoleSessionName, "from-variable");
});

Deno.test("webIdentityFromEnvironment() has no credentials without a variable, and refuses a missing role, token or file", async () => {
  await refusalOf(webIdentityFromEnvironment({ context: world({ AWS_ROLE_ARN: ROLE }) }), NoCredentialsFound);
  const variables = { AWS_WEB_IDENTITY_TOKEN_FILE: FILE };
  const noRole = webIdentityFromEnvironment({ context: world(variables) });
  assertStringIncludes(await refusalOf(noRole, ConfigurationError), "AWS_ROLE_ARN is not set");
  const context = world({ ...variables, AWS_ROLE_ARN: ROLE });
  const provider = webIdentityFromEnvironment({ context });
  assertStringIncludes(await refusalOf(provider, ConfigurationError), `${FILE} is missing`);
  context.files[FILE] = " \n";
  assertStringIncludes(await refusalOf(provider, ConfigurationError), `${FILE} is empty`);
});

Deno.test("webIdentityCredentials() retries throttling and identity providers that do not respond to STS", async () => {
  await using sts = serveSts();
  sts.webIdentityTokens.add("hunter2-token");
  const context = world();
  context.files[FILE] = "hunter2-token";
  const provider = webIdentityCredentials({ ...options, context, endpointUrl: sts.origin });
  sts.instead.push(stsError(400, "IDPCommunicationError", "later"), stsError(400, "Throttling", "Rate exceeded"));
  assertEquals((await withoutWaiting(async () => await provider())).accessKeyId, "ASIASTS3");
  sts.instead.push(...[1, 2, 3].map(() => stsError(400, "ThrottlingException", "Rate exceeded")));
  assertStringIncludes(await refusalOf(provider, ThrottledError), "ThrottlingException: Rate exceeded");
  assertEquals(sts.forms.length, 6);
});

Deno.test("webIdentityCredentials() masks a refused token that the response repeats", async () => {
  await using sts = serveSts();
  const context = world();
  context.files[FILE] = "hunter2-unknown";
  const provider = webIdentityCredentials({ ...options, context, endpointUrl: sts.origin });
  const message = await refusalOf(provider, UnauthenticatedError);
  assertEquals(
    message,
    "AssumeRoleWithWebIdentity failed: InvalidIdentityToken: No provider for ******",
  );
  assertEquals(sts.forms.length, 1);
});

Deno.test("webIdentityCredentials() refuses malformed responses without showing them", async () => {
  await using sts = serveSts();
  const context = world();
  context.files[FILE] = "token";
  const provider = webIdentityCredentials({ ...options, context, endpointUrl: sts.origin });
  const keys = "<AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>hunter2</SecretAccessKey>";
  const answered = (credentials: string): Response =>
    new Response(
      `<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>${credentials}</Credentials>` +
        `</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>`,
    );
  for (
    const [answer, complaint] of [
      [new Response("hunter2"), "missing credentials"],
      [new Response("<html><body>hunter2</body></html>"), "missing credentials"],
      [new Response("<AssumeRoleResponse>hunter2"), "missing credentials"],
      [answered("<AccessKeyId>ASIA</AccessKeyId>"), "missing secretAccessKey"],
      [answered(keys), "missing sessionToken"],
      [answered(`${keys}<SessionToken>hunter2</SessionToken>`), "missing expiration"],
      [answered(`${keys}<SessionToken>hunter2</SessionToken><Expiration>soon</Expiration>`), '"soon"'],
      [
        answered(
          `${keys}<SessionToken>hunter2&#10;hunter2</SessionToken><Expiration>2030-01-31T12:00:00Z</Expiration>`,
        ),
        "sessionToken",
      ],
      [new Response(null, { status: 302, headers: { location: "https://elsewhere.example" } }), "status 302"],
    ] as const
  ) {
    sts.instead.push(answer);
    assertStringIncludes(await refusalOf(provider, ServiceError), complaint);
  }
});

Deno.test("checkRole() refuses roles and session names that STS would refuse", () => {
  const context = world();
  for (const roleArn of ["", "media", "arn:aws:s3:::bucket", "arn:aws:iam::1:role/a b"]) {
    assertThrows(
      () => webIdentityCredentials({ ...options, roleArn, context }),
      ConfigurationError,
      "role ARN must be like",
    );
  }
  for (const roleSessionName of ["", "x", "a b", "ü".repeat(3), "x".repeat(65)]) {
    assertThrows(
      () => webIdentityCredentials({ ...options, roleSessionName, context }),
      ConfigurationError,
      "session name",
    );
  }
});
