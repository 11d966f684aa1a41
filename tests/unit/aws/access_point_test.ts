import { assertEquals, assertThrows } from "@std/assert";
import { parseAccessPoint } from "../../../src/aws/access_point.ts";
import { ConfigurationError } from "../../../src/errors.ts";

for (
  const [arn, service, region, label] of [
    ["arn:aws:s3:eu-west-1:123456789012:accesspoint/name", "s3", "eu-west-1", "name-123456789012"],
    ["arn:aws:s3:eu-west-1:123456789012:accesspoint:name", "s3", "eu-west-1", "name-123456789012"],
    ["arn:aws-cn:s3:cn-north-1:123456789012:accesspoint/name", "s3", "cn-north-1", "name-123456789012"],
    [
      "arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/name",
      "s3-object-lambda",
      "eu-west-1",
      "name-123456789012",
    ],
    [
      "arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/accesspoint/name",
      "s3-outposts",
      "eu-west-1",
      "name-123456789012.op-1",
    ],
  ] as const
) {
  Deno.test(`parseAccessPoint() parses ${arn}`, () => {
    assertEquals(parseAccessPoint(arn), { service, region, label } as ReturnType<typeof parseAccessPoint>);
  });
}

for (
  const [arn, message] of [
    ["arn:aws:s3:::media", "the ARN of an access point such as"],
    ["arn:aws:s3:eu-west-1:1234:accesspoint/name", "the ARN of an access point such as"],
    ["arn:aws:s3:eu-west-1:123456789012:outpost/op-1/accesspoint/name", "the ARN of an access point such as"],
    ["arn:aws:s3-outposts:eu-west-1:123456789012:accesspoint/name", "the ARN of an access point such as"],
    ["arn:aws:s3:cn-north-1:123456789012:accesspoint/name", "the ARN of an access point such as"],
    ["arn:aws:s3::123456789012:accesspoint/name.mrap", "multi-region ones need SigV4a"],
  ] as const
) {
  Deno.test(`parseAccessPoint() refuses ${arn}`, () => {
    const error = assertThrows(() => parseAccessPoint(arn), ConfigurationError, message);
    assertEquals(error.message.endsWith(`got "${arn}"`), true);
  });
}
