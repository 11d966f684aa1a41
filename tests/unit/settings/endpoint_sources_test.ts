/** Endpoints and hosts of AWS that one source or several choose. */
import { assertEquals, assertThrows } from "@std/assert";
import { bucketAddress } from "../../../src/client/endpoint.ts";
import { ConfigurationError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { resolveSettings, type Settings } from "../../../src/settings/resolve.ts";

/** Sources of which each sets one more option than the one before. */
function fromAll(sources: {
  readonly given?: S3StorageOptions;
  readonly ofClass?: S3StorageOptions;
  readonly environment?: Record<string, string>;
  readonly profile?: Record<string, unknown>;
}): Settings {
  return resolveSettings([{ bucketName: "b", ...sources.given }, sources.ofClass ?? {}], {
    environment: (name) => sources.environment?.[name],
    profile: () => sources.profile ?? {},
  });
}

/** Whether the settings choose among the hosts of AWS. */
const variants = ({ useDualstackEndpoint, useFipsEndpoint, regionName }: Settings): unknown[] => [
  useDualstackEndpoint,
  useFipsEndpoint,
  regionName,
];
const BOTH = { AWS_USE_DUALSTACK_ENDPOINT: "true", AWS_USE_FIPS_ENDPOINT: "true", AWS_REGION: "fips-us-west-2" };
const PROFILE_BOTH = { useDualstackEndpoint: true, useFipsEndpoint: true, regionName: "us-west-2-fips" };
const ENDPOINT = { endpointUrl: "http://127.0.0.1:9000" };

Deno.test("hosts of AWS that one source chooses do not apply to the endpoint of another source", () => {
  const environment = { AWS_ENDPOINT_URL: ENDPOINT.endpointUrl };
  const off = [false, false, "us-west-2"];
  assertEquals(variants(fromAll({ given: ENDPOINT, environment: BOTH })), off);
  assertEquals(variants(fromAll({ ofClass: ENDPOINT, environment: BOTH })), off);
  assertEquals(variants(fromAll({ given: ENDPOINT, profile: PROFILE_BOTH })), off);
  assertEquals(variants(fromAll({ environment, profile: PROFILE_BOTH })), off);
  assertEquals(variants(fromAll({ environment: BOTH, profile: ENDPOINT })), off);
  const given = { useDualstackEndpoint: true, regionName: "us-west-2" };
  assertEquals(variants(fromAll({ given, environment })), off);
});

Deno.test("FIPS that code asks for is not dropped beside an endpoint of the environment or the profile, but refused", () => {
  const environment = { AWS_ENDPOINT_URL: ENDPOINT.endpointUrl };
  for (const fips of [{ useFipsEndpoint: true }, { regionName: "fips-us-west-2" }]) {
    for (const given of [{ given: fips }, { ofClass: fips }]) {
      for (const machine of [{ environment }, { profile: ENDPOINT }]) {
        const settings = fromAll({ ...given, ...machine });
        assertEquals(settings.useFipsEndpoint, true);
        assertThrows(
          () => bucketAddress(settings, settings.regionName, settings.bucketName),
          ConfigurationError,
          "useFipsEndpoint cannot be combined with endpointUrl",
        );
      }
    }
  }
});

Deno.test("hosts of AWS apply without an endpoint, and are in conflict with one of their own source", () => {
  const on = [true, true, "us-west-2"];
  assertEquals(variants(fromAll({ environment: BOTH })), on);
  assertEquals(variants(fromAll({ profile: PROFILE_BOTH })), on);
  // The client refuses it.
  assertEquals(variants(fromAll({ environment: { ...BOTH, AWS_S3_ENDPOINT_URL: ENDPOINT.endpointUrl } })), on);
  assertEquals(variants(fromAll({ given: ENDPOINT, ofClass: PROFILE_BOTH })), on);
  assertEquals(variants(fromAll({ profile: { ...PROFILE_BOTH, ...ENDPOINT } })), on);
  const given = { ...ENDPOINT, useFipsEndpoint: true };
  assertThrows(
    () => new S3Storage({ bucketName: "b", ...given }),
    ConfigurationError,
    "useFipsEndpoint cannot be combined with endpointUrl",
  );
});

Deno.test("an endpoint excludes transfer acceleration of any source, as in boto3", () => {
  const profile = { useAccelerateEndpoint: true };
  assertEquals(fromAll({ given: ENDPOINT, profile }).useAccelerateEndpoint, true);
});
