import { assertEquals, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { isOfBoto3, memberFor } from "../../../src/settings/boto3_members.ts";
import type { Boto3Config, Boto3TransferConfig } from "../../../src/settings/named_settings.ts";
import {
  CLIENT_CONFIG,
  type ClientConfig,
  TRANSFER_CONFIG,
  type TransferConfig,
} from "../../../src/settings/options.ts";
import { resolveSettings, type Settings } from "../../../src/settings/resolve.ts";

const BUCKET = { AWS_STORAGE_BUCKET_NAME: "b" };

/** The settings that a configuration gives, as a setting and as a variable. */
function both(name: string, config: unknown): [Settings, Settings] {
  const variables: Record<string, string> = { ...BUCKET, [name]: JSON.stringify(config) };
  return [
    S3Storage.fromSettings({ ...BUCKET, [name]: config }).settings,
    resolveSettings([], { environment: (asked) => variables[asked] }),
  ];
}

const CLIENT: readonly (readonly [given: Boto3Config | ClientConfig, expected: ClientConfig])[] = [
  [{ connect_timeout: 5 }, { connectTimeout: 5 }],
  [{ read_timeout: 20 }, { timeout: 20, idleTimeout: 20 }],
  [{ read_timeout: 20, idleTimeout: 7 }, { timeout: 20, idleTimeout: 7 }],
  [{ max_pool_connections: 50 }, { maxConnections: 50 }],
  [{ user_agent_extra: "app/shop" }, { userAgentSuffix: "app/shop" }],
  [{ retries: { max_attempts: 0 } }, { maxAttempts: 1, maxNetworkAttempts: 1 }],
  [{ retries: { max_attempts: 4 } }, { maxAttempts: 5, maxNetworkAttempts: 5 }],
  [{ retries: { total_max_attempts: 4, max_attempts: 9 } }, { maxAttempts: 4 }],
  [{ retries: { mode: "adaptive" } }, { retryMode: "adaptive", maxAttempts: 10 }],
  [{ retries: { mode: "standard" } }, { retryMode: "standard" }],
  [{ retries: { mode: "legacy" } }, { retryMode: "standard" }],
  [{ retries: {} }, { maxAttempts: 10, maxNetworkAttempts: 100, retryMode: "standard" }],
  [{ retries: { max_attempts: null, mode: null } }, { maxAttempts: 10, retryMode: "standard" }],
  [{ retries: null, read_timeout: null, user_agent_extra: null }, {
    maxAttempts: 10,
    timeout: 60,
    userAgentSuffix: "",
  }],
  [{ read_timeout: 20, timeout: 3 }, { timeout: 3 }],
  [{ timeout: 3, read_timeout: 20 }, { timeout: 3 }],
];

for (const [given, expected] of CLIENT) {
  Deno.test(`AWS_S3_CLIENT_CONFIG of boto3 is converted: ${JSON.stringify(given)}`, () => {
    for (const { clientConfig } of both("AWS_S3_CLIENT_CONFIG", given)) {
      assertEquals({ ...clientConfig, ...expected }, clientConfig);
    }
  });
}

const MEBIBYTE = 1024 * 1024;
const TRANSFER: readonly (readonly [given: Boto3TransferConfig | TransferConfig, expected: TransferConfig])[] = [
  [{ multipart_threshold: 16 * MEBIBYTE }, { multipartThreshold: 16 * MEBIBYTE }],
  [{ multipart_chunksize: 16 * MEBIBYTE }, { partSize: 16 * MEBIBYTE }],
  [{ multipart_chunksize: 1024 }, { partSize: 5 * MEBIBYTE }],
  [{ max_concurrency: 10 }, { maxConcurrency: 10, downloadConcurrency: 10 }],
  [{ max_bandwidth: 1_000_000 }, { maxBandwidth: 1_000_000 }],
  [{ use_threads: false }, { maxConcurrency: 1, downloadConcurrency: 1 }],
  [{ use_threads: false, max_concurrency: 10 }, { maxConcurrency: 1 }],
  [{ max_concurrency: 10, use_threads: false }, { maxConcurrency: 1 }],
  [{ use_threads: true, max_concurrency: 10 }, { maxConcurrency: 10 }],
  [{ max_bandwidth: null, multipart_chunksize: null }, { partSize: 8 * MEBIBYTE }],
];

for (const [given, expected] of TRANSFER) {
  Deno.test(`AWS_S3_TRANSFER_CONFIG of boto3 is converted: ${JSON.stringify(given)}`, () => {
    for (const { transferConfig } of both("AWS_S3_TRANSFER_CONFIG", given)) {
      assertEquals({ ...transferConfig, ...expected }, transferConfig);
    }
  });
}

for (
  const [name, config, message] of [
    [
      "AWS_S3_CLIENT_CONFIG",
      { signature_version: "s3" },
      "has the unknown member 'signature_version': migrateSettings()",
    ],
    ["AWS_S3_CLIENT_CONFIG", { s3: { addressing_style: "path" } }, "has the unknown member 's3': migrateSettings()"],
    ["AWS_S3_CLIENT_CONFIG", { proxies: {} }, "has the unknown member 'proxies': migrateSettings()"],
    ["AWS_S3_CLIENT_CONFIG", { retries: 3 }, "has the unknown member 'retries': migrateSettings()"],
    ["AWS_S3_CLIENT_CONFIG", { retries: { most: 3 } }, "has the unknown member 'retries.most': migrateSettings()"],
    ["AWS_S3_CLIENT_CONFIG", { max_concurrency: 3 }, "has the unknown member 'max_concurrency': migrateSettings()"],
    ["AWS_S3_TRANSFER_CONFIG", { io_chunksize: 3 }, "has the unknown member 'io_chunksize': migrateSettings()"],
    ["AWS_S3_TRANSFER_CONFIG", { use_threads: "no" }, "has the unknown member 'use_threads': migrateSettings()"],
    [
      "AWS_S3_CLIENT_CONFIG",
      { read_timeout: "20" },
      "clientConfig.timeout must be a number of seconds from 0.001 to 86400",
    ],
    ["AWS_S3_CLIENT_CONFIG", { retries: { max_attempts: "3" } }, "clientConfig.maxAttempts must be an integer"],
    ["AWS_S3_CLIENT_CONFIG", { retries: { max_attempts: 3.5 } }, "clientConfig.maxAttempts must be an integer"],
    ["AWS_S3_CLIENT_CONFIG", { retries: { mode: "eager" } }, 'clientConfig.retryMode must be "standard" or "adaptive"'],
    ["AWS_S3_TRANSFER_CONFIG", { multipart_chunksize: "8MB" }, "transferConfig.partSize must be an integer of bytes"],
  ] as const
) {
  Deno.test(`${name} refuses ${JSON.stringify(config)}`, () => {
    assertThrows(() => both(name, config), ConfigurationError, message);
  });
}

for (
  const [given, member] of [
    [{ clientConfig: { connect_timeout: 5 } }, "connectTimeout"],
    [{ clientConfig: { read_timeout: 5 } }, "timeout"],
    [{ clientConfig: { retries: 5 } }, "maxAttempts"],
    [{ clientConfig: { max_attempts: 5 } }, "maxAttempts"],
    [{ clientConfig: { retry_mode: "standard" } }, "retryMode"],
    [{ clientConfig: { mode: "standard" } }, "retryMode"],
    [{ clientConfig: { max_pool_connections: 5 } }, "maxConnections"],
    [{ clientConfig: { user_agent_extra: "a" } }, "userAgentSuffix"],
    [{ transferConfig: { multipart_threshold: 5 } }, "multipartThreshold"],
    [{ transferConfig: { multipart_chunksize: 5 } }, "partSize"],
    [{ transferConfig: { max_concurrency: 5 } }, "maxConcurrency"],
    [{ transferConfig: { use_threads: false } }, "maxConcurrency"],
    [{ transferConfig: { max_bandwidth: 5 } }, "maxBandwidth"],
  ] as const
) {
  Deno.test(`in code, ${JSON.stringify(given)} is refused with ${member} as advice`, () => {
    const make = (): unknown => new S3Storage({ bucketName: "b", ...given as object });
    assertThrows(make, ConfigurationError, `Did you mean ${member}?`);
  });
}

Deno.test("memberFor() knows no member by its own name, and none of another configuration", () => {
  for (const name of [...Object.keys(CLIENT_CONFIG), ...Object.keys(TRANSFER_CONFIG)]) {
    assertEquals([memberFor("AWS_S3_CLIENT_CONFIG", name), isOfBoto3(name)], [undefined, false]);
  }
  assertEquals(memberFor("AWS_S3_TRANSFER_CONFIG", "read_timeout"), undefined);
  assertEquals(memberFor("AWS_S3_CLIENT_CONFIG", "constructor"), undefined);
});
