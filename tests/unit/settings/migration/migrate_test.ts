/** Must agree with "Migrating from Boto to Boto3" of the reference document, one test for each line of it. */
import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError, migrateSettings, oldSettingAdvice } from "../../../../src/settings/migration/mod.ts";
import { parameterHeaders } from "../../../../src/s3/object_parameters.ts";
import { PARAMETER_HEADERS } from "../../../../src/settings/parameter_headers.ts";

interface Migration {
  readonly old: Readonly<Record<string, unknown>>;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Each change as `from -> to`; "" if there is no replacement. */
  readonly changes: readonly string[];
}

/** The lines of the document, in its order. */
const DOCUMENT: Readonly<Record<string, Migration>> = {
  "AWS_HEADERS is AWS_S3_OBJECT_PARAMETERS, and cache-control is CacheControl": {
    old: { AWS_HEADERS: { "cache-control": "max-age=86400", "Content-Disposition": "attachment" } },
    settings: { AWS_S3_OBJECT_PARAMETERS: { CacheControl: "max-age=86400", ContentDisposition: "attachment" } },
    changes: ["AWS_HEADERS -> AWS_S3_OBJECT_PARAMETERS"],
  },
  "AWS_ORIGIN is AWS_S3_REGION_NAME": {
    old: { AWS_ORIGIN: "eu-central-1" },
    settings: { AWS_S3_REGION_NAME: "eu-central-1" },
    changes: ["AWS_ORIGIN -> AWS_S3_REGION_NAME"],
  },
  "AWS_S3_CALLING_FORMAT of VHostCallingFormat is AWS_S3_ADDRESSING_STYLE of virtual": {
    old: { AWS_S3_CALLING_FORMAT: "boto.s3.connection.VHostCallingFormat" },
    settings: { AWS_S3_ADDRESSING_STYLE: "virtual" },
    changes: ["AWS_S3_CALLING_FORMAT -> AWS_S3_ADDRESSING_STYLE"],
  },
  "AWS_S3_HOST with AWS_S3_PORT is AWS_S3_ENDPOINT_URL": {
    old: { AWS_S3_HOST: "objects.example.com", AWS_S3_PORT: 8443 },
    settings: { AWS_S3_ENDPOINT_URL: "https://objects.example.com:8443" },
    changes: ["AWS_S3_HOST -> AWS_S3_ENDPOINT_URL", "AWS_S3_PORT -> AWS_S3_ENDPOINT_URL"],
  },
  "the region's name in AWS_S3_HOST is AWS_S3_REGION_NAME": {
    old: { AWS_S3_HOST: "s3.eu-central-1.amazonaws.com" },
    settings: {
      AWS_S3_ENDPOINT_URL: "https://s3.eu-central-1.amazonaws.com",
      AWS_S3_REGION_NAME: "eu-central-1",
    },
    changes: ["AWS_S3_HOST -> AWS_S3_ENDPOINT_URL"],
  },
  "AWS_S3_PROXY_HOST with AWS_S3_PROXY_PORT is AWS_S3_PROXIES": {
    old: { AWS_S3_PROXY_HOST: "foo.bar", AWS_S3_PROXY_PORT: "3128" },
    settings: { AWS_S3_PROXIES: { http: "foo.bar:3128", https: "foo.bar:3128" } },
    changes: ["AWS_S3_PROXY_HOST -> AWS_S3_PROXIES", "AWS_S3_PROXY_PORT -> AWS_S3_PROXIES"],
  },
  "S3_USE_SIGV4 is removed": {
    old: { S3_USE_SIGV4: true },
    settings: {},
    changes: ["S3_USE_SIGV4 -> "],
  },
  "AWS_S3_SIGNATURE_VERSION stays": {
    old: { AWS_S3_SIGNATURE_VERSION: "s3" },
    settings: { AWS_S3_SIGNATURE_VERSION: "s3" },
    changes: [],
  },
  "DEFAULT_FILE_STORAGE and STATICFILES_STORAGE are removed": {
    old: {
      DEFAULT_FILE_STORAGE: "storages.backends.s3boto.S3BotoStorage",
      STATICFILES_STORAGE: "storages.backends.s3boto3.S3Boto3Storage",
    },
    settings: {},
    changes: ["DEFAULT_FILE_STORAGE -> ", "STATICFILES_STORAGE -> "],
  },
};

