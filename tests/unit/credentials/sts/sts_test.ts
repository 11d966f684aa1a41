import { assertEquals, assertThrows } from "@std/assert";
import { stsEndpoint } from "../../../../src/credentials/sts/sts.ts";
import { ConfigurationError } from "../../../../src/errors.ts";
import { readProfile } from "../../../../src/settings/profile/profile.ts";
import { world } from "../world.ts";

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

Deno.test("stsEndpoint() reads the profile where no variable is set", () => {
  const from = (config: string, variables: Record<string, string> = {}, region = "eu-west-1"): string => {
    const readTextFile = (path: string): string => path.endsWith("config") ? config : "";
    const sessionProfile = readProfile({ environment: (name) => name === "HOME" ? "/" : undefined, readTextFile });
    return stsEndpoint({ context: world(variables), region, sessionProfile }).url;
  };
  const legacy = "[default]\nsts_regional_endpoints = Legacy\n";
  assertEquals(from(legacy), "https://sts.amazonaws.com/");
  assertEquals(from(legacy, { AWS_STS_REGIONAL_ENDPOINTS: "regional" }), "https://sts.eu-west-1.amazonaws.com/");
  assertEquals(from(`${legacy}use_fips_endpoint = true`), "https://sts-fips.eu-west-1.amazonaws.com/");
  assertEquals(from(`${legacy}use_dualstack_endpoint = true`, {}, "aws-global"), "https://sts.us-east-1.api.aws/");
  const fips = "[default]\nuse_fips_endpoint = true\n";
  assertEquals(from(fips, { AWS_USE_FIPS_ENDPOINT: "false" }), "https://sts.eu-west-1.amazonaws.com/");
  const ofS3 = "[default]\ns3 =\n  use_dualstack_endpoint = true\n";
  assertEquals(from(ofS3), "https://sts.eu-west-1.amazonaws.com/");
  const services =
    "[default]\nservices = own\nuse_fips_endpoint = true\n[services own]\nsts =\n  endpoint_url = http://own\n";
  assertEquals(from(services), "http://own/");
  assertEquals(from(services, { AWS_ENDPOINT_URL: "http://all" }), "http://all/");
  assertThrows(() => from("[default]\nsts_regional_endpoints = global\n"), ConfigurationError, "of profile 'default'");
});

Deno.test("stsEndpoint() uses hosts that follow FIPS 140 if the settings ask for them", () => {
  const settings = { context: world({}), region: "eu-west-1", useFipsEndpoint: true };
  assertEquals(stsEndpoint(settings).url, "https://sts-fips.eu-west-1.amazonaws.com/");
});

Deno.test("stsEndpoint() refuses malformed regions, endpoints and modes", () => {
  for (const region of ["eu west", "evil.example/", "a@b", ""]) {
    assertThrows(() => at({}, { region }), ConfigurationError, "region of STS must be a name");
  }
  assertThrows(() => at({ AWS_ENDPOINT_URL: "localhost" }), ConfigurationError, "http or https URL");
  assertThrows(() => at({ AWS_STS_REGIONAL_ENDPOINTS: "global" }), ConfigurationError, '"regional" or "legacy"');
});
