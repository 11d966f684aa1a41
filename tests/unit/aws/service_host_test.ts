import { assertEquals } from "@std/assert";
import { serviceHost } from "../../../src/aws/service_host.ts";

Deno.test("serviceHost() uses the domain of the region's partition", () => {
  assertEquals(serviceHost("sts", "eu-west-1"), "sts.eu-west-1.amazonaws.com");
  assertEquals(serviceHost("portal.sso", "cn-north-1"), "portal.sso.cn-north-1.amazonaws.com.cn");
  assertEquals(serviceHost("oidc", "us-iso-east-1"), "oidc.us-iso-east-1.c2s.ic.gov");
});