const OTHERS: Readonly<Record<string, Migration>> = {
  "headers of S3's own, whatever their case, and metadata": {
    old: {
      AWS_HEADERS: {
        "X-Amz-Storage-Class": "STANDARD_IA",
        "x-amz-acl": "public-read",
        "X-AMZ-Meta-Team": "web",
        CacheControl: "no-cache",
        Expires: new Date(0),
        Vary: "Origin",
        Pragma: null,
      },
    },
    settings: {
      AWS_S3_OBJECT_PARAMETERS: {
        StorageClass: "STANDARD_IA",
        ACL: "public-read",
        CacheControl: "no-cache",
        Expires: new Date(0),
        Metadata: { team: "web" },
      },
    },
    changes: ["AWS_HEADERS -> AWS_S3_OBJECT_PARAMETERS"],
  },
  "three settings that became object parameters, below what is given as new": {
    old: {
      AWS_REDUCED_REDUNDANCY: true,
      AWS_S3_ENCRYPTION: true,
      AWS_HEADERS: { "Cache-Control": "old", "x-amz-meta-a": "old", "x-amz-meta-b": "old" },
      AWS_S3_OBJECT_PARAMETERS: { CacheControl: "new", Metadata: { a: "new" } },
    },
    settings: {
      AWS_S3_OBJECT_PARAMETERS: {
        CacheControl: "new",
        Metadata: { a: "new", b: "old" },
        ServerSideEncryption: "AES256",
        StorageClass: "REDUCED_REDUNDANCY",
      },
    },
    changes: [
      "AWS_HEADERS -> AWS_S3_OBJECT_PARAMETERS",
      "AWS_S3_ENCRYPTION -> AWS_S3_OBJECT_PARAMETERS",
      "AWS_REDUCED_REDUNDANCY -> AWS_S3_OBJECT_PARAMETERS",
    ],
  },
  "flags that were off": {
    old: { AWS_REDUCED_REDUNDANCY: false, AWS_S3_ENCRYPTION: false, AWS_S3_USE_THREADS: true, S3_USE_SIGV4: false },
    settings: {},
    changes: [
      "AWS_S3_ENCRYPTION -> AWS_S3_OBJECT_PARAMETERS",
      "AWS_REDUCED_REDUNDANCY -> AWS_S3_OBJECT_PARAMETERS",
      "S3_USE_SIGV4 -> ",
      "AWS_S3_USE_THREADS -> AWS_S3_TRANSFER_CONFIG",
    ],
  },
  "boto's names of places": {
    old: { AWS_ORIGIN: "EU" },
    settings: { AWS_S3_REGION_NAME: "eu-west-1" },
    changes: ["AWS_ORIGIN -> AWS_S3_REGION_NAME"],
  },
  "boto's default place": {
    old: { AWS_ORIGIN: "" },
    settings: { AWS_S3_REGION_NAME: "us-east-1" },
    changes: ["AWS_ORIGIN -> AWS_S3_REGION_NAME"],
  },
  "AWS_ORIGIN before the region of the host": {
    old: { AWS_S3_HOST: "s3-eu-west-1.amazonaws.com", AWS_ORIGIN: "eu-west-3" },
    settings: { AWS_S3_ENDPOINT_URL: "https://s3-eu-west-1.amazonaws.com", AWS_S3_REGION_NAME: "eu-west-3" },
    changes: ["AWS_ORIGIN -> AWS_S3_REGION_NAME", "AWS_S3_HOST -> AWS_S3_ENDPOINT_URL"],
  },
  "new settings before old ones": {
    old: {
      AWS_S3_HOST: "s3.eu-west-1.amazonaws.com",
      AWS_S3_REGION_NAME: "eu-west-2",
      AWS_S3_ENDPOINT_URL: "https://h",
      AWS_S3_CALLING_FORMAT: "OrdinaryCallingFormat",
      AWS_S3_ADDRESSING_STYLE: "virtual",
    },
    settings: {
      AWS_S3_REGION_NAME: "eu-west-2",
      AWS_S3_ENDPOINT_URL: "https://h",
      AWS_S3_ADDRESSING_STYLE: "virtual",
    },
    changes: ["AWS_S3_CALLING_FORMAT -> AWS_S3_ADDRESSING_STYLE", "AWS_S3_HOST -> AWS_S3_ENDPOINT_URL"],
  },
  "a host without TLS": {
    old: { AWS_S3_HOST: "127.0.0.1", AWS_S3_PORT: 9000, AWS_S3_USE_SSL: false },
    settings: { AWS_S3_USE_SSL: false, AWS_S3_ENDPOINT_URL: "http://127.0.0.1:9000" },
    changes: ["AWS_S3_HOST -> AWS_S3_ENDPOINT_URL", "AWS_S3_PORT -> AWS_S3_ENDPOINT_URL"],
  },
  "a port of boto's default host": {
    old: { AWS_S3_PORT: "443" },
    settings: { AWS_S3_ENDPOINT_URL: "https://s3.amazonaws.com:443", AWS_S3_REGION_NAME: "us-east-1" },
    changes: ["AWS_S3_PORT -> AWS_S3_ENDPOINT_URL"],
  },
  "another provider's host": {
    old: { AWS_S3_HOST: "s3.us-west-004.backblazeb2.com" },
    settings: { AWS_S3_ENDPOINT_URL: "https://s3.us-west-004.backblazeb2.com", AWS_S3_REGION_NAME: "us-west-004" },
    changes: ["AWS_S3_HOST -> AWS_S3_ENDPOINT_URL"],
  },
  "a proxy without a port": {
    old: { AWS_S3_PROXY_HOST: "proxy" },
    settings: { AWS_S3_PROXIES: { http: "proxy", https: "proxy" } },
    changes: ["AWS_S3_PROXY_HOST -> AWS_S3_PROXIES"],
  },
  "a port without a proxy": {
    old: { AWS_S3_PROXY_PORT: 3128 },
    settings: {},
    changes: ["AWS_S3_PROXY_PORT -> AWS_S3_PROXIES"],
  },
  "URLs without TLS": {
    old: { AWS_S3_SECURE_URLS: false },
    settings: { AWS_S3_URL_PROTOCOL: "http:" },
    changes: ["AWS_S3_SECURE_URLS -> AWS_S3_URL_PROTOCOL"],
  },
  "threads and buffers": {
    old: { AWS_S3_USE_THREADS: false, AWS_S3_FILE_BUFFER_SIZE: 1024 },
    settings: { AWS_S3_TRANSFER_CONFIG: { maxConcurrency: 1, partSize: 5242880 } },
    changes: [
      "AWS_S3_USE_THREADS -> AWS_S3_TRANSFER_CONFIG",
      "AWS_S3_FILE_BUFFER_SIZE -> AWS_S3_TRANSFER_CONFIG",
    ],
  },
  "what nothing is like": {
    old: {
      AWS_PRELOAD_METADATA: true,
      AWS_AUTO_CREATE_BUCKET: true,
      AWS_BUCKET_ACL: "public-read",
      AWS_S3_FILE_NAME_CHARSET: "utf-8",
    },
    settings: {},
    changes: [
      "AWS_PRELOAD_METADATA -> ",
      "AWS_AUTO_CREATE_BUCKET -> ",
      "AWS_BUCKET_ACL -> ",
      "AWS_S3_FILE_NAME_CHARSET -> ",
    ],
  },
  "what is of today, what is unknown, and what is not given": {
    old: {
      AWS_STORAGE_BUCKET_NAME: "media",
      AWS_IS_GZIPPED: true,
      GZIP_CONTENT_TYPES: ["text/css"],
      AWS_OF_ANOTHER_KIND: 1,
      DEFAULT_FILE_STORAGE: "django.core.files.storage.FileSystemStorage",
      AWS_HEADERS: null,
      AWS_ORIGIN: undefined,
      AWS_LOCATION: undefined,
    },
    settings: {
      AWS_STORAGE_BUCKET_NAME: "media",
      AWS_IS_GZIPPED: true,
      GZIP_CONTENT_TYPES: ["text/css"],
      AWS_OF_ANOTHER_KIND: 1,
      DEFAULT_FILE_STORAGE: "django.core.files.storage.FileSystemStorage",
    },
    changes: [],
  },
};

