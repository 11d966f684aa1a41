import { ConfigurationError } from "../errors.ts";
import { formatValue } from "../kit/values/format_value.ts";
import { checkEndpointUrl, REGION_NAME } from "./checks.ts";

/**
 * Where a provider's S3 is reached: options for an {@linkcode S3Storage}, as plain data.
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
  /** The provider's URL, without the bucket. */
  readonly endpointUrl: string;
  /** What requests are signed for. */
  readonly regionName: string;
  /** Where the provider wants the bucket. */
  readonly addressingStyle: "virtual" | "path";
}

/**
 * Cloudflare R2. It has no ACLs: leave `defaultAcl` out.
 *
 * Source: Cloudflare, "R2: S3 API compatibility" and "Data location".
 *
 * @param options The account's id, 32 hexadecimal digits; and, for buckets that are bound to one, the jurisdiction.
 * @throws {ConfigurationError} If one of them is none.
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
 * Google Cloud Storage through its XML API, with HMAC keys.
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
 * Backblaze B2. The region is part of the endpoint that its site shows for the bucket.
 *
 * Source: Backblaze, "Call the S3-Compatible API".
 *
 * @param options The region, such as `us-west-004`.
 * @throws {ConfigurationError} If it is none.
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
 * Wasabi.
 *
 * Source: Wasabi, "Service URLs for Wasabi's Storage Regions".
 *
 * @param options The region, such as `eu-central-1`.
 * @throws {ConfigurationError} If it is none.
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
 * DigitalOcean Spaces. Its site shows an endpoint that holds the bucket; here the region is enough.
 *
 * Source: DigitalOcean, "Spaces API" and "Using DigitalOcean Spaces with AWS SDKs".
 *
 * @param options The region, such as `nyc3`.
 * @throws {ConfigurationError} If it is none.
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
 * Tigris. Buckets made since February 2025 take no paths, so a bucket's name must have no dots.
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
 * A MinIO server.
 *
 * Source: MinIO's discussion 15997: the region is `us-east-1` unless the server was given another, and the style is path.
 *
 * @param options The server's URL; its region, where it has another.
 * @throws {ConfigurationError} If the URL is none.
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
 * A Ceph object gateway (RGW).
 *
 * Source: Ceph, "Ceph Object Gateway S3 API: Common Entities". A gateway takes signatures for any region.
 *
 * @param options The gateway's URL; the region to sign for, `us-east-1` unless it is given.
 * @throws {ConfigurationError} If the URL is none.
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

/** Paths, because nobody's own server has a name for each bucket unless it was told to. */
function ownServer({ endpointUrl, regionName = "us-east-1" }: Parameters<typeof minio>[0]): Preset {
  check("endpointUrl", endpointUrl, /./, "the server's URL");
  check("regionName", regionName, REGION_NAME, "a region's name");
  checkEndpointUrl(endpointUrl);
  return path(endpointUrl, regionName);
}

function region({ region }: { readonly region: string }): string {
  check(
    "region",
    region,
    /^[a-z\d]+(-[a-z\d]+)*$/,
    "the provider's name of a region: lower-case letters, digits, hyphens",
  );
  return region;
}

function check(name: string, value: unknown, pattern: RegExp, right: string): void {
  if (typeof value === "string" && pattern.test(value)) return;
  throw new ConfigurationError(`${name} must be ${right}: current value is ${formatValue(value)}`);
}
