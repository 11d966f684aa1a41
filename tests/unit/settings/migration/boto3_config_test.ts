import { assert, assertEquals, assertThrows } from "@std/assert";
import { ConfigurationError, migrateSettings } from "../../../../src/settings/migration/mod.ts";
import { convertConfig } from "../../../../src/settings/migration/boto3_config.ts";
import { S3Storage } from "../../../../src/s3/s3_storage.ts";

/** The parameters of `Config` in botocore 1.43, and those of its `s3` and `retries`, each with a value. */
const CONFIG: Readonly<Record<string, unknown>> = {
  region_name: "eu-west-1",
  signature_version: "s3v4",
  user_agent: "app",
  user_agent_extra: "app/shop",
  user_agent_appid: "shop",
  connect_timeout: 5,
  read_timeout: 20,
  parameter_validation: true,
  max_pool_connections: 50,
  proxies: { https: "http://proxy:3128" },
  proxies_config: { proxy_ca_bundle: "/ca.pem" },
  s3: {
    use_accelerate_endpoint: false,
    payload_signing_enabled: true,
    addressing_style: "path",
    us_east_1_regional_endpoint: "regional",
    s3_disable_express_session_auth: false,
    use_arn_region: true,
    use_dualstack_endpoint: false,
  },
  s3_disable_express_session_auth: false,
  retries: { max_attempts: 2, mode: "adaptive" },
  client_cert: "/client.pem",
  inject_host_prefix: true,
  endpoint_discovery_enabled: false,
  use_dualstack_endpoint: false,
  use_fips_endpoint: false,
  ignore_configured_endpoint_urls: true,
  defaults_mode: "standard",
  tcp_keepalive: true,
  request_min_compression_size_bytes: 1024,
  disable_request_compression: true,
  client_context_params: {},
  sigv4a_signing_region_set: "*",
  request_checksum_calculation: "when_required",
  response_checksum_validation: "when_required",
  account_id_endpoint_mode: "preferred",
  auth_scheme_preference: "sigv4",
};

/** The parameters of `TransferConfig` in boto3 1.43. */
const TRANSFER: Readonly<Record<string, unknown>> = {
  multipart_threshold: 16_777_216,
  max_concurrency: 10,
  multipart_chunksize: 8_388_608,
  num_download_attempts: 5,
  max_io_queue: 100,
  io_chunksize: 262_144,
  use_threads: true,
  max_bandwidth: 1_000_000,
  preferred_transfer_client: "auto",
};

Deno.test("migrateSettings() converts every parameter of boto3's Config and TransferConfig", () => {
  const { settings, changes } = migrateSettings({
    AWS_STORAGE_BUCKET_NAME: "media",
    AWS_S3_CLIENT_CONFIG: CONFIG,
    AWS_S3_TRANSFER_CONFIG: TRANSFER,
  });
  assertEquals(settings, {
    AWS_STORAGE_BUCKET_NAME: "media",
    AWS_S3_REGION_NAME: "eu-west-1",
    AWS_S3_SIGNATURE_VERSION: "s3v4",
    AWS_S3_PROXIES: { https: "http://proxy:3128" },
    AWS_S3_USE_ACCELERATE_ENDPOINT: false,
    AWS_S3_PAYLOAD_SIGNING_ENABLED: true,
    AWS_S3_ADDRESSING_STYLE: "path",
    AWS_S3_US_EAST_1_REGIONAL_ENDPOINT: "regional",
    AWS_USE_DUALSTACK_ENDPOINT: false,
    AWS_USE_FIPS_ENDPOINT: false,
    AWS_REQUEST_CHECKSUM_CALCULATION: "when_required",
    AWS_RESPONSE_CHECKSUM_VALIDATION: "when_required",
    AWS_S3_CLIENT_CONFIG: {
      userAgentSuffix: "app/shop",
      connectTimeout: 5,
      timeout: 20,
      maxConnections: 50,
      maxAttempts: 3,
      retryMode: "adaptive",
    },
    AWS_S3_TRANSFER_CONFIG: {
      multipartThreshold: 16_777_216,
      maxConcurrency: 10,
      partSize: 8_388_608,
      maxBandwidth: 1_000_000,
    },
  });
  const given = [
    ...Object.keys({ ...CONFIG, s3: undefined }).filter((name) => name !== "s3"),
    ...Object.keys(CONFIG.s3 as object).map((name) => `s3.${name}`),
  ].map((name) => `AWS_S3_CLIENT_CONFIG.${name}`);
  const ofTransfers = Object.keys(TRANSFER).map((name) => `AWS_S3_TRANSFER_CONFIG.${name}`);
  assertEquals(changes.map(({ from }) => from).toSorted(), [...given, ...ofTransfers].toSorted());
  for (const { from, to, message } of changes) {
    assert(message.startsWith(`${from} is a name of boto3. `) && message.endsWith("."), message);
    assert(to === undefined ? message.includes(" Leave it out: ") : message.includes(` Use ${to}.`), message);
  }
  // What is converted is accepted.
  assertEquals(
    S3Storage.fromSettings({ ...settings, AWS_S3_SIGNATURE_VERSION: "s3v4" }).settings.clientConfig.timeout,
    20,
  );
});