for (const [what, { old, settings, changes }] of Object.entries({ ...DOCUMENT, ...OTHERS })) {
  Deno.test(`migrateSettings(): ${what}`, () => {
    const before = structuredClone(old);
    const migrated = migrateSettings(old);
    assertEquals(migrated.settings, settings);
    assertEquals(migrated.changes.map(({ from, to = "" }) => `${from} -> ${to}`), changes);
    for (const { from, message } of migrated.changes) {
      assertStringIncludes(message, oldSettingAdvice(from)!);
    }
    assertEquals(old, before, "the old settings are left alone");
    assertEquals(migrateSettings(migrated.settings), { settings, changes: [] }, "a second time changes nothing");
  });
}

for (
  const [format, style] of [
    ["VHostCallingFormat", "virtual"],
    ["boto.s3.connection.SubdomainCallingFormat", "virtual"],
    ["boto.s3.connection.OrdinaryCallingFormat", "path"],
    ["ProtocolIndependentOrdinaryCallingFormat", "path"],
  ] as const
) {
  Deno.test(`migrateSettings() converts ${format} into ${style}`, () => {
    const { settings } = migrateSettings({ AWS_S3_CALLING_FORMAT: format });
    assertEquals(settings, { AWS_S3_ADDRESSING_STYLE: style });
  });
}

