import type {
  ListedKey,
  ObjectCopyOptions,
  ObjectDeleteOptions,
  ObjectWriteOptions,
  StoredName,
} from "../storage/contract/backend.ts";
import type { WrittenObject } from "../storage/contract/saved_file.ts";
import type { FileStat } from "../storage/contract/entry.ts";
import type { CallOptions, ReadOptions, UrlOptions, WriteOptions } from "../storage/contract/options.ts";
import type { BinaryFile } from "../storage/files/binary_file.ts";
import type { ByteSource } from "../storage/files/read_file.ts";
import type { TextFile } from "../storage/files/text_file.ts";
import { Storage } from "../storage/storage.ts";
import type { ByteSink, WriteFile } from "../storage/files/write_file.ts";
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

  /** Identifies the object that a name stands for, as the storage does: the name as it is, not its hashed copy. */
  override uri(name: string): string {
    return this.storage.uri(name);
  }

  /** Opens a file to read text, as the storage does, with its settings. */
  override open(name: string, mode?: "r" | "rt", options?: ReadOptions): Promise<TextFile>;
  /** Opens a file to read bytes. */
  override open(name: string, mode: "rb", options?: ReadOptions): Promise<BinaryFile>;
  /** Opens a file to write. */
  override open(name: string, mode: "w" | "wb" | "wt", options?: WriteOptions): Promise<WriteFile>;
  /** Opens a file in a mode that is only known later. */
  override open(
    name: string,
    mode: "r" | "rt" | "rb" | "w" | "wb" | "wt",
    options?: ReadOptions & WriteOptions,
  ): Promise<TextFile | BinaryFile | WriteFile>;
  override open(
    name: string,
    mode: "r" | "rt" | "rb" | "w" | "wb" | "wt" = "r",
    options: ReadOptions & WriteOptions = {},
  ): Promise<TextFile | BinaryFile | WriteFile> {
    return this.storage.open(name, mode, options);
  }

  /** Opens an object's bytes, as the storage does. What is protected there is reached by its name here and below. */
  protected override openObject(file: StoredName, options: ReadOptions): Promise<ByteSource> {
    return this.storage["openObject"](file, options);
  }

  /** Opens an object to write. */
  protected override createObject(file: StoredName, options: ObjectWriteOptions): ByteSink {
    return this.storage["createObject"](file, options);
  }

  /** Stores an object. */
  protected override putObject(
    file: StoredName,
    body: Uint8Array<ArrayBuffer> | Blob,
    options: ObjectWriteOptions,
  ): Promise<WrittenObject | void> {
    return this.storage["putObject"](file, body, options);
  }

  /** What is known of an object. */
  protected override statObject(file: StoredName, options: CallOptions): Promise<FileStat> {
    return this.storage["statObject"](file, options);
  }

  /** Removes objects. */
  protected override deleteObjects(files: readonly StoredName[], options: ObjectDeleteOptions): Promise<void> {
    return this.storage["deleteObjects"](files, options);
  }

  /** Lists objects. */
  protected override listObjects(prefix: string, recursive: boolean, options: CallOptions): AsyncIterable<ListedKey> {
    return this.storage["listObjects"](prefix, recursive, options);
  }

  /** Copies an object. */
  protected override copyObject(from: StoredName, to: StoredName, options: ObjectCopyOptions): Promise<void> {
    return this.storage["copyObject"](from, to, options);
  }
}
