import { assertEquals, assertThrows } from "@std/assert";
import { awsHost, isAws, mayMoveTo } from "../../../src/aws/hosts.ts";
import { ConfigurationError } from "../../../src/errors.ts";

const AWS = { endpointUrl: undefined };
const ELSEWHERE = { endpointUrl: new URL("https://s3.example.com") };

Deno.test("awsHost() builds the hosts of S3", () => {
  const plain = { dualstack: false, fips: false };
  assertEquals(awsHost("s3", "us-east-1", plain), "s3.amazonaws.com");
  assertEquals(awsHost("s3", "eu-west-1", plain), "s3.eu-west-1.amazonaws.com");
  assertEquals(awsHost("s3", "us-east-1", { dualstack: true, fips: false }), "s3.dualstack.us-east-1.amazonaws.com");
  assertEquals(awsHost("s3-accesspoint", "us-east-1", plain), "s3-accesspoint.us-east-1.amazonaws.com");
  assertEquals(
    awsHost("s3", "us-gov-west-1", { dualstack: true, fips: true }),
    "s3-fips.dualstack.us-gov-west-1.amazonaws.com",
  );
});

Deno.test("awsHost() refuses malformed regions, and FIPS in China", () => {
  for (const region of ["", "a.b", "a_b", "-a", "a b", "a/"]) {
    assertThrows(
      () => awsHost("s3", region, { dualstack: false, fips: false }),
      ConfigurationError,
      "not a valid region name",
    );
  }
  assertThrows(() => awsHost("s3", "cn-north-1", { dualstack: false, fips: true }), ConfigurationError, "cn-north-1");
});

Deno.test("mayMoveTo() allows regions of the same partition on AWS, and any region elsewhere", () => {
  assertEquals(mayMoveTo("eu-west-1", "us-east-1", AWS), true);
  assertEquals(mayMoveTo("cn-north-1", "us-east-1", AWS), false);
  assertEquals(mayMoveTo("us-gov-west-1", "us-east-1", AWS), false);
  assertEquals(mayMoveTo("us-isob-east-1", "us-iso-east-1", AWS), false);
  assertEquals(mayMoveTo("cn-north-1", "us-east-1", ELSEWHERE), true);
});

Deno.test("mayMoveTo() refuses pseudo regions and names that are not one label", () => {
  for (const region of ["aws-global", "fips-us-east-1", "us-east-1-fips", "evil.example", "a/b", ""]) {
    assertEquals(
      [mayMoveTo(region, "us-east-1", AWS), mayMoveTo(region, "us-east-1", ELSEWHERE)],
      [false, false],
      region,
    );
  }
});

Deno.test("isAws() looks at the domain of the endpoint", () => {
  assertEquals(isAws(AWS), true);
  for (
    const host of ["s3.eu-west-1.amazonaws.com", "s3.cn-north-1.amazonaws.com.cn", "s3.eusc-de-east-1.amazonaws.eu"]
  ) {
    assertEquals(isAws({ endpointUrl: new URL(`https://${host}`) }), true, host);
  }
  for (const host of ["s3.example.com", "notamazonaws.com", "s3.amazonaws.com.example.com", "localhost"]) {
    assertEquals(isAws({ endpointUrl: new URL(`https://${host}`) }), false, host);
  }
});