for (
  const [host, region] of [
    ["s3.amazonaws.com", "us-east-1"],
    ["s3-external-1.amazonaws.com", "us-east-1"],
    ["S3-EU-WEST-1.amazonaws.com", "eu-west-1"],
    ["s3.dualstack.ap-southeast-2.amazonaws.com", "ap-southeast-2"],
    ["s3.cn-north-1.amazonaws.com.cn", "cn-north-1"],
    ["s3-us-gov-west-1.amazonaws.com", "us-gov-west-1"],
    ["s3.fr-par.scw.cloud", "fr-par"],
    ["localhost", undefined],
    ["s3.example.com", undefined],
    ["[::1]", undefined],
  ] as const
) {
  Deno.test(`migrateSettings() finds the region ${region} in ${host}`, () => {
    const { settings } = migrateSettings({ AWS_S3_HOST: host });
    assertEquals(settings.AWS_S3_ENDPOINT_URL, `https://${host.toLowerCase()}`);
    assertEquals(settings.AWS_S3_REGION_NAME, region);
  });
}

Deno.test("migrateSettings() finds every parameter by its header", () => {
  for (const [parameter, header] of Object.entries(PARAMETER_HEADERS.write)) {
    const name = parameter === "Metadata" ? `${header}a` : header;
    const { settings } = migrateSettings({ AWS_HEADERS: { [name.toUpperCase()]: "2030-01-01T00:00:00Z" } });
    const parameters = settings.AWS_S3_OBJECT_PARAMETERS as Record<string, unknown>;
    assertEquals(Object.keys(parameters), [parameter]);
    if (parameter === "SSECustomerKey") parameters[parameter] = "k".repeat(32);
    if (parameter === "BucketKeyEnabled") parameters[parameter] = true;
    if (parameter === "ChecksumAlgorithm") parameters[parameter] = "SHA256";
    assert(name in parameterHeaders(parameters), name);
  }
});

Deno.test("migrateSettings() reports headers that S3 does not store", () => {
  const [change] = migrateSettings({ AWS_HEADERS: { Vary: "Origin", "X-Powered-By": "us" } }).changes;
  assertMatch(change!.message, /S3 does not store Vary, X-Powered-By: dropped\.$/);
});

