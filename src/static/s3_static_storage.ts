import { ConfigurationError } from "../errors.ts";
import { unknownName } from "../kit/text/closest.ts";
import { S3Storage } from "../s3/s3_storage.ts";
import type { S3StorageOptions } from "../settings/options.ts";
import type { UrlOptions } from "../storage/contract/options.ts";
import { HashedFiles, MANIFEST_OPTIONS, type ManifestOptions, withSuffix } from "./hashed_files.ts";

/**
 * Public files in an S3 bucket: `url` returns plain URLs, without a signature, which do not change.
 *
 * Source: S3StaticStorage of django-storages.
 *
 * @example
 * ```ts
 * import { S3StaticStorage } from "@storages/s3/static";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new S3StaticStorage({ bucketName: "media", location: "static", customDomain: "cdn.example.com" });
 * assertEquals(await storage.url("base.css"), "https://cdn.example.com/static/base.css");
 * ```
 */
export class S3StaticStorage extends S3Storage {
  /** URLs are not signed. */
  static override settings: S3StorageOptions = { querystringAuth: false };
}

/**
 * The settings of an {@linkcode S3ManifestStaticStorage}.
 *
 * @example
 * ```ts
 * import { S3ManifestStaticStorage, type S3ManifestStaticStorageOptions } from "@storages/s3/static";
 * import { assertEquals } from "@std/assert";
 *
 * const options: S3ManifestStaticStorageOptions = { bucketName: "media", manifestStrict: false };
 * assertEquals(new S3ManifestStaticStorage(options).hashedFiles.options.manifestStrict, false);
 * ```
 */
export interface S3ManifestStaticStorageOptions extends S3StorageOptions, ManifestOptions {}

/**
 * Public files in an S3 bucket under hashed names: {@linkcode collect} stores them, `url` finds them by the manifest.
 *
 * Source: S3ManifestStaticStorage of django-storages. Either reads the other's manifest.
 *
 * @example
 * ```ts
 * import { collect, S3ManifestStaticStorage } from "@storages/s3/static";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/a.png`, "png\n");
 * const storage = new S3ManifestStaticStorage({
 *   bucketName: "media",
 *   location: "static",
 *   customDomain: "cdn.example.com",
 *   accessKey: "testkey",
 *   secretKey: "testsecret",
 *   fetch: createS3Server({ buckets: ["media"] }).fetch, // in the place of a real one
 * });
 * await collect(storage, { from: folder });
 * assertEquals(await storage.url("a.png"), "https://cdn.example.com/static/a.eab3b89c707d.png");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class S3ManifestStaticStorage extends S3StaticStorage {
  /** The names and the manifest. */
  readonly hashedFiles: HashedFiles;

  /**
   * Resolves and validates every setting. Sends no request.
   *
   * @param options The settings of an S3Storage, and how the manifest is kept.
   * @throws {ConfigurationError} If a setting is missing, unknown, malformed or in conflict with another.
   */
  constructor(options: S3ManifestStaticStorageOptions = {}) {
    const {
      manifestName,
      manifestStorage,
      manifestStrict,
      manifestVersion,
      staticUrl,
      supportJsModuleImportAggregation,
      ...settings
    } = options;
    const misspelt = Object.keys(settings).find((name) => /^(manifest|static|support)/i.test(name));
    if (misspelt !== undefined) throw new ConfigurationError(unknownName("option", misspelt, MANIFEST_OPTIONS));
    super(settings);
    this.hashedFiles = new HashedFiles(this, {
      manifestName,
      manifestStorage,
      manifestStrict,
      manifestVersion,
      staticUrl,
      supportJsModuleImportAggregation,
    });
  }

  /** Makes a storage with other settings, which reads and writes the manifest of its own location. */
  override with(options: S3StorageOptions): this {
    const made = super.with(options);
    return Object.assign(made, { hashedFiles: this.hashedFiles.withStorage(made) });
  }

  /** The name with the hash of its content; see {@linkcode HashedFiles.hashedName}. */
  async hashedName(name: string, content?: Uint8Array | AsyncIterable<Uint8Array>): Promise<string> {
    return await this.hashedFiles.hashedName(name, content);
  }

  /** The name that a file is stored under; see {@linkcode HashedFiles.storedName}. */
  async storedName(name: string): Promise<string> {
    return await this.hashedFiles.storedName(name);
  }

  /**
   * The URL of a file's hashed copy, from the manifest. A query and a fragment of the name stay.
   *
   * @throws {NotFoundError} If the manifest has no such file.
   */
  override async url(name: string, options: UrlOptions = {}): Promise<string> {
    const { stored, suffix } = await this.hashedFiles.storedPath(name);
    return withSuffix(await super.url(stored, options), suffix);
  }

  /**
   * Makes a URL like `url`, but synchronously.
   *
   * @throws {ConfigurationError} If the manifest is not loaded: `await storage.hashedFiles.load()` does that.
   * @throws {NotFoundError} If the manifest has no such file.
   */
  override urlSync(name: string, options: UrlOptions = {}): string {
    const { stored, suffix } = this.hashedFiles.storedPathSync(name);
    return withSuffix(super.urlSync(stored, options), suffix);
  }
}
