import { AlreadyExistsError, ConfigurationError, isStorageError } from "../errors.ts";
import { FilePool, poolWeight } from "../kit/async/file_pool.ts";
import { encodeUtf8 } from "../kit/bytes/bytes.ts";
import type { WriteOptions } from "../storage/contract/options.ts";
import type { CollectCall, CollectEvent, CollectSummary } from "./collect_options.ts";
import { withHash } from "./hash.ts";
import { type HashedFiles, hashedFilesOf } from "./hashed_files.ts";
import { emptyManifest, type Manifest } from "./manifest.ts";
import { report, warn } from "./progress.ts";
import { deleteIncomplete } from "./publish/delete_incomplete.ts";
import { publish } from "./publish/publish.ts";
import { dependencyOrder } from "./references/dependency_order.ts";
import { rewrite, rulesOf } from "./references/links.ts";
import { ReferenceScan } from "./references/reference_scan.ts";
import { type Content, contentOf, readContent } from "./source/content.ts";
import { isCompressible } from "./source/compressible.ts";
import { ignoreFilter } from "./source/ignore.ts";
import type { StaticFile } from "./source/source.ts";
import { SourceFiles } from "./source/source_files.ts";
import { Target } from "./target.ts";

/** The default of `concurrency`. */
const CONCURRENCY = 64;

/** Larger files are streamed: 1 MiB. Compression needs whole files, so there the limit is 16 MiB. */
const MAX_WHOLE_BYTES = 1024 * 1024;
const MAX_COMPRESSED_WHOLE_BYTES = 16 * 1024 * 1024;

/** How hashed copies are stored: their content never changes. */
const IMMUTABLE = { cacheControl: "public, max-age=31536000, immutable" };

/** How pages are cached: each request asks whether the page has changed. */
const PAGE_CACHE_CONTROL = "public, max-age=0, must-revalidate";

/** One run of `collect`. */
export class Collection {
  readonly #options: CollectCall;
  readonly #signal: AbortSignal;
  readonly #target: Target;
  readonly #pool: FilePool;
  readonly #hashedFiles: HashedFiles | undefined;
  readonly #sources: SourceFiles;
  readonly #files: ReadonlyMap<string, StaticFile>;
  /** Whether a file keeps its name. */
  readonly #isUnhashed: (name: string) => boolean;
  /** The stored name of each file. */
  readonly #paths = new Map<string, string>();
  /** The files' hashes, where the comparison with the target needed them first. */
  readonly #hashes = new Map<string, Content>();
  #scan: ReferenceScan | undefined;
  #before: Manifest | undefined;
  #rules: string | undefined;
  /** The warnings of references to missing files. */
  #missing: readonly string[] = [];
  /** Whether the target is as an earlier run left it. */
  #unchanged = false;
  #copied = 0;
  #unmodified = 0;
  #postProcessed = 0;

  constructor(options: CollectCall) {
    this.#options = options;
    this.#hashedFiles = hashedFilesOf(options.storage);
    this.#sources = new SourceFiles(options, this.#hashedFiles);
    this.#files = this.#sources.files;
    this.#isUnhashed = ignoreFilter(options.unhashed ?? [], "unhashed");
    this.#pool = new FilePool(options.concurrency ?? CONCURRENCY);
    this.#signal = this.#pool.signal;
    this.#target = new Target(options, this.#signal, (name) => this.#files.has(name));
  }

  /** Collects the files; after a failure no request is under way. */
  async run(): Promise<CollectSummary> {
    const begun = performance.now();
    const pendingInvalidation = await this.#pool.run(() => this.#run(), this.#options.signal);
    return this.#summary(performance.now() - begun, pendingInvalidation);
  }