for (
  const [name, value] of [
    ["AWS_HEADERS", "Cache-Control: hunter2"],
    ["AWS_HEADERS", [["", { "Cache-Control": "hunter2" }]]],
    ["AWS_HEADERS", { "Cache-Control": 86400 }],
    ["AWS_HEADERS", { "x-amz-meta-a": { hunter2: true } }],
    ["AWS_ORIGIN", 1],
    ["AWS_S3_CALLING_FORMAT", "hunter2"],
    ["AWS_S3_CALLING_FORMAT", {}],
    ["AWS_S3_HOST", "https://me:hunter2@h"],
    ["AWS_S3_HOST", "h:9000"],
    ["AWS_S3_HOST", ""],
    ["AWS_S3_PORT", 0],
    ["AWS_S3_PORT", 65_536],
    ["AWS_S3_PORT", "hunter2"],
    ["AWS_S3_PORT", 1n],
    ["AWS_S3_PROXY_HOST", "http://me:hunter2@proxy"],
    ["AWS_S3_ENCRYPTION", "AES256"],
    ["AWS_REDUCED_REDUNDANCY", 1],
    ["AWS_S3_SECURE_URLS", "yes"],
    ["AWS_S3_USE_THREADS", Object.create(null)],
    ["AWS_S3_FILE_BUFFER_SIZE", -1],
  ] as const
) {
  Deno.test(`migrateSettings() refuses ${name} of ${Deno.inspect(value).replace("hunter2", "…")}, without showing it`, () => {
    const error = assertThrows(() => migrateSettings({ [name]: value }), ConfigurationError);
    assertStringIncludes(error.message, name);
    assertEquals(Deno.inspect(error).includes("hunter2"), false, error.message);
  });
}

Deno.test("migrateSettings() parses text as in variables, without losing values", () => {
  const { settings } = migrateSettings({
    AWS_S3_ENCRYPTION: "True",
    AWS_S3_OBJECT_PARAMETERS: '{"CacheControl":"no-cache"}',
    AWS_S3_HOST: "h",
    AWS_S3_USE_SSL: "0",
  });
  assertEquals(settings, {
    AWS_S3_OBJECT_PARAMETERS: { ServerSideEncryption: "AES256", CacheControl: "no-cache" },
    AWS_S3_ENDPOINT_URL: "http://h",
    AWS_S3_USE_SSL: "0",
  });
  for (const wrong of ["hunter2", "[]", 5]) {
    const old = { AWS_S3_ENCRYPTION: true, AWS_S3_OBJECT_PARAMETERS: wrong };
    const { message } = assertThrows(() => migrateSettings(old), ConfigurationError);
    assertMatch(message, /^AWS_S3_OBJECT_PARAMETERS must be an object, or JSON of one, (?!.*hunter2)/);
  }
});

Deno.test("migrateSettings() refuses values that are not objects", () => {
  for (const nothing of [undefined, null, "x", 1, []]) {
    assertThrows(() => migrateSettings(nothing as unknown as Record<string, unknown>), TypeError);
  }
});

Deno.test("migrateSettings() treats a setting named __proto__ like others", () => {
  const { settings } = migrateSettings(JSON.parse('{ "__proto__": { "polluted": true }, "AWS_LOCATION": "a" }'));
  assertEquals([Object.getPrototypeOf(settings), settings.AWS_LOCATION], [Object.prototype, "a"]);
  assert(!("polluted" in settings));
});

Deno.test("oldSettingAdvice() knows every removed setting of the reference, and no other", () => {
  for (const { old, changes } of Object.values(DOCUMENT)) {
    for (const name of Object.keys(old)) {
      assertEquals(oldSettingAdvice(name) !== undefined, changes.some((change) => change.startsWith(`${name} `)));
    }
  }
  assertEquals(oldSettingAdvice("AWS_S3_REGION_NAME"), undefined);
  assertEquals(oldSettingAdvice("constructor"), undefined);
});
