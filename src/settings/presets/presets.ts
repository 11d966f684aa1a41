import { formatValue } from "../../kit/values/format_value.ts";
import { checkOptions } from "../../kit/values/options.ts";

/**
 * The endpoint of a provider: options for an {@linkcode S3Storage}, as plain data.
 *
 * @example
 * ```ts
 * import { S3Storage } from "@storages/s3";
 * import { type Preset, wasabi } from "@storages/s3/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const preset: Preset = wasabi({ region: "eu-central-1" });
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
 * @throws {TypeError} If an option is unknown or malformed.
 *
 * @example
 * ```ts
 * import { r2 } from "@storages/s3/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const { endpointUrl } = r2({ accountId: "0123456789abcdef0123456789abcdef", jurisdiction: "eu" });
 * assertEquals(endpointUrl, "https://0123456789abcdef0123456789abcdef.eu.r2.cloudflarestorage.com");
 * ```
 */
export function r2(
  options: { readonly accountId: string; readonly jurisdiction?: "eu" | "fedramp" | "us" | undefined },
): Preset {
  const { accountId, jurisdiction } = checked("r2", options, ["accountId", "jurisdiction"]);
  check("r2", "accountId", accountId, /^[\da-f]{32}$/i, "32 hexadecimal digits");
  if (jurisdiction !== undefined) {
    check("r2", "jurisdiction", jurisdiction, /^(eu|fedramp|us)$/, "one of eu, fedramp, us");
  }
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
 * import { gcs } from "@storages/s3/presets";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(gcs().endpointUrl, "https://storage.googleapis.com");
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
 * @throws {TypeError} If the region is malformed, or another option is given.
 *
 * @example
 * ```ts
 * import { b2 } from "@storages/s3/presets";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(b2({ region: "us-west-004" }).endpointUrl, "https://s3.us-west-004.backblazeb2.com");
 * ```
 */
export function b2(options: { readonly region: string }): Preset {
  const region = regionOf("b2", options);
  return path(`https://s3.${region}.backblazeb2.com`, region);
}

/**
 * Returns the preset of Wasabi.
 *
 * Source: Wasabi, "Service URLs for Wasabi's Storage Regions".
 *
 * @param options The region, such as `eu-central-1`.
 * @throws {TypeError} If the region is malformed, or another option is given.
 *
 * @example
 * ```ts
 * import { wasabi } from "@storages/s3/presets";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(wasabi({ region: "us-east-1" }).endpointUrl, "https://s3.us-east-1.wasabisys.com");
 * ```
 */
export function wasabi(options: { readonly region: string }): Preset {
  const region = regionOf("wasabi", options);
  return path(`https://s3.${region}.wasabisys.com`, region);
}

/**
 * Returns the preset of DigitalOcean Spaces. Their web site shows an endpoint with the bucket; the preset needs only
 * the region.
 *
 * Source: DigitalOcean, "Spaces API" and "Using DigitalOcean Spaces with AWS SDKs".
 *
 * @param options The region, such as `nyc3`.
 * @throws {TypeError} If the region is malformed, or another option is given.
 *
 * @example
 * ```ts
 * import { digitalOcean } from "@storages/s3/presets";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(digitalOcean({ region: "nyc3" }).endpointUrl, "https://nyc3.digitaloceanspaces.com");
 * ```
 */
export function digitalOcean(options: { readonly region: string }): Preset {
  const region = regionOf("digitalOcean", options);
  return virtual(`https://${region}.digitaloceanspaces.com`, region);
}

/**
 * Returns the preset of Tigris. Buckets made since February 2025 do not support paths, so their names must not have
 * dots.
 *
 * Source: Tigris, "AWS S3 SDKs" and "Moving to Virtual Hosted URLs".
 *
 * @example
 * ```ts
 * import { tigris } from "@storages/s3/presets";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(tigris().addressingStyle, "virtual");
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
 * @throws {TypeError} If an option is unknown or malformed.
 *
 * @example
 * ```ts
 * import { minio } from "@storages/s3/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const preset = minio({ endpointUrl: "http://localhost:9000" });
 * assertEquals([preset.regionName, preset.addressingStyle], ["us-east-1", "path"]);
 * ```
 */
export function minio(
  options: { readonly endpointUrl: string; readonly regionName?: string | undefined },
): Preset {
  return ownServer("minio", options);
}

/**
 * Returns the preset of a Ceph object gateway (RGW).
 *
 * Source: Ceph, "Ceph Object Gateway S3 API: Common Entities". A gateway accepts signatures for any region.
 *
 * @param options The URL of the gateway, and the region to sign for, `us-east-1` by default.
 * @throws {TypeError} If an option is unknown or malformed.
 *
 * @example
 * ```ts
 * import { ceph } from "@storages/s3/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const preset = ceph({ endpointUrl: "https://rgw.example.com" });
 * assertEquals(preset.addressingStyle, "path");
 * ```
 */
export function ceph(
  options: { readonly endpointUrl: string; readonly regionName?: string | undefined },
): Preset {
  return ownServer("ceph", options);
}

function path(endpointUrl: string, regionName: string): Preset {
  return { endpointUrl, regionName, addressingStyle: "path" };
}

function virtual(endpointUrl: string, regionName: string): Preset {
  return { endpointUrl, regionName, addressingStyle: "virtual" };
}

/** Uses paths, as a server has a host name for each bucket only if it is configured so. */
function ownServer(preset: string, options: Parameters<typeof minio>[0]): Preset {
  const { endpointUrl, regionName = "us-east-1" } = checked(preset, options, ["endpointUrl", "regionName"]);
  const url = typeof endpointUrl === "string" && URL.canParse(endpointUrl) ? new URL(endpointUrl) : undefined;
  if (!/^https?:$/.test(url?.protocol ?? "") || url!.username || url!.password || url!.search || url!.hash) {
    // The text may hold a password, so it is not shown.
    throw new TypeError(
      `Cannot ${
        use(preset)
      }: endpointUrl must be an http or https URL such as "http://localhost:9000", without a user and ` +
        `a query, got ${typeof endpointUrl === "string" ? "other text" : formatValue(endpointUrl)}`,
    );
  }
  check(preset, "regionName", regionName, /^[\w.-]+$/, "a region name");
  return path(endpointUrl, regionName);
}

function regionOf(preset: string, options: { readonly region: string }): string {
  const { region } = checked(preset, options, ["region"]);
  check(
    preset,
    "region",
    region,
    /^[a-z\d]+(-[a-z\d]+)*$/,
    "a region of the provider, in lower-case letters, digits and hyphens",
  );
  return region;
}

function checked<Options extends object>(
  preset: string,
  options: Options,
  names: readonly (keyof Options & string)[],
): Options {
  checkOptions(use(preset), options, names);
  return options;
}

function check(preset: string, name: string, value: unknown, pattern: RegExp, right: string): void {
  if (typeof value === "string" && pattern.test(value)) return;
  throw new TypeError(`Cannot ${use(preset)}: ${name} must be ${right}, got ${formatValue(value)}`);
}

/** The action that fails, as messages name it. */
function use(preset: string): string {
  return `use preset '${preset}'`;
}
