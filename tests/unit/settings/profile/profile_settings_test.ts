import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../../src/errors.ts";
import { readProfile } from "../../../../src/settings/profile/profile.ts";
import {
  profileEndpoint,
  type ProfileSettings,
  profileSettings,
} from "../../../../src/settings/profile/profile_settings.ts";
import { retrySettings } from "../../../../src/settings/profile_values.ts";

const HOME = "/users/ada";

function settings(lines: string, environment: Record<string, string> = {}): ProfileSettings {
  const read = (name: string): string | undefined => ({ HOME, ...environment })[name];
  const profile = readProfile({
    environment: read,
    readTextFile: (path) => path.endsWith("config") ? `[default]\n${lines}` : undefined,
  })!;
  return profileSettings(profile, read);
}

const refuse = (...given: Parameters<typeof settings>): string =>
  assertThrows(() => settings(...given), ConfigurationError).message;

for (
  const [lines, expected] of [
    ["", {}],
    ["region = eu-west-1", { regionName: "eu-west-1" }],
    ["endpoint_url = http://localhost:9000", { endpointUrl: "http://localhost:9000" }],
    ["ca_bundle = /etc/ca.pem", { verify: "/etc/ca.pem" }],
    ["use_fips_endpoint = true", { useFipsEndpoint: true }],
    ["use_dualstack_endpoint = FALSE", { useDualstackEndpoint: false }],
    ["use_dualstack_endpoint = false\ns3 =\n  use_dualstack_endpoint = True", { useDualstackEndpoint: true }],
    ["s3 =\n  us_east_1_regional_endpoint = Regional", { usEast1RegionalEndpoint: "regional" }],
    ["s3_us_east_1_regional_endpoint = regional\ns3 =\n  us_east_1_regional_endpoint = legacy", {
      usEast1RegionalEndpoint: "regional",
    }],
    ["request_checksum_calculation = WHEN_REQUIRED", { requestChecksumCalculation: "when_required" }],
    ["response_checksum_validation = WHEN_SUPPORTED", { responseChecksumValidation: "when_supported" }],
    [
      "s3 =\n  addressing_style = path\n  signature_version = s3v4\n  use_accelerate_endpoint = true",
      { addressingStyle: "path", signatureVersion: "s3v4", useAccelerateEndpoint: true },
    ],
    [
      "s3 =\n  multipart_threshold = 64MB\n  multipart_chunksize = 16777216\n  max_concurrent_requests = 20",
      { transferConfig: { multipartThreshold: 67_108_864, partSize: 16_777_216, maxConcurrency: 20 } },
    ],
    ["s3 =\n  multipart_threshold = 5KiB\n  multipart_chunksize = 1gb", {
      transferConfig: { multipartThreshold: 5120, partSize: 1_073_741_824 },
    }],
    ["sigv4a_signing_region_set = *\ns3 =\n  payload_signing_enabled = maybe", {}],
    ["output = json\ncli_pager =\ns3 =\n  max_queue_size = 10000\n  max_bandwidth = 1MB/s", {}],
  ] as const
) {
  Deno.test(`a profile of ${JSON.stringify(lines)} sets ${JSON.stringify(expected)}`, () => {
    const made = settings(lines);
    assertEquals(made, expected as ProfileSettings);
    assert(Object.isFrozen(made));
  });
}

for (
  const [lines, message] of [
    [
      "use_fips_endpoint = yes",
      `use_fips_endpoint of profile 'default' must be true or false, got "yes"`,
    ],
    ["s3 =\n  use_accelerate_endpoint = 1", "s3.use_accelerate_endpoint of profile 'default' must be true or false"],
    ["s3 =\n  multipart_threshold = 8 furlongs", "must be a number of bytes such as 8388608 or 8MB"],
    ["s3 =\n  multipart_chunksize = MB", "must be a number of bytes"],
    ["s3 =\n  max_concurrent_requests = 1.5", "must be an integer"],
    ["ignore_configured_endpoint_urls = maybe", "must be true or false"],
    ["services = locla\n[services local]", "Unknown section [services …] 'locla'. Did you mean local?"],
    ["services = local", "Unknown section [services …] 'local'. None are known."],
  ] as const
) {
  Deno.test(`a profile of ${JSON.stringify(lines)} is refused: ${message}`, () => {
    assertStringIncludes(refuse(lines), message);
  });
}

const ENDPOINTS =
  "services = local\nendpoint_url = http://all\n[services local]\ns3 =\n  endpoint_url = http://s3\nsts =\n  x = 1";