  async #run(): Promise<readonly string[] | undefined> {
    await Promise.all([this.#compare(), this.#target.list()]);
    this.#refuseEmptySources();
    await this.#target.pending.begin();
    this.#unchanged = this.#isUnchanged();
    if (this.#unchanged) this.#skipAll();
    else await this.#collectAll();
    await publish({
      options: this.#options,
      target: this.#target,
      hashedFiles: this.#hashedFiles,
      before: this.#before,
      unchanged: this.#unchanged,
      rules: this.#rules,
      missing: this.#missing,
      files: this.#files,
      paths: this.#paths,
      isSkipped: (name) => this.#sources.isSkipped(name),
      signal: this.#signal,
    });
    if (!this.#options.dryRun) await deleteIncomplete(this.#options, this.#signal);
    return await this.#target.pending.finish(this.#target.changed);
  }

  #summary(elapsedMilliseconds: number, pendingInvalidation: readonly string[] | undefined): CollectSummary {
    const { deleted, bytesUploaded, changed } = this.#target;
    return {
      copied: this.#copied,
      unmodified: this.#unmodified,
      postProcessed: this.#postProcessed,
      deleted,
      bytesUploaded,
      elapsedMilliseconds,
      changed,
      omitted: this.#sources.skippedLinks,
      pendingInvalidation,
    };
  }

  /** Finds the files. Where the manifest's rules are current, hashes the files while the target is being listed. */
  async #compare(): Promise<void> {
    await Promise.all([this.#sources.find(this.#signal), this.#loadManifest()]);
    const { clear, precompress, pages } = this.#options;
    if (
      clear || (precompress ?? pages) !== undefined || this.#before?.rules !== this.#rules || this.#rules === undefined
    ) return;
    for (const file of this.#files.values()) {
      this.#signal.throwIfAborted();
      await this.#pool.add(async () => {
        const { md5, size } = await readContent(file, MAX_WHOLE_BYTES);
        this.#hashes.set(file.name, { md5, size });
        this.#report({ kind: "hashed", name: file.name, bytes: size });
      }, poolWeight(file));
    }
    await this.#pool.drain();
  }

  async #loadManifest(): Promise<void> {
    this.#before = await this.#readManifest();
    if (this.#hashedFiles !== undefined) this.#rules = rulesOf(this.#hashedFiles.options, this.#options);
  }

  /** @throws {ConfigurationError} If the manifest cannot be parsed, unless `clear` replaces it. */
  async #readManifest(): Promise<Manifest | undefined> {
    try {
      return await this.#hashedFiles?.reload({ signal: this.#signal });
    } catch (error) {
      if (!isStorageError(error, "Configuration")) throw error;
      if (!this.#options.clear) {
        throw new ConfigurationError(`${error.message}. Restore it, or collect with clear to replace it`, {
          cause: error,
        });
      }
      warn(this.#options, this.#hashedFiles!.options.manifestName, `${error.message}. It is replaced`);
      return await emptyManifest();
    }
  }

  /**
   * An empty source is more often a failed build than the wish to delete a site.
   *
   * @throws {RangeError} If there is no file to collect and the target's files would be deleted.
   */
  #refuseEmptySources(): void {
    const { clear, delete: deletes, pruneAfterSeconds } = this.#options;
    if (this.#files.size > 0) return;
    const isManifest = (name: string): boolean => name === this.#hashedFiles?.options.manifestName;
    const removes = clear || deletes || pruneAfterSeconds !== undefined;
    if (!this.#before?.paths.size && !(removes && [...this.#target.entries.keys()].some((name) => !isManifest(name)))) {
      return;
    }
    const folders = this.#sources.folders.join(", ");
    throw new RangeError(
      `Cannot collect: no files found${folders && ` in ${folders}`}, so the whole site would be deleted. ` +
        "Nothing was changed. To delete a site, delete its files",
    );
  }

  /** Whether the target is as an earlier run left it, so that no file has to be read for references. */
  #isUnchanged(): boolean {
    const paths = this.#before?.paths;
    if (this.#before?.missing?.length && this.#options.missingReferences !== "warn") return false;
    return paths !== undefined && this.#before?.rules === this.#rules && this.#hashes.size === this.#files.size &&
      paths.size === this.#files.size &&
      [...this.#files.keys()].every((name) =>
        this.#target.hasExactly(name, this.#hashes.get(name)!) && this.#target.entries.has(paths.get(name) ?? "")
      );
  }

  #skipAll(): void {
    this.#missing = this.#before!.missing ?? [];
    for (const message of this.#missing) {
      warn(this.#options, /^(.*):\d+ refers /.exec(message)?.[1] ?? "", message);
    }
    for (const [name, { size: bytes }] of this.#hashes) {
      this.#paths.set(name, this.#before!.paths.get(name)!);
      this.#report({ kind: "skipped", name, bytes, done: ++this.#unmodified, total: this.#files.size });
    }
  }

  async #collectAll(): Promise<void> {
    for (const name of this.#files.keys()) if (this.#keepsName(name)) this.#paths.set(name, name);
    const needs = await this.#findReferences();
    for (const [name, file] of this.#files) {
      if (needs.has(name) || this.#scan?.pages.has(name)) continue;
      await this.#pool.add(() => this.#collectPlain(file), poolWeight(file));
    }
    await this.#pool.drain();
    for (const group of dependencyOrder(needs)) await this.#collectGroup(group, needs);
    await this.#pool.drain();
    // Last, so that all files that they refer to are stored.
    for (const name of this.#scan?.pages ?? []) {
      await this.#pool.add(() => this.#collectPage(name), poolWeight(this.#files.get(name)!));
    }
    await this.#pool.drain();
  }

  /** Stores a page under its own name, with its references rewritten. */
  async #collectPage(name: string): Promise<void> {
    const { links, text } = await this.#scan!.take(name);
    const needs = this.#scan!.needs;
    const page = rewrite(text!, links, (target, { needsSameBytes }) => {
      if (!needsSameBytes || !needs.has(target)) return this.#paths.get(target);
      const message = `${name} has the integrity of ${target}, whose copy has other bytes: it refers to the original`;
      warn(this.#options, name, message);
    });
    await this.#storeOriginal(name, await contentOf(encodeUtf8(page)), {
      cacheControl: this.#options.pages!.cacheControl ?? PAGE_CACHE_CONTROL,
      ...(this.#sources.cleanUrls.has(name) ? { contentType: "text/html; charset=utf-8" } : {}),
    });
  }

  /** Whether a file has no hashed copy. */
  #keepsName(name: string): boolean {
    return this.#isUnhashed(name) || this.#sources.isPage(name);
  }

