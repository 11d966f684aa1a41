import { NotSupportedError } from "../errors.ts";
import { checkStorage } from "../storage/checks/check_storage.ts";
import type { OpenArguments, OpenedFile, OpenMode } from "../storage/contract/modes.ts";
import type { AvailableNameOptions, UrlOptions } from "../storage/contract/options.ts";
import { derivedStorage } from "../storage/derived_storage.ts";
import { Storage, type StorageOptions } from "../storage/storage.ts";
import { HashedFiles, type ManifestOptions, withSuffix } from "./hashed_files.ts";

/**
 * Any storage, with hashed names: {@linkcode collect} stores a copy of each file under a name that changes with its content,
 * and `url` returns the URL of that copy, which browsers may cache forever.
 *
 * Source: Django's ManifestStaticFilesStorage.
 *
 * @example
 * ```ts
 * import { collect, ManifestStaticStorage } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/base.css`, "body { background: url(paper.png) }");
 * await Deno.writeTextFile(`${folder}/paper.png`, "png\n");
 *
 * const storage = new ManifestStaticStorage(new MemoryStorage({ baseUrl: "/static/" }));
 * await collect(storage, { from: folder });
 * assertEquals(await storage.url("paper.png"), "/static/paper.eab3b89c707d.png");
 * const css = await storage.readText(await storage.storedName("base.css"));
 * assertEquals(css, 'body { background: url("paper.eab3b89c707d.png") }');
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class ManifestStaticStorage<Own = unknown> extends Storage<Own> {
  /** The names and the manifest. */
  readonly hashedFiles: HashedFiles;
  /** The storage that keeps the files. */
  readonly storage: Storage<Own>;

  /**
   * Creates the storage. Sends no request.
   *
   * @param storage The storage that keeps the files.
   * @param options How the manifest is kept.
   * @throws {ConfigurationError} If an option is unknown or malformed.
   * @throws {TypeError} If the first argument is not a storage.
   */
  constructor(storage: Storage<Own>, options: ManifestOptions = {}) {
    checkStorage("create a ManifestStaticStorage", storage);
    super(storage.backend, storage);
    this.storage = storage;
    this.hashedFiles = new HashedFiles(storage, options);
  }

  /** Makes a storage with other options, which reads and writes the manifest of its own location. */
  override with(options: StorageOptions): this {
    const storage = this.storage.with(options);
    const made = derivedStorage(this, Storage, storage.backend, storage);
    return Object.assign(made, { storage, hashedFiles: this.hashedFiles.withStorage(storage) });
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
    return withSuffix(await this.storage.url(stored, options), suffix);
  }

  /**
   * Makes a URL like `url`, but synchronously, for templates. The wrapped storage must have `urlSync` too, as an S3Storage has.
   *
   * @throws {ConfigurationError} If the manifest is not loaded: `await storage.hashedFiles.load()` does that.
   * @throws {NotFoundError} If the manifest has no such file.
   * @throws {NotSupportedError} If the wrapped storage has no `urlSync`.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { collect, ManifestStaticStorage } from "@storages/s3/static";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] }); // in the place of a real one
   * const keys = { accessKey: "testkey", secretKey: "testsecret" };
   * const files = new S3Storage({ bucketName: "media", ...keys, customDomain: "cdn.example.com", fetch });
   * const storage = new ManifestStaticStorage(files);
   * const logo = { name: "logo.svg", size: 6, stream: () => new Blob(["<svg/>"]).stream() };
   * await collect(storage, { from: ReadableStream.from([logo]) });
   *
   * await storage.hashedFiles.load(); // when the server starts
   * assertEquals(storage.urlSync("logo.svg"), await storage.url("logo.svg"));
   * ```
   */
  urlSync(name: string, options: UrlOptions = {}): string {
    const { storage } = this;
    const urlSync = "urlSync" in storage ? storage.urlSync : undefined;
    if (typeof urlSync !== "function") {
      throw new NotSupportedError(
        `Cannot make a URL to '${name}' synchronously: the wrapped storage has no urlSync(). Use url() instead`,
      );
    }
    const { stored, suffix } = this.hashedFiles.storedPathSync(name);
    return withSuffix(urlSync.call(storage, stored, options), suffix);
  }

  /** Identifies the object of a name as the wrapped storage does: that of the name itself, not its hashed copy. */
  override uri(name: string): string {
    return this.storage.uri(name);
  }

  /** Opens a file as the wrapped storage does. */
  override open<Mode extends OpenMode = "r">(
    name: string,
    ...how: OpenArguments<Mode, Own>
  ): Promise<OpenedFile<Mode>> {
    return this.storage.open(name, ...how);
  }

  /** Chooses names as the wrapped storage does. */
  override getAvailableName(name: string, options?: AvailableNameOptions): Promise<string> {
    return this.storage.getAvailableName(name, options);
  }

  /** Checks whether a name is free as the wrapped storage does. */
  override isNameAvailable(name: string, options?: Omit<AvailableNameOptions, "onExisting">): Promise<boolean> {
    return this.storage.isNameAvailable(name, options);
  }

  /** Makes other names as the wrapped storage does. */
  override getAlternativeName(root: string, extension: string): string {
    return this.storage.getAlternativeName(root, extension);
  }

  /** Makes names safe as the wrapped storage does. */
  override getValidName(name: string): string {
    return this.storage.getValidName(name);
  }

  /** Makes paths safe as the wrapped storage does. */
  override generateFilename(path: string): string {
    return this.storage.generateFilename(path);
  }
}
