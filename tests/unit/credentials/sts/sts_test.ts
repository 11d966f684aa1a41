import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { assumeRole } from "../../../../src/credentials/sts/assume_role.ts";
import { stsEndpoint } from "../../../../src/credentials/sts/sts.ts";
import { ConfigurationError } from "../../../../src/errors.ts";
import { bareAnswer, scripted, withoutWaiting, xmlAnswer } from "../../transport.ts";
import { inSeconds, plain, refusalOf, world } from "../world.ts";

const at = (variables: Record<string, string>, given: { region?: string; endpointUrl?: string } = {}): string => {
  const { url, region } = stsEndpoint({ context: world(variables), ...given });
  return `${url} ${region}`;
};

Deno.test("stsEndpoint() uses the region of the option or the environment", () => {
  assertEquals(at({}, { region: "eu-west-1" }), "https://sts.eu-west-1.amazonaws.com/ eu-west-1");
  assertEquals(at({ AWS_REGION: "eu-west-1" }), "https://sts.eu-west-1.amazonaws.com/ eu-west-1");
  assertEquals(at({ AWS_DEFAULT_REGION: "us-east-1" }), "https://sts.us-east-1.amazonaws.com/ us-east-1");
  assertEquals(at({ AWS_REGION: "eu-west-1" }, { region: "eu-west-2" }).split(" ")[1], "eu-west-2");
  assertEquals(at({}, { region: "cn-north-1" }), "https://sts.cn-north-1.amazonaws.com.cn/ cn-north-1");
  assertEquals(at({}, { region: "us-gov-west-1" }), "https://sts.us-gov-west-1.amazonaws.com/ us-gov-west-1");
});

Deno.test("stsEndpoint() uses the global endpoint without a region, and for old regions in legacy mode", () => {
  const global = "https://sts.amazonaws.com/ us-east-1";
  const legacy = { AWS_STS_REGIONAL_ENDPOINTS: "legacy" };
  assertEquals(at({}), global);
  assertEquals(at({}, { region: "aws-global" }), global);
  assertEquals(at(legacy, { region: "eu-west-1" }), global);
  assertEquals(at(legacy, { region: "eu-south-1" }), "https://sts.eu-south-1.amazonaws.com/ eu-south-1");
  assertEquals(at(legacy, { region: "cn-north-1" }), "https://sts.cn-north-1.amazonaws.com.cn/ cn-north-1");
});

Deno.test("stsEndpoint() prefers the option, then the variable of STS, then that of all services", () => {
  const all = { AWS_ENDPOINT_URL: "http://localhost:1" };
  const sts = { ...all, AWS_ENDPOINT_URL_STS: "http://localhost:2/sts" };
  assertEquals(at(all), "http://localhost:1/ us-east-1");
  assertEquals(at(sts, { region: "eu-west-1" }), "http://localhost:2/sts eu-west-1");
  assertEquals(at(sts, { endpointUrl: "http://localhost:3" }), "http://localhost:3/ us-east-1");
  const ignored = { ...sts, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
  assertEquals(at(ignored), "https://sts.amazonaws.com/ us-east-1");
});

Deno.test("stsEndpoint() refuses malformed regions, endpoints and modes", () => {
  for (const region of ["eu west", "evil.example/", "a@b", ""]) {
    assertThrows(() => at({}, { region }), ConfigurationError, "region of STS must be a name");
  }
  assertThrows(() => at({ AWS_ENDPOINT_URL: "localhost" }), ConfigurationError, "http or https URL");
  assertThrows(() => at({ AWS_STS_REGIONAL_ENDPOINTS: "global" }), ConfigurationError, '"regional" or "legacy"');
});

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
