import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { type OptionRow, OPTIONS } from "../../../src/settings/options.ts";
import { resolveSettings } from "../../../src/settings/resolve.ts";
import { parseStorageUrl } from "../../../src/settings/storage_url.ts";

/** Parses text like an environment variable: by resolving settings with that variable. */
export function parseAsVariable(_what: string, text: string, row: OptionRow): unknown {
  const [name] = Object.entries(OPTIONS).find((entry) => entry[1] === row)!;
  const environment = (variable: string): string | undefined => variable === row.names[0] ? text : undefined;
  const settings = resolveSettings([{ bucketName: "b" }], { environment, profile: () => ({}) });
  return row.kind === undefined ? text : settings[name as keyof typeof settings];
}

function parse(url: string | URL): Record<string, unknown> {
  return parseStorageUrl(url, OPTIONS, parseAsVariable);
}

const ARN = "arn:aws:s3:eu-west-1:123456789012:accesspoint/reports";
const OUTPOST = "arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/accesspoint/reports";

for (
  const [url, options] of [
    ["s3://media", { bucketName: "media" }],
    ["s3://media/", { bucketName: "media" }],
    ["s3://media?", { bucketName: "media" }],
    ["s3://media/a/b", { bucketName: "media", location: "a/b" }],
    ["s3://media/a%20b%2Fc/", { bucketName: "media", location: "a b/c/" }],
    ["s3://My_Bucket.x", { bucketName: "My_Bucket.x" }],
    ["s3://tenant%3Amedia", { bucketName: "tenant:media" }],
    ["s3://media/user@host", { bucketName: "media", location: "user@host" }],
    ["s3://media?region=eu-west-1", { bucketName: "media", regionName: "eu-west-1" }],
    ["s3://media?regionName=eu-west-1&", { bucketName: "media", regionName: "eu-west-1" }],
    [
      "s3://media/x?endpoint=http://localhost:9000&style=path",
      { bucketName: "media", location: "x", endpointUrl: "http://localhost:9000", addressingStyle: "path" },
    ],
    ["s3://media?endpoint=http%3A%2F%2Fh%3A9000", { bucketName: "media", endpointUrl: "http://h:9000" }],
    ["s3://media?useSsl=false&fileOverwrite=1", { bucketName: "media", useSsl: false, fileOverwrite: true }],
    ["s3://media?querystringExpire=60&acl=public-read", {
      bucketName: "media",
      querystringExpire: 60,
      defaultAcl: "public-read",
    }],
    ['s3://media?objectParameters={"CacheControl":"max-age=60"}', {
      bucketName: "media",
      objectParameters: { CacheControl: "max-age=60" },
    }],
    ["s3://AKID:se%2Fcr+et%3D@media/x", {
      bucketName: "media",
      accessKey: "AKID",
      secretKey: "se/cr+et=",
      location: "x",
    }],
    ["s3://media?accessKey=id&secretKey=a+b%2Bc&securityToken=t", {
      bucketName: "media",
      accessKey: "id",
      secretKey: "a+b+c",
      securityToken: "t",
    }],
    [`s3://${ARN}`, { bucketName: ARN }],
    [`s3://${ARN}/x/y?region=us-east-1`, { bucketName: ARN, location: "x/y", regionName: "us-east-1" }],
    [`s3://id:secret@${OUTPOST}/x`, { bucketName: OUTPOST, location: "x", accessKey: "id", secretKey: "secret" }],
    [new URL("s3://id:secret@media/x?region=eu-west-1"), {
      bucketName: "media",
      location: "x",
      accessKey: "id",
      secretKey: "secret",
      regionName: "eu-west-1",
    }],
  ] as const
) {
  Deno.test(`parseStorageUrl() converts ${url} to ${JSON.stringify(options)}`, () => assertEquals(parse(url), options));
}

