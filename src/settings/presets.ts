import { ConfigurationError } from "../errors.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { checkEndpointUrl, REGION_NAME } from "./checks.ts";

/**
 * The endpoint of a provider: options for an {@linkcode S3Storage}, as plain data.
 *
 * @example
 * ```ts
 * import { presets, S3Storage } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const preset: presets.Preset = presets.wasabi({ region: "eu-central-1" });
 * const storage = new S3Storage({ ...preset, bucketName: "media", accessKey: "id", secretKey: "secret" });
 * assertEquals((await storage.url("a.txt")).split("?")[0], "https://s3.eu-central-1.wasabisys.com/media/a.txt");
 * ```
 */
export interface Preset {
  /** The URL of the provider, without the bucket. */
  readonly endpointUrl: string;
  /** The region that requests are signed for. */
  readonly regionName: string;
  /** Whether the provider expects the bucket in the host or in the path. */
  readonly addressingStyle: "virtual" | "path";
}

/**
 * Returns the preset of Cloudflare R2. R2 has no ACLs: leave out `defaultAcl`.
 *
 * Source: Cloudflare, "R2: S3 API compatibility" and "Data location".
 *
 * @param options The id of the account, 32 hexadecimal digits, and the jurisdiction of buckets that have one.
 * @throws {ConfigurationError} If an option is malformed.
 *
 * @example
 * ```ts
 * import { presets } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const { endpointUrl } = presets.r2({ accountId: "0123456789abcdef0123456789abcdef", jurisdiction: "eu" });
 * assertEquals(endpointUrl, "https://0123456789abcdef0123456789abcdef.eu.r2.cloudflarestorage.com");
 * ```
 */
export function r2(
  options: { readonly accountId: string; readonly jurisdiction?: "eu" | "fedramp" | "us" | undefined },
): Preset {
  const { accountId, jurisdiction } = options;
  check("accountId", accountId, /^[\da-f]{32}$/i, "32 hexadecimal digits");
  if (jurisdiction !== undefined) check("jurisdiction", jurisdiction, /^(eu|fedramp|us)$/, "one of eu, fedramp, us");
  const account = jurisdiction === undefined ? accountId : `${accountId}.${jurisdiction}`;
  return path(`https://${account}.r2.cloudflarestorage.com`, "auto");
}

/**
 * Returns the preset of Google Cloud Storage, for its XML API with HMAC keys.
 *
 * Source: Google, "Simple migration from Amazon S3" and "Request endpoints".
 *
 * @example
 * ```ts
 * import { presets } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(presets.gcs().endpointUrl, "https://storage.googleapis.com");
 * ```
 */
export function gcs(): Preset {
  return path("https://storage.googleapis.com", "auto");
}

/**
 * Returns the preset of Backblaze B2. The region is part of the endpoint that the web site shows for the bucket.
 *
 * Source: Backblaze, "Call the S3-Compatible API".
 *
 * @param options The region, such as `us-west-004`.
 * @throws {ConfigurationError} If the region is malformed.
 *
 * @example
 * ```ts
 * import { presets } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(presets.b2({ region: "us-west-004" }).endpointUrl, "https://s3.us-west-004.backblazeb2.com");
 * ```
 */
export function b2(options: { readonly region: string }): Preset {
  return path(`https://s3.${region(options)}.backblazeb2.com`, options.region);
}

/**
 * Returns the preset of Wasabi.
 *
 * Source: Wasabi, "Service URLs for Wasabi's Storage Regions".
 *
 * @param options The region, such as `eu-central-1`.
 * @throws {ConfigurationError} If the region is malformed.
 *
 * @example
 * ```ts
 * import { presets } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(presets.wasabi({ region: "us-east-1" }).endpointUrl, "https://s3.us-east-1.wasabisys.com");
 * ```
 */
export function wasabi(options: { readonly region: string }): Preset {
  return path(`https://s3.${region(options)}.wasabisys.com`, options.region);
}

/**
 * Returns the preset of DigitalOcean Spaces. Their web site shows an endpoint with the bucket; the preset needs only
 * the region.
 *
 * Source: DigitalOcean, "Spaces API" and "Using DigitalOcean Spaces with AWS SDKs".
 *
 * @param options The region, such as `nyc3`.
 * @throws {ConfigurationError} If the region is malformed.
 *
 * @example
 * ```ts
 * import { presets } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(presets.digitalOcean({ region: "nyc3" }).endpointUrl, "https://nyc3.digitaloceanspaces.com");
 * ```
 */
export function digitalOcean(options: { readonly region: string }): Preset {
  return virtual(`https://${region(options)}.digitaloceanspaces.com`, options.region);
}

/**
 * Returns the preset of Tigris. Buckets made since February 2025 do not support paths, so their names must not have
 * dots.
 *
 * Source: Tigris, "AWS S3 SDKs" and "Moving to Virtual Hosted URLs".
 *
 * @example
 * ```ts
 * import { presets } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(presets.tigris().addressingStyle, "virtual");
 * ```
 */
export function tigris(): Preset {
  return virtual("https://t3.storage.dev", "auto");
}

/**
 * Returns the preset of a MinIO server.
 *
 * Source: MinIO's discussion 15997: the region is `us-east-1` unless the server is configured with another, and the
 * bucket is in the path.
 *
 * @param options The URL of the server, and its region if that is not `us-east-1`.
 * @throws {ConfigurationError} If an option is malformed.
 *
 * @example
 * ```ts
 * import { presets } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const preset = presets.minio({ endpointUrl: "http://localhost:9000" });
 * assertEquals([preset.regionName, preset.addressingStyle], ["us-east-1", "path"]);
 * ```
 */
export function minio(
  options: { readonly endpointUrl: string; readonly regionName?: string | undefined },
): Preset {
  return ownServer(options);
}

/**
 * Returns the preset of a Ceph object gateway (RGW).
 *
 * Source: Ceph, "Ceph Object Gateway S3 API: Common Entities". A gateway accepts signatures for any region.
 *
 * @param options The URL of the gateway, and the region to sign for, `us-east-1` by default.
 * @throws {ConfigurationError} If an option is malformed.
 *
 * @example
 * ```ts
 * import { presets } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const preset = presets.ceph({ endpointUrl: "https://rgw.example.com" });
 * assertEquals(preset.addressingStyle, "path");
 * ```
 */
export function ceph(
  options: { readonly endpointUrl: string; readonly regionName?: string | undefined },
): Preset {
  return ownServer(options);
}

function path(endpointUrl: string, regionName: string): Preset {
  return { endpointUrl, regionName, addressingStyle: "path" };
}

function virtual(endpointUrl: string, regionName: string): Preset {
  return { endpointUrl, regionName, addressingStyle: "virtual" };
}

/** Uses paths, as a server has a host name for each bucket only if it is configured so. */
function ownServer({ endpointUrl, regionName = "us-east-1" }: Parameters<typeof minio>[0]): Preset {
  check("endpointUrl", endpointUrl, /./, "the URL of the server");
  check("regionName", regionName, REGION_NAME, "a region name");
  checkEndpointUrl(endpointUrl);
  return path(endpointUrl, regionName);
}

function region({ region }: { readonly region: string }): string {
  check(
    "region",
    region,
    /^[a-z\d]+(-[a-z\d]+)*$/,
    "a region of the provider, in lower-case letters, digits and hyphens",
  );
  return region;
}

function check(name: string, value: unknown, pattern: RegExp, right: string): void {
  if (typeof value === "string" && pattern.test(value)) return;
  throw new ConfigurationError(`${name} must be ${right}, got ${formatValue(value)}`);
}
