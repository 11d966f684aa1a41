import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { NoCredentialsFound } from "../../../src/credentials/no_credentials.ts";
import { type CredentialSource, defaultCredentials } from "../../../src/credentials/default_chain.ts";
import type { Credentials } from "../../../src/aws/credentials.ts";
import { refreshingCredentials } from "../../../src/credentials/refreshing.ts";
import { ConfigurationError, PermissionDeniedError, ServiceError } from "../../../src/errors.ts";
import { containerDocument, serveContainer } from "../../fakes/container_server.ts";
import { metadataDocument, serveMetadata } from "../../fakes/metadata_server.ts";
import { serveSts } from "../../fakes/sts_server.ts";
import { HeldTime } from "../held_time.ts";
import { inSeconds, refusalOf, type World, world } from "./world.ts";

const ENVIRONMENT = { AWS_ACCESS_KEY_ID: "environment", AWS_SECRET_ACCESS_KEY: "hunter2" };

const fixed = (accessKeyId: string) => (): Credentials => ({ accessKeyId, secretAccessKey: "hunter2" });

/** A context with credentials in every place, and functions to remove them one after another. */
async function everywhere(
  run: (context: World, sources: { profileRole?: CredentialSource; profile?: CredentialSource }) => Promise<void>,
): Promise<void> {
  await using sts = serveSts();
  sts.webIdentityTokens.add("token");
  await using container = serveContainer(containerDocument(inSeconds(3600)));
  await using metadata = serveMetadata(metadataDocument(inSeconds(3600)));
  const context = world({
    ...ENVIRONMENT,
    AWS_WEB_IDENTITY_TOKEN_FILE: "token-file",
    AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/media",
    AWS_ENDPOINT_URL_STS: sts.origin,
    AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.origin}/credentials/task`,
    AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.origin,
    AWS_METADATA_SERVICE_TIMEOUT: "60",
  });
  context.files["token-file"] = "token";
  await run(context, { profileRole: fixed("profile role"), profile: fixed("profile") });
}

Deno.test("defaultCredentials() uses the sources in the order of boto3's default session", () =>
  everywhere(async (context, sources) => {
    const first = async (): Promise<string> => (await defaultCredentials({ context, ...sources })()).accessKeyId;
    assertEquals(await first(), "environment");
    delete context.variables.AWS_ACCESS_KEY_ID;
    delete context.variables.AWS_SECRET_ACCESS_KEY;
    assertEquals(await first(), "profile role");
    sources.profileRole = () => undefined;
    assertEquals(await first(), "ASIASTS1");
    delete context.variables.AWS_WEB_IDENTITY_TOKEN_FILE;
    assertEquals(await first(), "profile");
    sources.profile = () => Promise.resolve(undefined);
    assertEquals(await first(), "ASIACONTAINER");
    delete context.variables.AWS_CONTAINER_CREDENTIALS_FULL_URI;
    assertEquals(await first(), "ASIAINSTANCE");
    context.variables.AWS_EC2_METADATA_DISABLED = "true";
    await assertRejects(first, ConfigurationError, "No credentials found");
  }));

Deno.test("defaultCredentials() then uses only the source that had credentials", () =>
  everywhere(async (context, sources) => {
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE"]) {
      delete context.variables[name];
    }
    let asked = 0;
    let broken = false;
    sources.profileRole = () => {
      asked++;
      return undefined;
    };
    sources.profile = () => {
      if (broken) throw new ServiceError("SSO is down");
      return fixed("profile")();
    };
    const provider = defaultCredentials({ context, ...sources });
    for (let call = 0; call < 3; call++) assertEquals((await provider()).accessKeyId, "profile");
    assertEquals(asked, 1);
    broken = true;
    await refusalOf(provider, ServiceError);
    Object.assign(context.variables, ENVIRONMENT);
    broken = false;
    assertEquals((await provider()).accessKeyId, "profile");
  }));

Deno.test("defaultCredentials() reports why each source has no credentials, with advice", async () => {
  const context = world({ AWS_EC2_METADATA_DISABLED: "true" });
  const profile = (): undefined => undefined;
  const message = await refusalOf(defaultCredentials({ context, profile, edge: false }), ConfigurationError);
  for (
    const part of [
      "options accessKey and secretKey",
      "environment: AWS_ACCESS_KEY_ID is not set",
      "web identity: AWS_WEB_IDENTITY_TOKEN_FILE is not set",
      "profile: none",
      "container: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set",
      "instance metadata: disabled by AWS_EC2_METADATA_DISABLED",
    ]
  ) assertStringIncludes(message, part);
});

Deno.test("defaultCredentials() fails with the error of a configured source, and uses no later one", () =>
  everywhere(async (context, sources) => {
    delete context.variables.AWS_SECRET_ACCESS_KEY;
    const provider = defaultCredentials({ context, ...sources });
    assertStringIncludes(await refusalOf(provider, ConfigurationError), "AWS_SECRET_ACCESS_KEY is not set");
    delete context.variables.AWS_ACCESS_KEY_ID;
    sources.profileRole = () => {
      throw new PermissionDeniedError("AssumeRole failed: AccessDenied");
    };
    await refusalOf(defaultCredentials({ context, ...sources }), PermissionDeniedError);
    context.files["token-file"] = "";
    assertStringIncludes(await refusalOf(defaultCredentials({ context })), "token-file is empty");
    delete context.variables.AWS_WEB_IDENTITY_TOKEN_FILE;
    context.variables.AWS_CONTAINER_CREDENTIALS_FULL_URI += "/other";
    assertStringIncludes(await refusalOf(defaultCredentials({ context })), "InvalidIdInRequest");
  }));

Deno.test("defaultCredentials() reports a metadata service that hangs, after all other sources", async () => {
  await using metadata = serveMetadata({});
  metadata.instead.token.push("silence");
  const context = world({
    AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.origin,
    AWS_METADATA_SERVICE_TIMEOUT: "60",
  });
  using time = new HeldTime();
  const refused = refusalOf(defaultCredentials({ context, edge: false }), ConfigurationError);
  await time.passAtEach(metadata.asked, 1, 60);
  const message = await refused;
  assertStringIncludes(message, "within 60 s");
  assertEquals(metadata.asked, ["PUT /latest/api/token"]);
});

Deno.test("defaultCredentials() on an edge runtime gives matching advice and requests no instance metadata", async () => {
  const asked: string[] = [];
  const context = world({}, (url) => {
    asked.push(url);
    return url;
  });
  const message = await refusalOf(defaultCredentials({ context, edge: true }), ConfigurationError);
  assertStringIncludes(message, "options accessKey and secretKey, or the option credentials to a function");
  assertEquals(asked, []);
});

Deno.test("with caching a thousand requests ask the instance once for each refresh", async () => {
  await using metadata = serveMetadata(metadataDocument(inSeconds(3600)));
  const context = world({ AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.origin, AWS_METADATA_SERVICE_TIMEOUT: "60" });
  const provider = refreshingCredentials(defaultCredentials({ context, edge: false }), { context });
  const thousand = async (): Promise<Set<Credentials>> =>
    new Set(await Promise.all(Array.from({ length: 1000 }, async () => await provider())));
  assertEquals([(await thousand()).size, metadata.asked.length], [1, 3]);
  metadata.document = metadataDocument(inSeconds(7200), { AccessKeyId: "ASIANEXT" });
  context.time += 3_550_000;
  const [credentials, ...others] = await thousand();
  assertEquals([credentials!.accessKeyId, others.length, metadata.asked.length], ["ASIANEXT", 0, 6]);
});

Deno.test("defaultCredentials() fails if a source that the profile refers to has no credentials", () =>
  everywhere(async (context, sources) => {
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE"]) {
      delete context.variables[name];
    }
    const nothing = (): never => {
      throw new NoCredentialsFound("AWS_ACCESS_KEY_ID is not set");
    };
    for (const place of [{ profileRole: nothing, profile: sources.profile }, { profile: nothing }]) {
      assertEquals(await refusalOf(defaultCredentials({ context, ...place })), "AWS_ACCESS_KEY_ID is not set");
    }
  }));

Deno.test("defaultCredentials() fails if the source that had credentials has none now", () =>
  everywhere(async (context) => {
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE"]) {
      delete context.variables[name];
    }
    let profile: Credentials | undefined = fixed("profile")();
    const provider = defaultCredentials({ context, profile: () => profile });
    assertEquals((await provider()).accessKeyId, "profile");
    profile = undefined;
    assertStringIncludes(await refusalOf(provider, ConfigurationError), "profile no longer has any");
    profile = fixed("again")();
    assertEquals((await provider()).accessKeyId, "again");
  }));

Deno.test("defaultCredentials() refuses AWS_CREDENTIAL_FILE at the point where boto3 reads it", () =>
  everywhere(async (context) => {
    context.variables.AWS_CREDENTIAL_FILE = "/keys";
    assertEquals((await defaultCredentials({ context })()).accessKeyId, "environment");
    for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE"]) {
      delete context.variables[name];
    }
    assertStringIncludes(await refusalOf(defaultCredentials({ context }), ConfigurationError), "AWS_CREDENTIAL_FILE");
  }));
