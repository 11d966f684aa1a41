import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { checkBucketName, checkEndpointUrl, checkRange } from "../../../src/settings/checks.ts";

for (const name of ["media", "my.dotted.bucket", "UPPER_case", "b-1", "日本", "tenant:bucket", "a".repeat(255)]) {
  Deno.test(`checkBucketName() takes '${name.slice(0, 20)}'`, () => checkBucketName(name));
}

for (const name of [".", "..", "a/b", "a\\b", "a b", "a?b", "a#b", "a%41", "a\nb", "a\u0000", "a".repeat(256)]) {
  Deno.test(`checkBucketName() refuses ${JSON.stringify(name.slice(0, 20))}`, () => {
    assertThrows(() => checkBucketName(name), ConfigurationError, "bucketName must be a bucket name");
  });
}

for (
  const arn of [
    "arn:aws:s3:eu-west-1:123456789012:accesspoint/reports",
    "arn:aws-cn:s3:cn-north-1:123456789012:accesspoint:reports",
    "arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint/reports",
    "arn:aws:s3-outposts:us-east-1:123456789012:outpost/op-1/accesspoint/reports",
  ]
) {
  Deno.test(`checkBucketName() takes '${arn}'`, () => checkBucketName(arn));
}

for (
  const arn of [
    "arn:",
    "arn:aws:s3:::media",
    "arn:aws:s3:eu-west-1",
    "arn:aws:s3:eu-west-1:123456789012:accesspoint/re_ports",
    "arn:aws:s3:eu-west-1:123456789012:accesspoint/reports/more",
    "arn:aws:s3:eu-west-1:123:accesspoint/reports",
    "arn:aws:s3:eu west:123456789012:accesspoint/reports",
    "arn:aws:s3:eu-west-1:123456789012:bucket/reports",
    "arn:aws:sqs:eu-west-1:123456789012:accesspoint/reports",
    "arn:aws:s3:eu-west-1:123456789012:outpost/op-1/accesspoint/reports",
    "arn:aws:s3-outposts:eu-west-1:123456789012:accesspoint/reports",
    "ARN:aws:s3:eu-west-1:123456789012:accesspoint/reports",
  ]
) {
  Deno.test(`checkBucketName() refuses '${arn}'`, () => {
    assertThrows(() => checkBucketName(arn), ConfigurationError, "bucketName must be");
  });
}

Deno.test("checkBucketName() says why Multi-Region Access Points are refused", () => {
  const arn = "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap";
  assertThrows(() => checkBucketName(arn), ConfigurationError, "multi-region ones need SigV4a");
});

for (
  const url of ["https://s3.example.com", "http://127.0.0.1:9000/", "https://h/a/b/", "http://[::1]:9000", "HTTP://H"]
) {
  Deno.test(`checkEndpointUrl() takes ${url}`, () => {
    assertEquals(checkEndpointUrl(url).protocol.startsWith("http"), true);
  });
}

for (
  const [given, expected] of [
    ["https://h//", "https://h/"],
    ["http://h:9000///", "http://h:9000/"],
    ["https://h/a//", "https://h/a/"],
    ["https://h//a/", "https://h//a/"],
    ["https://h/a", "https://h/a"],
  ] as const
) {
  Deno.test(`checkEndpointUrl() reads ${given} as ${expected}`, () => {
    assertEquals(checkEndpointUrl(given).href, expected);
  });
}

for (
  const url of ["", "s3.example.com", "localhost:9000", "ftp://h", "https://h?a=b", "https://h#a", "https://", "//h"]
) {
  Deno.test(`checkEndpointUrl() refuses '${url}' and says what is valid`, () => {
    const { message } = assertThrows(() => checkEndpointUrl(url), ConfigurationError);
    assertStringIncludes(message, 'an http or https URL without a query, such as "https://s3.example.com"');
  });
}

for (
  const url of [
    "https://me:hunter2@s3.example.com",
    "https://hunter2@s3.example.com",
    "ftp://me:hunter2@s3.example.com",
    "me:hunter2@s3.example.com",
    "https://me:hunter2@s3 example",
    "https://me:hunter2@",
    "https://h/?X-Amz-Signature=hunter2",
    "https://h/#hunter2",
  ]
) {
  Deno.test(`checkEndpointUrl() does not show secrets of ${url.replace("hunter2", "…")}`, () => {
    const error = assertThrows(() => checkEndpointUrl(url), ConfigurationError);
    assertEquals(Deno.inspect(error).includes("hunter2"), false, error.message);
  });
}

Deno.test("checkRange() takes integers within its bounds, both included", () => {
  checkRange("n", 1, 1, 3, "seconds");
  checkRange("n", 3, 1, 3, "seconds");
});

for (const value of [0, 4, 1.5, NaN, Infinity, "2", null, undefined, true, {}, 2n, Object.create(null)]) {
  Deno.test(`checkRange() refuses ${typeof value} ${Deno.inspect(value)} and says what is valid`, () => {
    const { message } = assertThrows(() => checkRange("n", value, 1, 3, "seconds"), ConfigurationError);
    assertStringIncludes(message, "n must be an integer of seconds from 1 to 3, got ");
  });
}
