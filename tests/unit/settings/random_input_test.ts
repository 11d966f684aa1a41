/** Whatever is given, the readers of URLs, ARNs, endpoints, variables and old settings answer, or refuse it as a setting. */
// deno-lint-ignore no-import-prefix -- for tests alone
import fc from "npm:fast-check@^4";
import { assert, assertEquals } from "@std/assert";
import { bucketAddress, checkAddress, type EndpointSettings } from "../../../src/client/endpoint.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import { parseAccessPoint } from "../../../src/aws/access_point.ts";
import { checkBucketName, checkEndpointUrl } from "../../../src/settings/checks.ts";
import { migrateSettings } from "../../../src/settings/migration/migrate.ts";
import { oldSettingAdvice } from "../../../src/settings/migration/old_settings.ts";
import { type OptionRow, OPTIONS } from "../../../src/settings/options.ts";
import { resolveSettings } from "../../../src/settings/resolve.ts";
import { parseStorageUrl } from "../../../src/settings/storage_url.ts";

const RUNS = 100_000;

/** Pieces that parsers look for, between random text, often after a valid start. */
function textsOf(starts: readonly string[], ...pieces: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...pieces) },
    { weight: 2, arbitrary: fc.string({ maxLength: 6 }) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
  );
  const rest = fc.array(piece, { maxLength: 6 }).map((texts) => texts.join(""));
  return fc.tuple(fc.constantFrom("", ...starts), rest).map((texts) => texts.join(""));
}

/** Runs a parser on random input. It may only return or throw ConfigurationError, and must do both. */
function survives<T>(input: fc.Arbitrary<T>, read: (input: T) => void): void {
  let taken = 0;
  let refused = 0;
  fc.assert(
    fc.property(input, (value) => {
      try {
        read(value);
        taken++;
      } catch (error) {
        if (!(error instanceof ConfigurationError)) throw error;
        refused++;
      }
    }),
    { numRuns: RUNS },
  );
  // deno-lint-ignore no-console -- the count is asked for
  console.log(`${taken + refused} random inputs: ${taken} read, ${refused} refused`);
  assert(taken > RUNS / 100 && refused > RUNS / 100);
}

const BUCKETS = textsOf(
  ["media"],
  "media",
  "my.b",
  "Media",
  "_",
  ".",
  "-",
  "--x-s3",
  "-s3alias",
  "a",
  "%",
  "/",
  ":",
  "@",
  "日",
);
const REGIONS = textsOf(
  ["us-east-1", "eu-west-1"],
  "us-east-1",
  "eu-west-1",
  "cn-north-1",
  "us-iso-",
  "aws-global",
  "fips-",
  "-fips",
  ".",
  "/",
  "@",
);
const ENDPOINTS = textsOf(
  ["https://", "http://h.example", "https://media.s3.example.com/"],
  "https://",
  "http://",
  "ftp:",
  "//",
  "/",
  ":",
  "@",
  "h.example",
  "127.0.0.1",
  "[::1]",
  ":9000",
  "media.",
  "s3.eu-west-1.amazonaws.com",
  "?",
  "#",
  "%",
  "media",
);
const ARNS = textsOf(
  [
    "arn:aws:s3:eu-west-1:123456789012:accesspoint/",
    "arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/accesspoint/",
  ],
  "arn:",
  "arn:aws:s3:eu-west-1:123456789012:accesspoint",
  "arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/accesspoint/",
  "arn:aws:s3-object-lambda:us-east-1:123456789012:accesspoint:",
  "arn:aws:s3::123456789012:accesspoint/",
  "aws",
  ":",
  "/",
  "s3",
  "outpost",
  "reports",
  ".mrap",
  "123456789012",
);
const URLS = textsOf(
  ["s3://media", "s3://media?", "s3://id:secret@media/"],
  "s3://",
  "s3://media",
  "s3://media/",
  "s3://id:secret@media?",
  "?",
  "&",
  "=",
  "region=eu-west-1",
  "&useSsl=",
  "false",
  "&endpoint=http://h",
  "&style=",
  "path",
  "&querystringExpire=60",
  "&objectParameters={}",
  "#",
  "%",
  "%41",
  "%ff",
  "@",
  ":",
  "arn:aws:s3:eu-west-1:123456789012:accesspoint/reports",
);

const FLAG = fc.option(fc.boolean(), { nil: undefined });
const SETTINGS: fc.Arbitrary<Omit<EndpointSettings, "endpointUrl">> = fc.record({
  addressingStyle: fc.constantFrom("auto", "virtual", "path"),
  useSsl: fc.boolean(),
  useDualstackEndpoint: FLAG,
  useFipsEndpoint: FLAG,
  useAccelerateEndpoint: FLAG,
});

Deno.test("100,000 random endpoint URLs are read or refused", () => {
  survives(ENDPOINTS, (text) => {
    const url = checkEndpointUrl(text);
    assert(/^https?:$/.test(url.protocol) && url.username === "" && url.search === "");
  });
});

Deno.test("100,000 random ARNs are read or refused", () => {
  survives(ARNS, (arn) => {
    const { label, region } = parseAccessPoint(arn);
    assert(arn.startsWith("arn:aws") && URL.canParse(`https://${label}.${region}.example`));
  });
});

Deno.test("100,000 random bucket names are read or refused", () => {
  survives(fc.oneof(BUCKETS, ARNS), (name) => {
    checkBucketName(name);
    assert(name !== "");
  });
});