for (
  const [url, says] of [
    ["", 'must be like "s3://bucket/prefix'],
    ["s3:", "with a bucket"],
    ["s3://", "with a bucket"],
    ["s3:///hunter2", "with a bucket"],
    ["s3://?region=hunter2", "with a bucket"],
    ["s3://id:hunter2@", "with a bucket"],
    ["s3:media", 'must be like "s3://bucket'],
    ["https://hunter2/media", 'must be like "s3://bucket'],
    ["s3://media#hunter2", "without a fragment"],
    ["s3://media?region=eu-west-1#hunter2", "without a fragment"],
    ["s3://id:hun/ter2@media", "a slash as %2F"],
    ["s3://id:hun?hunter2@media", "a slash as %2F"],
    ["s3://id:hunter2@x/hunter2@media", "an @ as %40"],
    ["s3://id:a@x?hunter2@media", "an @ as %40"],
    ["s3://tenant:hunter2", "a colon as %3A"],
    ["s3://hunter2@media", "an access key and a secret key"],
    ["s3://:hunter2@media", "an access key and a secret key"],
    ["s3://hunter2:@media", "an access key and a secret key"],
    ["s3://id:hunter2:x@media", "an access key and a secret key"],
    ["s3://id:%hunter2@media", "The secret key in a storage URL must be percent-encoded"],
    ["s3://%ffhunter2", "The bucket in a storage URL must be percent-encoded"],
    ["s3://media/%hunter2", "The prefix in a storage URL"],
    ["s3://media?region=%hunter2", "The region in a storage URL"],
    ["s3://media?%=hunter2", "The query in a storage URL"],
    ["s3://media?region_name=hunter2", "Unknown URL parameter 'region_name'. Did you mean regionName?"],
    ["s3://media?regoin=hunter2", "Did you mean region?"],
    ["s3://media?constructor=hunter2", "Unknown URL parameter 'constructor'"],
    ["s3://media?fetch=hunter2", "Unknown URL parameter 'fetch'"],
    ["s3://media?credentials=hunter2", "Unknown URL parameter 'credentials'"],
    ["s3://media?region=hunter2&region=hunter2", "must not have regionName twice"],
    ["s3://media?region=hunter2&regionName=hunter2", "must not have regionName twice"],
    ["s3://media?bucketName=hunter2", "must not have bucketName twice"],
    ["s3://media/x?location=hunter2", "must not have location twice"],
    ["s3://id:hunter2@media?secretKey=hunter2", "must not have secretKey twice"],
    ["s3://media?useSsl", "The parameter useSsl of a storage URL must have a value"],
    ["s3://media?useSsl=", "must be true or false"],
    ["s3://media?useSsl=yes", "must be true or false"],
    ["s3://media?querystringExpire=60s", "must be an integer"],
    ["s3://media?querystringExpire=0", "an integer of seconds from 1"],
    ["s3://media?style=hosted", "must be one of auto, virtual, path"],
    ["s3://media?objectParameters=hunter2", "must be an object"],
    ["s3://media?region=", "must not be empty"],
  ] as const
) {
  Deno.test(`parseStorageUrl() refuses ${url.replaceAll("hunter2", "…")} without showing it`, () => {
    const error = assertThrows(() => parse(url), ConfigurationError);
    assertStringIncludes(error.message, says);
    assertEquals(Deno.inspect(error).includes("hunter2"), false, error.message);
  });
}

Deno.test("parseStorageUrl() refuses what is not a URL", () => {
  for (const nothing of [undefined, null, 1, {}, []]) {
    assertThrows(() => parse(nothing as unknown as string), ConfigurationError, "must be like");
  }
});

Deno.test("every option that text can express is a parameter, and no other", () => {
  for (const [name, row] of Object.entries(OPTIONS)) {
    const rows = { [name]: row };
    const parameters = (): unknown => parseStorageUrl(`s3://media?${name}=x`, rows, (_what, text) => text)[name];
    if (row.names.length === 0) assertThrows(parameters, ConfigurationError, "Unknown URL parameter");
    else if (name === "bucketName") assertThrows(parameters, ConfigurationError, "twice");
    else assertEquals(parameters(), "x");
  }
});

Deno.test("a storage made from a URL reads and writes files", async () => {
  const storage = new S3Storage(parse("s3://AKID:secret@media/up?region=eu-west-1"));
  assertEquals((await storage.url("a.txt")).split("?")[0], "https://media.s3.eu-west-1.amazonaws.com/up/a.txt");
});
