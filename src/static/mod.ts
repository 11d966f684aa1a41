/**
 * Static files under names that change with their content, so that browsers may cache them forever.
 *
 * {@linkcode collect} stores new and changed files in any storage. {@linkcode S3ManifestStaticStorage}, or
 * {@linkcode ManifestStaticStorage} around any storage, makes their URLs.
 *
 * @example
 * ```ts
 * import { collect, ManifestStaticStorage } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.png`, "png\n");
 * const storage = new ManifestStaticStorage(new MemoryStorage({ baseUrl: "/static/" }));
 * await collect(storage, { from: folder });
 * assertEquals(await storage.url("a.png"), "/static/a.eab3b89c707d.png");
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @module
 */
import "../s3/entry/machine.ts";

export * from "../errors.ts";
export type { FollowLinks } from "../runtime/files/links.ts";
export { collect } from "./collect.ts";
export type {
  CollectEvent,
  CollectOptions,
  CollectSummary,
  PageOptions,
  PendingInvalidation,
  Precompress,
} from "./collect_options.ts";
export { HashedFiles, type ManifestOptions, type ResolvedManifestOptions, type StoredPath } from "./hashed_files.ts";
export type { Manifest, ManifestVersion } from "./manifest.ts";
export { ManifestStaticStorage } from "./manifest_static_storage.ts";
export { S3ManifestStaticStorage, type S3ManifestStaticStorageOptions, S3StaticStorage } from "./s3_static_storage.ts";
export type { StaticFile, StaticSource } from "./source/source.ts";