Deno.test("the endpoint of a service takes precedence over that of all services", () => {
  assertEquals(settings(ENDPOINTS).endpointUrl, "http://s3");
  const environment = (name: string): string | undefined => ({ HOME } as Record<string, string>)[name];
  const profile = readProfile({ environment, readTextFile: () => `[default]\n${ENDPOINTS}` })!;
  assertEquals(profileEndpoint(profile, "sts", environment), "http://all");
});

Deno.test("endpoints are ignored if the variable or the profile says so, and the variable takes precedence", () => {
  const variable = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
  const ignoring = `ignore_configured_endpoint_urls = true\n${ENDPOINTS}`;
  assertEquals(settings(ENDPOINTS, { [variable]: "true" }).endpointUrl, undefined);
  assertEquals(settings(ignoring).endpointUrl, undefined);
  assertEquals(settings(ignoring, { [variable]: "False" }).endpointUrl, "http://s3");
  assertStringIncludes(refuse(ENDPOINTS, { [variable]: "perhaps" }), `The variable ${variable} must be true or false`);
});

/** The retries that a profile and variables give. */
function retries(lines: string | undefined, environment: Record<string, string> = {}): unknown {
  const read = (name: string): string | undefined => ({ HOME, ...environment })[name];
  const readTextFile = (path: string): string | undefined =>
    path.endsWith("config") && lines !== undefined ? `[default]\n${lines}` : undefined;
  const { maxAttempts, retryMode } = retrySettings(readProfile({ environment: read, readTextFile }), read);
  return { ...maxAttempts !== undefined && { maxAttempts }, ...retryMode !== undefined && { retryMode } };
}

for (
  const [lines, environment, expected] of [
    [undefined, {}, {}],
    ["region = eu-west-1", {}, {}],
    ["max_attempts = 7", {}, { maxAttempts: 7 }],
    ["max_attempts = 100\nretry_mode = adaptive", {}, { maxAttempts: 100, retryMode: "adaptive" }],
    ["retry_mode = Standard", {}, { retryMode: "standard" }],
    ["retry_mode = legacy", {}, { retryMode: "standard" }],
    [undefined, { AWS_MAX_ATTEMPTS: "1" }, { maxAttempts: 1 }],
    [undefined, { AWS_RETRY_MODE: "adaptive" }, { retryMode: "adaptive" }],
    ["max_attempts = 7\nretry_mode = adaptive", { AWS_MAX_ATTEMPTS: "3" }, { maxAttempts: 3, retryMode: "adaptive" }],
    ["max_attempts = 7\nretry_mode = adaptive", { AWS_RETRY_MODE: "legacy" }, {
      maxAttempts: 7,
      retryMode: "standard",
    }],
    ["max_attempts = many", { AWS_MAX_ATTEMPTS: "3" }, { maxAttempts: 3 }],
  ] as const
) {
  Deno.test(`the retries of profile ${JSON.stringify(lines)} and ${JSON.stringify(environment)} are read`, () => {
    assertEquals(retries(lines, environment), expected);
  });
}

for (
  const [lines, environment, message] of [
    ["max_attempts = many", {}, `max_attempts of profile 'default' must be an integer from 1 to 100, got "many"`],
    ["max_attempts = -1", {}, "max_attempts of profile 'default' must be an integer from 1 to 100"],
    ["max_attempts = 0", {}, "max_attempts of profile 'default' must be an integer from 1 to 100"],
    ["retry_mode = eager", {}, "retry_mode of profile 'default' must be standard, adaptive or legacy, got \"eager\""],
    ["", { AWS_MAX_ATTEMPTS: "0" }, `The variable AWS_MAX_ATTEMPTS must be an integer from 1 to 100, got "0"`],
    [undefined, { AWS_MAX_ATTEMPTS: "101" }, "The variable AWS_MAX_ATTEMPTS must be an integer from 1 to 100"],
    [undefined, { AWS_MAX_ATTEMPTS: "2.5" }, "The variable AWS_MAX_ATTEMPTS must be an integer from 1 to 100"],
    [undefined, { AWS_RETRY_MODE: "x" }, `The variable AWS_RETRY_MODE must be standard, adaptive or legacy, got "x"`],
  ] as const
) {
  Deno.test(`the retries of profile ${JSON.stringify(lines)} and ${JSON.stringify(environment)} are refused`, () => {
    assertStringIncludes(assertThrows(() => retries(lines, environment), ConfigurationError).message, message);
  });
}