  /** The files that refer to others, each with the names that it refers to. */
  async #findReferences(): Promise<ReadonlyMap<string, readonly string[]>> {
    if (this.#hashedFiles === undefined) return new Map();
    this.#scan = new ReferenceScan(
      this.#options,
      this.#hashedFiles,
      this.#files,
      (name) => this.#sources.isPage(name),
    );
    await this.#scan.run(this.#pool);
    this.#missing = this.#scan.missing;
    return this.#scan.needs;
  }

  /** Stores a file whose hashed copy has the same content. */
  async #collectPlain(file: StaticFile): Promise<void> {
    const { name } = file;
    const maxBytes = this.#options.precompress === undefined ? MAX_WHOLE_BYTES : MAX_COMPRESSED_WHOLE_BYTES;
    const content = this.#scan?.takeKept(name)?.content ?? await readContent(file, maxBytes);
    if (content.bytes === undefined && this.#options.precompress !== undefined && isCompressible(name)) {
      warn(this.#options, name, `${name} has more than 16 MiB, and is stored without compression`);
    }
    this.#scan?.checkUnchanged(name, content);
    await this.#storeOriginal(name, content);
    if (this.#hashedFiles === undefined || this.#keepsName(name)) return;
    await this.#storeHashed(name, withHash(name, content.md5), content);
  }

  /** Stores one file that refers to stored files, or a circle of files that refer to each other. */
  async #collectGroup(group: readonly string[], needs: ReadonlyMap<string, readonly string[]>): Promise<void> {
    const members = await Promise.all(group.map(async (name) => {
      const { content, text, links } = await this.#scan!.take(name);
      return { name, original: content, text: text!, links };
    }));
    const pathOf = (name: string): string | undefined => this.#paths.get(name);
    const isCircle = group.length > 1 || needs.get(group[0]!)!.includes(group[0]!);
    if (isCircle) {
      const { circleNames } = await import("./references/circle.ts"); // circles are rare
      for (const [name, path] of await circleNames(members, pathOf)) this.#paths.set(name, path);
    }
    for (const { name, original, text, links } of members) {
      const hashed = await contentOf(encodeUtf8(rewrite(text, links, pathOf)));
      const storedName = isCircle ? pathOf(name)! : withHash(name, hashed.md5);
      this.#paths.set(name, storedName);
      await this.#pool.add(async () => {
        await this.#storeOriginal(name, original);
        await this.#storeHashed(name, storedName, hashed);
      }, poolWeight(this.#files.get(name)!));
    }
  }

  async #storeOriginal(name: string, content: Content, options: WriteOptions = {}): Promise<void> {
    if (this.#hashes.size === 0) this.#report({ kind: "hashed", name, bytes: content.size });
    const bytes = await this.#target.put(name, content, false, options);
    const done = bytes === undefined ? ++this.#unmodified + this.#copied : ++this.#copied + this.#unmodified;
    const kind = bytes === undefined ? "skipped" : "uploaded";
    this.#report({ kind, name, bytes: bytes ?? content.size, done, total: this.#files.size });
  }

  async #storeHashed(name: string, storedName: string, content: Content): Promise<void> {
    this.#paths.set(name, storedName);
    const same = this.#files.get(storedName); // where the source is itself a collected site
    if (same !== undefined) {
      if ((await readContent(same, MAX_WHOLE_BYTES)).md5 === content.md5) return;
      throw new AlreadyExistsError(
        `Cannot store the hashed copy of '${name}': the source has another file named '${storedName}'`,
      );
    }
    const bytes = await this.#target.put(storedName, content, true, IMMUTABLE);
    if (bytes === undefined) return;
    this.#postProcessed++;
    this.#report({ kind: "rewritten", name, storedName, bytes });
  }

  #report(event: CollectEvent): void {
    report(this.#options, event);
  }
}
