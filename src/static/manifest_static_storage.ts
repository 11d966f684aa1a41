import type { ReadOptions, UrlOptions, WriteOptions } from "../storage/contract/options.ts";
import type { BinaryFile } from "../storage/files/binary_file.ts";
import type { TextFile } from "../storage/files/text_file.ts";
import type { WriteFile } from "../storage/files/write_file.ts";
import { Storage } from "../storage/storage.ts";
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
   * Creates the storage. Sends no request.
   *
   * @param storage The storage that keeps the files.
   * @param options How the manifest is kept.
   * @throws {ConfigurationError} If an option is malformed.
   */
  constructor(storage: Storage, options: ManifestOptions = {}) {
    super(storage.backend, storage);
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

  /** Identifies the object of a name as the wrapped storage does: that of the name itself, not its hashed copy. */
  override uri(name: string): string {
    return this.storage.uri(name);
  }

  /** Opens a file to read text as the wrapped storage does. */
  override open(name: string, mode?: "r" | "rt", options?: ReadOptions): Promise<TextFile>;
  /** Opens a file to read bytes. */
  override open(name: string, mode: "rb", options?: ReadOptions): Promise<BinaryFile>;
  /** Opens a file to read, as text or as bytes. */
  override open(name: string, mode: "r" | "rt" | "rb", options?: ReadOptions): Promise<TextFile | BinaryFile>;
  /** Opens a file to write. */
  override open(name: string, mode: "w" | "wb" | "wt", options?: WriteOptions): Promise<WriteFile>;
  /** Opens a file in a mode that is only known at run time. */
  override open(
    name: string,
    mode: "r" | "rt" | "rb" | "w" | "wb" | "wt",
    options?: ReadOptions & WriteOptions,
  ): Promise<TextFile | BinaryFile | WriteFile>;
  override open(
    ...given: [name: string, mode?: "r" | "rt" | "rb" | "w" | "wb" | "wt", options?: ReadOptions & WriteOptions]
  ): Promise<TextFile | BinaryFile | WriteFile> {
    return this.storage.open(...given as [string, "r"]);
  }

  /** Chooses names as the wrapped storage does. */
  override getAvailableName(...given: Parameters<Storage["getAvailableName"]>): Promise<string> {
    return this.storage.getAvailableName(...given);
  }

  /** Checks whether a name is free as the wrapped storage does. */
  override isNameAvailable(...given: Parameters<Storage["isNameAvailable"]>): Promise<boolean> {
    return this.storage.isNameAvailable(...given);
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
