/** Wrong arguments of the functions of `/presets`, `/errors` and `/migration`, and of the constructor of a storage. */
import { assertEquals, assertThrows } from "@std/assert";
import { ConfigurationError, S3Storage } from "../../../mod.ts";
import * as errors from "../../../src/errors.ts";
import { migrateSettings, oldSettingAdvice } from "../../../src/settings/migration/mod.ts";
import * as presets from "../../../src/settings/presets/mod.ts";

// deno-lint-ignore no-explicit-any -- the arguments are wrong on purpose
type Any = any;

const ACCOUNT = "0".repeat(32);
const make = (options: unknown) => (): unknown => new S3Storage(options as Any);
const withBucket = (options: object): () => unknown => make({ bucketName: "media", ...options });

/** Each call with its error. */
const CALLS: Readonly<Record<string, readonly (readonly [call: () => unknown, message: string])[]>> = {
  TypeError: [
    [() => presets.r2(undefined as Any), "Cannot use preset 'r2': options must be an object, got undefined"],
    [() => presets.r2(ACCOUNT as Any), `Cannot use preset 'r2': options must be an object, got "${ACCOUNT}"`],
    [() => presets.r2({} as Any), "Cannot use preset 'r2': accountId must be 32 hexadecimal digits, got undefined"],
    [
      () => presets.r2({ accountid: ACCOUNT } as Any),
      "Cannot use preset 'r2': unknown option 'accountid'. Did you mean accountId? Known are accountId, jurisdiction",
    ],
    [
      () => presets.r2({ accountId: ACCOUNT, jurisdiction: "mars" as Any }),
      "Cannot use preset 'r2': jurisdiction must be one of eu, fedramp, us, got \"mars\"",
    ],
    [
      () => presets.b2({ regionName: "us-west-004" } as Any),
      "Cannot use preset 'b2': unknown option 'regionName'. Did you mean region? Known are region",
    ],
    [
      () => presets.wasabi({ region: 5 as Any }),
      "Cannot use preset 'wasabi': region must be a region of the provider, in lower-case letters, digits and hyphens, got 5",
    ],
    [() => presets.digitalOcean(null as Any), "Cannot use preset 'digitalOcean': options must be an object, got null"],
    [
      () => presets.minio({ endpoint: "http://localhost:9000" } as Any),
      "Cannot use preset 'minio': unknown option 'endpoint'. Did you mean endpointUrl? Known are endpointUrl, regionName",
    ],
    [
      () => presets.minio({ endpointUrl: "localhost:9000" }),
      "Cannot use preset 'minio': endpointUrl must be an http or https URL such as \"http://localhost:9000\", without a user " +
      "and a query, got other text",
    ],
    [
      () => presets.ceph({ endpointUrl: new URL("http://localhost") as Any }),
      "Cannot use preset 'ceph': endpointUrl must be an http or https URL such as \"http://localhost:9000\", without a user " +
      "and a query, got a value of type object",
    ],
    [
      () => presets.ceph({ endpointUrl: "http://localhost", regionName: "a b" }),
      "Cannot use preset 'ceph': regionName must be a region name, got \"a b\"",
    ],
    [() => new errors.NotFoundError(5 as Any), "The message of an error must be text"],
    [() => migrateSettings(undefined as Any), "Cannot migrate settings: settings must be an object, got undefined"],
    [
      () => migrateSettings([] as Any),
      "Cannot migrate settings: settings must be an object, got a value of type object",
    ],
    [() => oldSettingAdvice(5 as Any), "Cannot advise on a setting: its name must be text, got 5"],
  ],
  ConfigurationError: [
    [make("media"), 'Options, and the settings of a class, must be an object, got "media"'],
    [make({}), "bucketName is missing: set the option bucketName or AWS_STORAGE_BUCKET_NAME"],
    [withBucket({ bucket: "b" }), "Unknown option 'bucket'. Did you mean bucketName?"],
    [withBucket({ querystringExpir: 60 }), "Unknown option 'querystringExpir'. Did you mean querystringExpire?"],
    [withBucket({ querystringExpire: "60" }), 'The option querystringExpire must be an integer, got "60"'],
    [
      withBucket({ querystringExpire: 0 }),
      "The option querystringExpire must be an integer of seconds from 1 to 3153600000, got 0",
    ],
    [
      withBucket({ addressingStyle: "paths" }),
      'The option addressingStyle must be one of auto, virtual, path, got "paths"',
    ],
    [withBucket({ useSsl: "no" }), 'The option useSsl must be true or false (in a variable also 1 or 0), got "no"'],
    [withBucket({ location: null }), "The option location must be text, got null"],
    [
      withBucket({ transferConfig: { partSizeBytes: 5 } }),
      "Unknown member of transferConfig 'partSizeBytes'. Did you mean partSize? Known are multipartThreshold, partSize, " +
      "maxConcurrency, downloadConcurrency, maxBandwidth.",
    ],
    [
      withBucket({ transferConfig: { partSize: 5 } }),
      "transferConfig.partSize must be an integer of bytes from 5242880 to 5368709120, got 5",
    ],
    [
      withBucket({ defaultAcl: "public" }),
      'defaultAcl must be a canned ACL such as "private", got "public". Did you mean public-read or public-read-write?',
    ],
    [withBucket({ now: () => 5 }), "The option now must return a Date, got 5: use () => new Date()"],
    [
      withBucket({ credentials: { accessKey: "id" } }),
      "The option credentials must be a function, or an object { accessKeyId, secretAccessKey, sessionToken? }, got the " +
      "unknown member 'accessKey'. Did you mean accessKeyId?",
    ],
    [() => S3Storage.fromSettings(5 as Any), "Settings must be an object, got 5"],
    [
      () => S3Storage.fromSettings({ AWS_BUCKET_NAME: "media" } as Any),
      "Unknown setting 'AWS_BUCKET_NAME'. Did you mean AWS_STORAGE_BUCKET_NAME?",
    ],
    [
      () => S3Storage.fromSettings({ AWS_QUERYSTRING_EXPIRE: "an hour" }),
      'The setting AWS_QUERYSTRING_EXPIRE must be an integer, got "an hour"',
    ],
    [
      () => migrateSettings({ AWS_S3_PORT: 99_999 }),
      "AWS_S3_PORT must be an integer from 1 to 65535, got 99999",
    ],
  ],
};

for (const [name, calls] of Object.entries(CALLS)) {
  const Kind = name === "TypeError" ? TypeError : ConfigurationError;
  for (const [call, message] of calls) {
    Deno.test(`a wrong argument is refused: ${message}`, () => {
      assertEquals(assertThrows(call, Kind).message, message);
    });
  }
}
