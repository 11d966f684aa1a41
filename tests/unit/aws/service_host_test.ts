import { assertEquals } from "@std/assert";
import { serviceHost } from "../../../src/aws/service_host.ts";

Deno.test("serviceHost() uses the domain of the region's partition", () => {
  assertEquals(serviceHost("sts", "eu-west-1"), "sts.eu-west-1.amazonaws.com");
  assertEquals(serviceHost("portal.sso", "cn-north-1"), "portal.sso.cn-north-1.amazonaws.com.cn");
  assertEquals(serviceHost("oidc", "us-iso-east-1"), "oidc.us-iso-east-1.c2s.ic.gov");
});

Deno.test("serviceHost() has hosts that follow FIPS 140, and dual-stack ones", () => {
  const fips = { fips: true };
  const both = { fips: true, dualstack: true };
  assertEquals(serviceHost("portal.sso", "eu-west-1", fips), "portal.sso-fips.eu-west-1.amazonaws.com");
  assertEquals(serviceHost("sts", "us-gov-west-1", fips), "sts.us-gov-west-1.amazonaws.com");
  assertEquals(serviceHost("sts", "us-gov-west-1", both), "sts-fips.us-gov-west-1.api.aws");
  assertEquals(
    serviceHost("sts", "cn-north-1", { dualstack: true }),
    "sts.cn-north-1.api.amazonwebservices.com.cn",
  );
});