Deno.test("migrateSettings() names the member that replaces one of boto3", () => {
  const { changes } = migrateSettings({
    AWS_S3_CLIENT_CONFIG: { read_timeout: 20, retries: { total_max_attempts: 3, mode: "legacy" }, user_agent: "a" },
    AWS_S3_TRANSFER_CONFIG: { use_threads: false },
  });
  assertEquals(changes.map(({ from, to }) => [from, to]), [
    ["AWS_S3_CLIENT_CONFIG.read_timeout", "AWS_S3_CLIENT_CONFIG.timeout"],
    ["AWS_S3_CLIENT_CONFIG.retries", "AWS_S3_CLIENT_CONFIG.maxAttempts, AWS_S3_CLIENT_CONFIG.retryMode"],
    ["AWS_S3_CLIENT_CONFIG.user_agent", undefined],
    ["AWS_S3_TRANSFER_CONFIG.use_threads", "AWS_S3_TRANSFER_CONFIG.maxConcurrency"],
  ]);
  assertEquals(
    changes[2]?.message,
    "AWS_S3_CLIENT_CONFIG.user_agent is a name of boto3. Leave it out: userAgentSuffix of AWS_S3_CLIENT_CONFIG is " +
      "appended to the header.",
  );
});

for (
  const [what, old, settings] of [
    [
      "addressing, signing and proxies of a Config take precedence, as in django-storages",
      {
        AWS_S3_ADDRESSING_STYLE: "virtual",
        AWS_S3_CLIENT_CONFIG: { s3: { addressing_style: "path" }, signature_version: "s3" },
        AWS_S3_SIGNATURE_VERSION: "s3v4",
      },
      { AWS_S3_ADDRESSING_STYLE: "path", AWS_S3_SIGNATURE_VERSION: "s3" },
    ],
    [
      "the region of a setting takes precedence, as in boto3",
      { AWS_S3_REGION_NAME: "eu-west-1", AWS_S3_CLIENT_CONFIG: { region_name: "us-west-2" } },
      { AWS_S3_REGION_NAME: "eu-west-1" },
    ],
    [
      "members of our own take precedence and stay",
      { AWS_S3_CLIENT_CONFIG: { timeout: 3, read_timeout: 20, callTimeout: 100 } },
      { AWS_S3_CLIENT_CONFIG: { timeout: 3, callTimeout: 100 } },
    ],
    [
      "a configuration may be JSON",
      { AWS_S3_CLIENT_CONFIG: '{"read_timeout": 20}' },
      { AWS_S3_CLIENT_CONFIG: { timeout: 20 } },
    ],
    [
      "a configuration of our own stays as it is",
      { AWS_S3_CLIENT_CONFIG: '{"timeout":20}', AWS_S3_TRANSFER_CONFIG: { partSize: 8_388_608 } },
      { AWS_S3_CLIENT_CONFIG: '{"timeout":20}', AWS_S3_TRANSFER_CONFIG: { partSize: 8_388_608 } },
    ],
    [
      "None is the default",
      { AWS_S3_CLIENT_CONFIG: { read_timeout: 9, retries: null, s3: null, proxies: null, user_agent_extra: null } },
      { AWS_S3_CLIENT_CONFIG: { timeout: 9 } },
    ],
    [
      "AWS_S3_USE_THREADS of False is a member of the TransferConfig too",
      { AWS_S3_USE_THREADS: false, AWS_S3_TRANSFER_CONFIG: { multipart_chunksize: 1 } },
      { AWS_S3_TRANSFER_CONFIG: { maxConcurrency: 1, partSize: 5_242_880 } },
    ],
    [
      "an unknown member stays, and the storage refuses it",
      { AWS_S3_CLIENT_CONFIG: { read_timeout: 9, read_timout: 3, s3: "path" } },
      { AWS_S3_CLIENT_CONFIG: { timeout: 9, read_timout: 3, s3: "path" } },
    ],
  ] as const
) {
  Deno.test(`migrateSettings(): ${what}`, () => {
    assertEquals(migrateSettings(old).settings, settings as ReturnType<typeof migrateSettings>["settings"]);
  });
}

Deno.test("migrateSettings() refuses a configuration that is not an object, and unknown members of retries", () => {
  for (const config of [1, "read_timeout", []]) {
    assertThrows(() => migrateSettings({ AWS_S3_CLIENT_CONFIG: config }), ConfigurationError, "must be an object");
  }
  assertThrows(
    () => migrateSettings({ AWS_S3_CLIENT_CONFIG: { retries: { most: 3 } } }),
    ConfigurationError,
    "AWS_S3_CLIENT_CONFIG has the unknown member 'retries.most'",
  );
});

Deno.test("convertConfig() reports no change of our own members", () => {
  assertEquals(convertConfig("AWS_S3_CLIENT_CONFIG", { timeout: 3 }), {
    members: { timeout: 3 },
    settings: [],
    changes: [],
  });
});
