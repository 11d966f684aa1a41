import { assertEquals } from "@std/assert";
import { realRegion } from "../../../src/aws/region.ts";

for (
  const [name, region, fips] of [
    ["eu-west-1", "eu-west-1", false],
    ["aws-global", "us-east-1", false],
    ["fips-us-east-1", "us-east-1", true],
    ["us-gov-west-1-fips", "us-gov-west-1", true],
    ["auto", "auto", false],
    ["fips-", "fips-", false],
    ["-fips", "-fips", false],
    ["my-fips-region", "my-fips-region", false],
  ] as const
) {
  Deno.test(`realRegion() resolves ${name} to ${region}${fips ? " with FIPS" : ""}`, () => {
    assertEquals(realRegion(name), { region, fips });
  });
}
