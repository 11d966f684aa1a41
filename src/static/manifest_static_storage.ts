import type { ListedKey, ObjectWriteOptions, StoredName } from "../storage/backend.ts";
import type { FileStat } from "../storage/entry.ts";
import type { CallOptions, ReadOptions, UrlOptions, WriteOptions } from "../storage/options.ts";
import type { BinaryFile, ByteSource, TextFile } from "../storage/read_file.ts";
import { Storage } from "../storage/storage.ts";
import type { ByteSink, WriteFile } from "../storage/write_file.ts";
import { HashedFiles, type ManifestOptions, withSuffix } from "./hashed_files.ts";

/**
 * Any storage, with hashed names: {@linkcode collect} stores a copy of each file under a name that changes with its content,
 * and `url` gives the URL of that copy, which browsers may keep for ever.
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
 * await collect({ from: folder, to: storage });
 * assertEquals(await storage.url("paper.png"), "/static/paper.eab3b89c707d.png");
 * const file = await storage.open(await storage.storedName("base.css"));
 * assertEquals(await file.text(), 'body { background: url("paper.eab3b89c707d.png") }');
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export class ManifestStaticStorage extends Storage {
  /** The names and the manifest. */
  readonly hashedFiles: HashedFiles;
  /** The storage that keeps the files. */
  readonly storage: Storage;

  /**
   * Reads nothing yet.
   *
   * @param storage The storage that keeps the files.
   * @param options How the manifest is kept.
   * @throws {ConfigurationError} If an option is malformed.
   */
  constructor(storage: Storage, options: ManifestOptions = {}) {
    super(storage);
    this.storage = storage;
    this.hashedFiles = new HashedFiles(storage, options);
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

  override open(name: string, mode?: "r" | "rt", options?: ReadOptions): Promise<TextFile>;
  override open(name: string, mode: "rb", options?: ReadOptions): Promise<BinaryFile>;
  override open(name: string, mode: "w" | "wb" | "wt", options?: WriteOptions): Promise<WriteFile>;
  override open(
    name: string,
    mode: "r" | "rt" | "rb" | "w" | "wb" | "wt",
    options?: ReadOptions & WriteOptions,
  ): Promise<TextFile | BinaryFile | WriteFile>;
  /** Opens a file as the storage does, with its settings. */
  override open(
    name: string,
    mode: "r" | "rt" | "rb" | "w" | "wb" | "wt" = "r",
    options: ReadOptions & WriteOptions = {},
  ): Promise<TextFile | BinaryFile | WriteFile> {
    return this.storage.open(name, mode, options);
  }

  // The rest is the storage's own. These are no one else's business, and so they are reached by their names.

  protected override openObject(file: StoredName, options: ReadOptions): Promise<ByteSource> {
    return this.storage["openObject"](file, options);
  }

  protected override createObject(file: StoredName, options: ObjectWriteOptions): ByteSink {
    return this.storage["createObject"](file, options);
  }

  protected override putObject(
    file: StoredName,
    body: Uint8Array<ArrayBuffer> | Blob,
    options: ObjectWriteOptions,
  ): Promise<void> {
    return this.storage["putObject"](file, body, options);
  }

  protected override statObject(file: StoredName, options: CallOptions): Promise<FileStat> {
    return this.storage["statObject"](file, options);
  }

  protected override deleteObjects(files: readonly StoredName[], options: CallOptions): Promise<void> {
    return this.storage["deleteObjects"](files, options);
  }

  protected override listObjects(prefix: string, recursive: boolean, options: CallOptions): AsyncIterable<ListedKey> {
    return this.storage["listObjects"](prefix, recursive, options);
  }

  protected override copyObject(from: StoredName, to: StoredName, options: CallOptions): Promise<void> {
    return this.storage["copyObject"](from, to, options);
  }
}