Deno.test("100,000 random buckets, regions and endpoints make an address below its host, or are refused", () => {
  const endpoint = fc.oneof(fc.constant(undefined), ENDPOINTS, fc.constantFrom("https://h.example", "http://1.2.3.4"));
  survives(
    fc.tuple(fc.oneof(BUCKETS, ARNS), fc.oneof(REGIONS, fc.constant("eu-west-1")), endpoint, SETTINGS),
    (input) => {
      const [bucketName, regionName, text, rest] = input;
      const endpointUrl = text === undefined ? undefined : checkEndpointUrl(text);
      const settings = { ...rest, endpointUrl, bucketName, regionName };
      checkBucketName(bucketName);
      checkAddress(settings);
      const { origin, path, region } = bucketAddress(settings, regionName, bucketName);
      const url = new URL(`${origin}${path}k`);
      assertEquals(url.origin, origin);
      assert(url.href.startsWith(origin) && url.search === "" && url.hash === "" && region !== "");
      const host = endpointUrl?.host ?? "";
      assert(endpointUrl === undefined ? /\.(com|cn|eu|gov|uk)$/.test(url.host) : url.host.endsWith(host), url.host);
    },
  );
});

/** Parses text like an environment variable. */
function parse(_what: string, text: string, row: OptionRow): unknown {
  const [name] = Object.entries(OPTIONS).find((entry) => entry[1] === row)!;
  const environment = (variable: string): string | undefined => variable === row.names[0] ? text : undefined;
  const settings = resolveSettings([{ bucketName: "b" }], { environment, profile: () => ({}) });
  return row.kind === undefined ? text : settings[name as keyof typeof settings];
}

Deno.test("100,000 random storage URLs are read or refused", () => {
  survives(URLS, (url) => {
    const { bucketName } = parseStorageUrl(url, OPTIONS, parse);
    assert(typeof bucketName === "string" && bucketName !== "");
  });
});

const VARIABLES = Object.values(OPTIONS).flatMap(({ names }) => names);

const CHOICES = Object.values<OptionRow>(OPTIONS).flatMap(({ choices }) => choices ?? []);

const VALUES = textsOf(
  ["true", "60", "{", "[", "https://h.example", "eu-west-1", "media", "{}", "[]", ...CHOICES],
  ...'{}[]:,"',
  "true",
  "FALSE",
  "0",
  "-1",
  "86400",
  "1e3",
  "9007199254740993",
  '{"partSize":8388608}',
  '{"maxAttempts":',
  '{"CacheControl":"x"}',
  '["text/css"]',
  '{"__proto__":{}}',
  "null",
  "http://h:1/p",
  "fips-",
  "arn:aws:s3:eu-west-1:123456789012:accesspoint/reports",
  "-----BEGIN PRIVATE KEY-----",
  "\n",
);

Deno.test("100,000 random values of environment variables, of every option, are settings or refused", () => {
  const read = new Set<string>();
  const variables = fc.dictionary(fc.constantFrom(...VARIABLES), VALUES, { minKeys: 1, maxKeys: 2 });
  survives(variables, (given) => {
    const environment = (name: string): string | undefined => given[name] || undefined; // as a runtime's, never empty
    const settings = resolveSettings(given.AWS_STORAGE_BUCKET_NAME ? [] : [{ bucketName: "b" }], {
      environment,
      profile: () => ({}),
    });
    assert(Object.isFrozen(settings) && settings.bucketName !== "");
    for (const [name, text] of Object.entries(given)) if (text !== "") read.add(name);
  });
  assertEquals([...read].sort(), VARIABLES.toSorted());
});

const SETTING_NAMES = [
  "AWS_HEADERS",
  "AWS_ORIGIN",
  "AWS_S3_CALLING_FORMAT",
  "AWS_S3_HOST",
  "AWS_S3_PORT",
  "AWS_S3_USE_SSL",
  "AWS_S3_PROXY_HOST",
  "AWS_S3_PROXY_PORT",
  "AWS_S3_SECURE_URLS",
  "S3_USE_SIGV4",
  "AWS_S3_ENCRYPTION",
  "AWS_S3_USE_THREADS",
  "AWS_S3_FILE_BUFFER_SIZE",
  "AWS_S3_OBJECT_PARAMETERS",
  "AWS_S3_TRANSFER_CONFIG",
  "AWS_STORAGE_BUCKET_NAME",
  "DEFAULT_FILE_STORAGE",
] as const;

Deno.test("100,000 random dictionaries of old settings are migrated or refused", () => {
  const likely = fc.constantFrom<unknown>(true, false, 443, "443", "h.example", "OrdinaryCallingFormat", null);
  const headers = fc.dictionary(textsOf(["Cache-Control"], "x-amz-", "meta-", "__proto__"), textsOf([], "a"), {
    maxKeys: 3,
  });
  const value = fc.oneof({ weight: 4, arbitrary: likely }, headers, fc.anything());
  const name = fc.oneof({ weight: 9, arbitrary: fc.constantFrom<string>(...SETTING_NAMES) }, fc.string());
  survives(fc.dictionary(name, value, { maxKeys: 3 }), (old) => {
    const { settings, changes } = migrateSettings(old);
    for (const { from } of changes) assert(Object.hasOwn(old, from) && oldSettingAdvice(from) !== undefined);
    assertEquals(migrateSettings(settings).changes.length, 0);
  });
});
