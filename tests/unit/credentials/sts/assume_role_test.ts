import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { assumeRole } from "../../../../src/credentials/sts/assume_role.ts";
import { ConfigurationError } from "../../../../src/errors.ts";
import { bareAnswer, scripted, withoutWaiting, xmlAnswer } from "../../transport.ts";
import { inSeconds, plain, refusalOf, world } from "../world.ts";

const ANSWER = xmlAnswer(
  "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>hunter2</SecretAccessKey>" +
    `<SessionToken>hunter2-token</SessionToken><Expiration>${inSeconds(900)}</Expiration></Credentials>` +
    "</AssumeRoleResult></AssumeRoleResponse>",
);
const ROLE = "arn:aws:iam::123456789012:role/media";
const SOURCE = { accessKeyId: "AKIA", secretAccessKey: "hunter2-source", sessionToken: "hunter2-source-token" };

Deno.test("assumeRole() signs each attempt with the source's current credentials", async () => {
  const transport = scripted(bareAnswer(503), ANSWER);
  const context = { ...world(), fetch: transport.fetch };
  let asked = 0;
  const provider = assumeRole({
    roleArn: ROLE,
    roleSessionName: "me",
    externalId: "hunter2-external",
    durationSeconds: 900,
    policy: '{"a b":1}',
    region: "eu-west-1",
    source: () => ({ ...SOURCE, accessKeyId: `AKIA${++asked}` }),
    context,
  });
  const credentials = await withoutWaiting(async () => await provider());
  assertEquals(plain(credentials), ["ASIA", "hunter2", "hunter2-token", inSeconds(900)]);
  await provider();
  const [first, , last] = transport.requests;
  assertEquals(first!.url, "https://sts.eu-west-1.amazonaws.com/");
  assertMatch(
    first!.headers.get("authorization")!,
    /^AWS4-HMAC-SHA256 Credential=AKIA1\/20300101\/eu-west-1\/sts\/aws4_request, /,
  );
  assertMatch(last!.headers.get("authorization")!, /Credential=AKIA2\//);
  assertEquals(first!.headers.get("x-amz-security-token"), "hunter2-source-token");
  assertEquals(Object.fromEntries(new URLSearchParams(await first!.text())), {
    Action: "AssumeRole",
    Version: "2011-06-15",
    RoleArn: ROLE,
    RoleSessionName: "me",
    ExternalId: "hunter2-external",
    DurationSeconds: "900",
    Policy: '{"a b":1}',
  });
});

Deno.test("assumeRole() refuses a duration out of range, and fails with the source's error", async () => {
  const context = world();
  for (const durationSeconds of [0, 899, 43_201, 900.5, NaN]) {
    const make = (): unknown => assumeRole({ roleArn: ROLE, durationSeconds, source: () => SOURCE, context });
    assertThrows(make, ConfigurationError, "durationSeconds");
  }
  const source = (): never => {
    throw new ConfigurationError("the source has nothing");
  };
  assertEquals(await refusalOf(assumeRole({ roleArn: ROLE, source, context })), "the source has nothing");
  const broken = (): typeof SOURCE => ({ ...SOURCE, secretAccessKey: "hunter2\n" });
  await refusalOf(assumeRole({ roleArn: ROLE, source: broken, context }), ConfigurationError);
});
