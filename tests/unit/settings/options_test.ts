import { assert, assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { OPTIONS, type S3StorageOptions } from "../../../src/settings/options.ts";
import { resolveSettings, type Settings } from "../../../src/settings/resolve.ts";

interface Row {
  /** Options that it requires. */
  readonly beside?: S3StorageOptions;
  /** A value given in code. */
  readonly given: unknown;
  /** The resolved value, if it is not the same. */
  readonly resolved?: unknown;
  /** The default. */
  readonly byDefault: unknown;
  /** A text for its variables, and the parsed value. */
  readonly variable?: readonly [text: string, resolved: unknown];
  /** Values that must be refused in code. */
  readonly wrong: readonly unknown[];
}

const now = (): Date => new Date(0);
const fetch = (): Promise<Response> => Promise.resolve(new Response());
const credentials = (): { accessKeyId: string; secretAccessKey: string } => ({
  accessKeyId: "a",
  secretAccessKey: "b",
});
const signer = (url: string): string => url;
const GZIPPED = [
  "text/css",
  "text/javascript",
  "application/javascript",
  "application/x-javascript",
  "image/svg+xml",
];
const TRANSFER = { multipartThreshold: 8388608, partSize: 8388608, maxConcurrency: 4, downloadConcurrency: 8 };

const CLIENT = {
  maxAttempts: 10,
  maxNetworkAttempts: 100,
  retryTimeout: 60,
  initialBackoff: 0.1,
  maxBackoff: 4,
  timeout: 60,
  idleTimeout: 60,
  credentialsTimeout: 60,
  callTimeout: 900,
  userAgentSuffix: "",
  maxConnections: 32,
  retryMode: "standard",
};

/** One row for each option. A new option without a row does not compile and fails below. */
const ROWS: Readonly<Record<keyof S3StorageOptions, Row>> = {
  bucketName: { given: "other", byDefault: "bucket", variable: ["b", "b"], wrong: [null, 1, "", {}, "a/b"] },
  location: { given: "a", byDefault: "", variable: ["b/c", "b/c"], wrong: [null, 1, []] },
  accessKey: { given: "a", byDefault: undefined, variable: ["b", "b"], wrong: [null, 1, ""] },
  secretKey: { given: "a", resolved: "******", byDefault: undefined, variable: ["b", "******"], wrong: [null, 1, ""] },
  securityToken: {
    given: "a",
    resolved: "******",
    byDefault: undefined,
    variable: ["b", "******"],
    wrong: [null, 1, ""],
  },
  credentials: { given: credentials, byDefault: undefined, wrong: [null, {}, "a"] },
  regionName: { given: "auto", byDefault: "us-east-1", variable: ["nyc3", "nyc3"], wrong: [null, 1, ""] },
  endpointUrl: {
    given: "http://h:1/",
    resolved: "http://h:1/",
    byDefault: undefined,
    variable: ["https://b", "https://b/"],
    wrong: [null, 1, "", "h:1", new URL("http://h")],
  },
  addressingStyle: { given: "path", byDefault: "auto", variable: ["virtual", "virtual"], wrong: [null, 1, "", "Path"] },
  useSsl: { given: false, byDefault: true, variable: ["0", false], wrong: [null, 0, "false", ""] },
  fileOverwrite: { given: false, byDefault: true, variable: ["False", false], wrong: [null, 1, "true"] },
  objectParameters: {
    given: { ACL: "private" },
    byDefault: {},
    variable: ['{"CacheControl":"no-store"}', { CacheControl: "no-store" }],
    wrong: [null, "x", [], 1],
  },
  defaultAcl: { given: "public-read", byDefault: undefined, variable: ["private", "private"], wrong: [null, 1, ""] },
  querystringAuth: { given: false, byDefault: true, variable: ["false", false], wrong: [null, "no", 0] },
  sessionProfile: { given: "work", byDefault: undefined, variable: ["work", "work"], wrong: [null, 1, ""] },
  useDualstackEndpoint: { given: true, byDefault: false, variable: ["1", true], wrong: [null, "true", 1] },
  useFipsEndpoint: { given: true, byDefault: false, variable: ["true", true], wrong: [null, "true", 1] },
  useAccelerateEndpoint: { given: true, byDefault: false, variable: ["TRUE", true], wrong: [null, "true", 1] },
  usEast1RegionalEndpoint: {
    given: "regional",
    byDefault: "legacy",
    variable: ["Regional", "regional"],
    wrong: [null, true, "", "global"],
  },
  verify: { given: false, byDefault: true, variable: ["/ca.pem", "/ca.pem"], wrong: [null, 1, "", {}] },
  proxies: {
    given: { https: "http://user:hunter2@proxy:3128" },
    resolved: "******",
    byDefault: undefined,
    variable: ['{"http":"http://proxy:3128"}', "******"],
    wrong: [null, "http://proxy:3128", []],
  },
  signatureVersion: { given: "s3", byDefault: "s3v4", variable: ["S3", "s3"], wrong: [null, "v2", "s3v4-query"] },
  payloadSigningEnabled: { given: false, byDefault: undefined, variable: ["0", false], wrong: [null, "no", 0] },
  requestChecksumCalculation: {
    given: "when_required",
    byDefault: undefined,
    variable: ["WHEN_SUPPORTED", "when_supported"],
    wrong: [null, "never", true],
  },
  responseChecksumValidation: {
    given: "when_supported",
    byDefault: undefined,
    variable: ["WHEN_REQUIRED", "when_required"],
    wrong: [null, "always", true],
  },
  querystringWindow: {
    given: 3600,
    byDefault: 0,
    variable: ["600", 600],
    wrong: [null, "600", -1, 1.5, 604800],
  },
  customDomain: {
    given: "cdn.example.com",
    byDefault: undefined,
    variable: ["d/p", "d/p"],
    wrong: [null, 1, ""],
  },
  customDomainQuerystringAuth: { given: true, byDefault: false, variable: ["true", true], wrong: [null, "true"] },
  urlProtocol: { given: "http:", byDefault: "https:", variable: ["http:", "http:"], wrong: [null, "", "http", "ftp:"] },
  cloudfrontKeyId: {
    beside: { cloudfrontKey: "PEM" },
    given: "K1",
    byDefault: undefined,
    variable: ["K1", "K1"],
    wrong: [null, 1, ""],
  },
  cloudfrontKey: {
    beside: { cloudfrontKeyId: "K1" },
    given: "PEM",
    resolved: "******",
    byDefault: undefined,
    variable: ["PEM", "******"],
    wrong: [null, 1, ""],
  },
  cloudfrontSigner: { given: signer, byDefault: undefined, wrong: [1, "signer", {}] },
  gzip: { given: true, byDefault: false, variable: ["1", true], wrong: [null, "true"] },
  gzipContentTypes: {
    given: ["text/html"],
    byDefault: GZIPPED,
    variable: ['["text/html"]', ["text/html"]],
    wrong: [null, "text/html", [1], {}],
  },
  maxMemorySize: { given: 1, byDefault: 0, variable: ["1048576", 1048576], wrong: [null, "1", -1, 1.5, NaN] },
  querystringExpire: {
    given: 60,
    byDefault: 3600,
    variable: ["604800", 604800],
    wrong: [null, "60", 0, -1, 604801, 1.5, NaN],
  },
  transferConfig: {
    given: { maxConcurrency: 1 },
    resolved: { ...TRANSFER, maxConcurrency: 1, downloadConcurrency: 1 },
    byDefault: TRANSFER,
    variable: ['{"partSize":5242880}', { ...TRANSFER, partSize: 5242880 }],
    wrong: [null, 1, [], { partSize: 5242879 }, { maxConcurrency: 0 }, { chunks: 1 }, { partSize: "5242880" }, {
      maxBandwidth: 0,
    }],
  },
  clientConfig: {
    given: { timeout: 0.05 },
    resolved: { ...CLIENT, timeout: 0.05, idleTimeout: 0.05 },
    byDefault: CLIENT,
    variable: ['{"maxAttempts":1}', { ...CLIENT, maxAttempts: 1, maxNetworkAttempts: 1 }],
    wrong: [
      null,
      1,
      { maxAttempts: 0 },
      { timeout: 0 },
      { timeout: -1 },
      { timeout: NaN },
      { timeout: "5" },
      {
        time: 1,
      },
      {
        timeout: true,
      },
      { retryTimeout: 0 },
      { initialBackoff: "1" },
      { connectTimeout: 0 },
      { userAgentSuffix: 1 },
      {
        userAgentSuffix: "café",
      },
      { userAgentSuffix: "a\r\nb" },
      { maxConnections: 0 },
      { retryMode: "legacy" },
    ],
  },
  now: { given: now, byDefault: undefined, wrong: [null, new Date(), 1] },
  fetch: { given: fetch, byDefault: undefined, wrong: [null, "fetch", {}] },
  waitUntil: { given: (): void => {}, byDefault: undefined, wrong: [null, "waitUntil", {}] },
};

/** There are no AWS files. */
const profile = (): Record<string, never> => ({});

const resolve = (options: S3StorageOptions, environment: Record<string, string> = {}): Settings =>
  resolveSettings([{ bucketName: "bucket", ...options }], { environment: (name) => environment[name], profile });

/** Settings as printed: URLs as text, secrets masked. */
const shown = (value: unknown): unknown => value === undefined ? undefined : JSON.parse(JSON.stringify(value));

Deno.test("every option of the table has a row in this test, and every row an option", () => {
  assertEquals(Object.keys(ROWS).sort(), Object.keys(OPTIONS).sort());
});

for (const name of Object.keys(OPTIONS) as (keyof S3StorageOptions)[]) {
  const row = ROWS[name];
  const { names } = OPTIONS[name];
  const { beside = {} } = row;

  Deno.test(`${name} takes a valid value`, () => {
    const value = resolve({ ...beside, [name]: row.given })[name];
    if (typeof row.given === "function") assertStrictEquals(value, row.given as unknown as typeof value);
    else assertEquals(shown(value), row.resolved ?? row.given);
  });

  Deno.test(`${name} has its default`, () => {
    const value = resolve({})[name];
    if (name === "now") assert((value as () => Date)() instanceof Date);
    else assertEquals(shown(value), row.byDefault);
  });

  Deno.test(`${name} has a variable exactly if text can express it`, () => {
    assertEquals(names.length > 0, row.variable !== undefined);
    assertEquals(names.every((variable) => /^(AWS|GZIP)_[A-Z0-9_]+$/.test(variable)), true);
  });

  if (row.variable !== undefined) {
    const [text, resolved] = row.variable;
    for (const variable of names) {
      Deno.test(`${name} is read from ${variable}`, () => {
        const settings = resolveSettings(
          [name === "bucketName" ? {} : { bucketName: "bucket", ...beside }],
          // A secret is read only with the key of its pair.
          {
            profile,
            environment: (asked) =>
              asked === variable
                ? text
                : asked === variable.replace("SECRET_ACCESS_KEY", "ACCESS_KEY_ID")
                ? "id"
                : undefined,
          },
        );
        assertEquals(shown(settings[name]), resolved);
      });
    }
    Deno.test(`${name} given in code takes precedence over variables, and the first variable over the next`, () => {
      const all = Object.fromEntries(
        names.map((variable, index) => [variable, index === 0 ? text : "never read"]),
      );
      assertEquals(shown(resolve({ ...beside, [name]: row.given }, all)[name]), shown(row.resolved ?? row.given));
      const options = name === "bucketName" ? {} : { bucketName: "bucket", ...beside };
      assertEquals(shown(resolveSettings([options], { environment: (asked) => all[asked], profile })[name]), resolved);
    });
  }

  for (const wrong of row.wrong) {
    Deno.test(`${name} refuses ${Deno.inspect(wrong)} by its name`, () => {
      const error = assertThrows(() => resolve({ ...beside, [name]: wrong } as S3StorageOptions), ConfigurationError);
      assert(error.message.includes(name), error.message);
      assertEquals(error.code, "Configuration");
    });
  }
}
