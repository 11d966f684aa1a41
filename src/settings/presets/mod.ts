/**
 * The options that each provider needs, as plain data to spread into the options of a storage: endpoint, region and
 * addressing style. It is a separate entry, so that bundles of the storage do not include it.
 *
 * @example
 * ```ts
 * import { S3Storage } from "@storages/s3";
 * import { digitalOcean } from "@storages/s3/presets";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new S3Storage({
 *   ...digitalOcean({ region: "nyc3" }),
 *   bucketName: "media",
 *   accessKey: "id",
 *   secretKey: "secret",
 * });
 * assertEquals(new URL(await storage.url("a.txt")).host, "media.nyc3.digitaloceanspaces.com");
 * ```
 *
 * @module
 */
export { b2, ceph, digitalOcean, gcs, minio, type Preset, r2, tigris, wasabi } from "./presets.ts";
