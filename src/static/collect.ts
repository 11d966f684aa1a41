import { anySignal } from "../kit/async/any_signal.ts";
import { ConfigurationError } from "../errors.ts";
import { type Bytes, encodeUtf8 } from "../kit/bytes/bytes.ts";
import { Pool } from "../kit/async/pool.ts";
import { compareUtf8 } from "../kit/text/utf8_order.ts";
import { checkFollowLinks, type LinkProblem } from "../runtime/files/links.ts";
import type { CollectEvent, CollectOptions, CollectSummary } from "./collect_options.ts";
import { type Content, contentOf, readContent } from "./source/content.ts";
import { dependencyOrder } from "./references/dependency_order.ts";
import { changedError, md5Hex, withHash } from "./hash.ts";
import { type HashedFiles, hashedFilesOf } from "./hashed_files.ts";
import { IGNORED, ignoring } from "./source/ignore.ts";
import type { Manifest } from "./manifest.ts";
import { RECORD_FOLDER } from "./publish/pending_record.ts";
import { publish } from "./publish/publish.ts";
import {
  isRewritten,
  type Link,
  linksOf,
  missingError,
  type MissingLink,
  missingLinks,
  missingMessage,
  rewrite,
  rulesOf,
  textOf,
} from "./references/scan.ts";
import {
  bytesOf,
  checkStaticName,
  folderSource,
  sourcesOf,
  type StaticFile,
  type StaticSource,
} from "./source/source.ts";
import { Target } from "./target.ts";

/** Files under way at once, where nothing else is said. */
const CONCURRENCY = 64;

/** Larger files are read as they are stored; where they are compressed, only much larger ones. */
const WHOLE_BYTES = 1024 * 1024;
const COMPRESSED_WHOLE_BYTES = 16 * 1024 * 1024;

/** What was read for references stays in memory up to so many bytes, so that most files are read once. */
const KEPT_BYTES = 16 * 1024 * 1024;

/** A file takes one more place for each of so many bytes, so that few large ones are under way at once. */
const PLACE_BYTES = 256 * 1024;
const MOST_PLACES = 8;

/** What hashed copies say of themselves: their content never changes. */
const IMMUTABLE = { cacheControl: "public, max-age=31536000, immutable" };

/**
 * Brings static files to where they are served from. Looks once what is there, and stores only what is not, many files at
 * once. What an interrupted run has stored the next one does not store again.
 *
 * Into a storage with a manifest each file goes twice: under its name, and under its hashed name, with the references of
 * style sheets and scripts rewritten to hashed names. The manifest is written last, so that whoever reads it finds all that
 * it names. Files that refer to each other in a circle get hashes of all of them together.
 *
 * Source: Django's collectstatic.
 *
 * @param options What is collected, and how.
 * @returns What was done.
 * @throws {NotFoundError} If a file refers to one that is not there; then nothing is stored.
 * @throws {ConfigurationError} If a folder is not there, the manifest cannot be read, or no source has a file and the site
 * that is there would be gone.
 * @throws {SuspiciousNameError} If a file's name is none that storages keep, such as one with a backslash.
 * @throws {IntegrityError} If a file changes while it is collected.
 * @throws {RangeError} If a number in the options is out of range.
 * @throws {TypeError} If an option is of another type than it may be.
 *
 * @example
 * ```ts
 * import { collect, ManifestStaticStorage } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/app.js`, "console.log(1);");
 * const storage = new ManifestStaticStorage(new MemoryStorage());
 *
 * const first = await collect({ from: folder, to: storage });
 * assertEquals([first.copied, first.postProcessed], [1, 1]);
 * const second = await collect({ from: folder, to: storage });
 * assertEquals([second.copied, second.unmodified, second.bytesUploaded], [0, 1, 0]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function collect(options: CollectOptions): Promise<CollectSummary> {
  checkWhole("concurrency", options.concurrency, 1);
  checkWhole("pruneAfterSeconds", options.pruneAfterSeconds, 0);
  const as: string = options.precompress?.as ?? "encoding";
  if (as !== "encoding" && as !== "siblings") {
    throw new TypeError(`precompress.as must be "encoding" or "siblings": "${as}"`);
  }
  checkFollowLinks(options.followLinks);
  options.signal?.throwIfAborted();
  return await new Collection(options).run();
}

function checkWhole(name: string, value: unknown, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value as number >= least)) return;
  throw new RangeError(`${name} must be a whole number of ${least} or more: current value is ${String(value)}`);
}

/** What is told of a link that is left out. */
const LINK_WARNINGS: Readonly<Record<LinkProblem, string>> = {
  link: "is a link, and is left out",
  outside: "is a link that leads out of that folder, and is left out",
  dangling: "is a link that leads nowhere",
};

/** A file that may refer to others, as it was read. */
interface Original {
  readonly content: Content & { readonly bytes: Bytes };
  /** Left out where it is not UTF-8. */
  readonly text: string | undefined;
  readonly links: readonly Link[];
}

/** A collection under way. */
class Collection {
  readonly #options: CollectOptions;
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #target: Target;
  readonly #pool: Pool;
  readonly #sources: readonly (string | StaticSource)[];
  readonly #skips: (name: string) => boolean;
  /** Links that are left out: what an earlier run has stored of them stays. */
  readonly #leftOut: string[] = [];
  readonly #files = new Map<string, StaticFile>();
  readonly #hashedFiles: HashedFiles | undefined;
  /** The stored name of each file. */
  readonly #paths = new Map<string, string>();
  /** The files' hashes, where they were needed before anything else. */
  readonly #hashes = new Map<string, Content>();
  /** The MD5 of each file that was read for references. */
  readonly #scanned = new Map<string, string>();
  /** Such files while they wait to be stored, as many as may be kept. */
  readonly #kept = new Map<string, Original>();
  #keptBytes = 0;
  #before: Manifest | undefined;
  #rules: string | undefined;
  /** Whether the target is as an earlier run has left it. */
  #unchanged = false;
  #copied = 0;
  #unmodified = 0;
  #postProcessed = 0;

  constructor(options: CollectOptions) {
    this.#options = options;
    this.#signal = anySignal(options.signal, this.#stop.signal);
    this.#target = new Target(options, this.#signal, (name) => this.#files.has(name));
    this.#pool = new Pool(options.concurrency ?? CONCURRENCY, (reason) => this.#stop.abort(reason));
    this.#hashedFiles = hashedFilesOf(options.to);
    this.#sources = sourcesOf(options.from);
    this.#skips = ignoring(options.ignore ?? IGNORED);
  }

  async run(): Promise<CollectSummary> {
    const begun = performance.now();
    let pendingInvalidation: readonly string[] | undefined;
    try {
      await Promise.all([this.#compare(), this.#target.list()]);
      this.#refuseNothing();
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
        files: this.#files,
        paths: this.#paths,
        skips: (name) => this.#skips(name) || this.#leftOut.some((link) => `${name}/`.startsWith(`${link}/`)),
        signal: this.#signal,
      });
      pendingInvalidation = await this.#target.pending.finish(this.#target.changed);
    } catch (error) {
      this.#stop.abort(error);
      await this.#pool.drain().catch(() => {});
      throw error;
    }
    const { deleted, bytesUploaded, changed } = this.#target;
    return {
      copied: this.#copied,
      unmodified: this.#unmodified,
      postProcessed: this.#postProcessed,
      deleted,
      bytesUploaded,
      elapsedMilliseconds: performance.now() - begun,
      changed,
      leftOut: this.#leftOut,
      pendingInvalidation,
    };
  }

  /** Finds the files; where an earlier run may have left nothing to do, hashes them while the target is being listed. */
  async #compare(): Promise<void> {
    await Promise.all([this.#findFiles(), this.#loadManifest()]);
    const { clear, precompress } = this.#options;
    if (clear || precompress !== undefined || this.#before?.rules !== this.#rules || this.#rules === undefined) return;
    for (const file of this.#files.values()) {
      this.#signal.throwIfAborted();
      await this.#pool.add(async () => {
        const { md5, size } = await readContent(file, WHOLE_BYTES);
        this.#hashes.set(file.name, { md5, size });
        this.#tell({ kind: "hashed", name: file.name, bytes: size });
      }, placesOf(file));
    }
    await this.#pool.drain();
  }

  async #loadManifest(): Promise<void> {
    this.#before = await this.#hashedFiles?.reload({ signal: this.#signal });
    if (this.#hashedFiles !== undefined) this.#rules = rulesOf(this.#hashedFiles.options);
  }

  /** Whether all is as an earlier run has left it, so that nothing has to be read for references. */
  #isUnchanged(): boolean {
    const paths = this.#before?.paths;
    return paths !== undefined && this.#before?.rules === this.#rules && this.#hashes.size === this.#files.size &&
      paths.size === this.#files.size &&
      [...this.#files.keys()].every((name) =>
        this.#target.hasExactly(name, this.#hashes.get(name)!) && this.#target.entries.has(paths.get(name) ?? "")
      );
  }

  #skipAll(): void {
    for (const [name, { size: bytes }] of this.#hashes) {
      this.#paths.set(name, this.#before!.paths.get(name)!);
      this.#tell({ kind: "skipped", name, bytes, done: ++this.#unmodified, total: this.#files.size });
    }
  }

  async #collectAll(): Promise<void> {
    const needs = this.#hashedFiles === undefined ? new Map<string, string[]>() : await this.#scan(this.#hashedFiles);
    for (const [name, file] of this.#files) {
      if (!needs.has(name)) await this.#pool.add(() => this.#collectPlain(file), placesOf(file));
    }
    await this.#pool.drain();
    for (const group of dependencyOrder(needs)) await this.#collectGroup(group, needs);
    await this.#pool.drain();
  }

  async #findFiles(): Promise<void> {
    const { location } = this.#options.to;
    for (const source of this.#sources) {
      for await (const file of this.#filesOf(source)) {
        this.#signal.throwIfAborted();
        const { name, size: bytes } = file;
        if (this.#skips(name)) continue;
        checkStaticName(name, this.#hashedFiles === undefined ? name : withHash(name, "0".repeat(32)), location);
        if (this.#files.has(name)) this.#warn(name, `${name} is in more than one source: the first is taken`);
        else if (name === this.#hashedFiles?.options.manifestName) this.#warn(name, `${name} is the manifest's name`);
        else if (name.startsWith(RECORD_FOLDER)) {
          this.#warn(name, `${name} is left out: that folder holds records of pending invalidations`);
        } else {
          this.#files.set(name, file);
          this.#tell({ kind: "listed", name, bytes, done: this.#files.size });
        }
      }
    }
  }

  #filesOf(source: string | StaticSource): StaticSource {
    if (typeof source !== "string") return source;
    const onLink = (name: string, problem: LinkProblem): void => {
      this.#leftOut.push(name);
      this.#warn(name, `${source}/${name} ${LINK_WARNINGS[problem]}`);
    };
    return folderSource(source, this.#options.followLinks ?? "inside", { skips: this.#skips, onLink });
  }

  /** That there is nothing to collect is rather a build that failed than the wish to have no site any more. */
  #refuseNothing(): void {
    const { clear, delete: deletes, pruneAfterSeconds } = this.#options;
    if (this.#files.size > 0) return;
    const isManifest = (name: string): boolean => name === this.#hashedFiles?.options.manifestName;
    const removes = clear || deletes || pruneAfterSeconds !== undefined;
    if (!this.#before?.paths.size && !(removes && [...this.#target.entries.keys()].some((name) => !isManifest(name)))) {
      return;
    }
    const folders = this.#sources.filter((source) => typeof source === "string").join(", ");
    throw new ConfigurationError(
      `There is no file to collect${folders && ` in ${folders}`}: the site that is there would be gone. ` +
        `Nothing was changed. To take a site down, remove its files`,
    );
  }

  /**
   * Reads the files that may refer to others.
   *
   * @returns Those that do, with the files that they refer to.
   * @throws {NotFoundError} If files are missing that others refer to.
   */
  async #scan(hashedFiles: HashedFiles): Promise<Map<string, string[]>> {
    const needs = new Map<string, string[]>();
    const missing: MissingLink[] = [];
    for (const [name, file] of this.#files) {
      if (!isRewritten(name)) continue;
      await this.#pool.add(async () => {
        const original = await this.#readOriginal(file, hashedFiles);
        const { content, text, links } = original;
        this.#scanned.set(name, content.md5);
        if (this.#keptBytes + content.size <= KEPT_BYTES) {
          this.#keptBytes += content.size;
          this.#kept.set(name, original);
        }
        if (text === undefined) return this.#warn(name, `${name} is not UTF-8: its references stay as they are`);
        if (links.length > 0) needs.set(name, links.map(({ target }) => target.name));
        missing.push(...missingLinks(name, text, links, (target) => this.#files.has(target)));
      }, placesOf(file));
    }
    await this.#pool.drain();
    missing.sort((one, other) => compareUtf8(one.name, other.name));
    const fatal = this.#options.missingReferences === "warn" ? [] : missing.filter(({ isOptional }) => !isOptional);
    if (fatal.length > 0) throw missingError(fatal);
    // So that the next run warns of them too.
    if (missing.some(({ isOptional }) => !isOptional)) this.#rules = undefined;
    for (const link of missing) this.#warn(link.name, missingMessage(link));
    return needs;
  }

  async #readOriginal(file: StaticFile, { options }: HashedFiles): Promise<Original> {
    const { name } = file;
    const content = await contentOf(await bytesOf(file));
    const text = textOf(content.bytes);
    if (text === undefined) return { content, text, links: [] };
    const { links, problem } = linksOf(name, text, options);
    if (problem !== undefined && !this.#scanned.has(name)) {
      this.#warn(name, `${name} is not read as JavaScript: its imports stay. ${problem}`);
    }
    return { content, text, links };
  }

  /** What was kept of a file; whoever takes it lets it go. */
  #takeKept(name: string): Original | undefined {
    const original = this.#kept.get(name);
    this.#kept.delete(name);
    return original;
  }

  /** A file whose hashed copy has the same content. */
  async #collectPlain(file: StaticFile): Promise<void> {
    const mostBytes = this.#options.precompress === undefined ? WHOLE_BYTES : COMPRESSED_WHOLE_BYTES;
    const content = this.#takeKept(file.name)?.content ?? await readContent(file, mostBytes);
    this.#refuseChanged(file.name, content);
    if (this.#hashes.size === 0) this.#tell({ kind: "hashed", name: file.name, bytes: content.size });
    await this.#storeOriginal(file.name, content);
    if (this.#hashedFiles !== undefined) await this.#storeHashed(file.name, withHash(file.name, content.md5), content);
  }

  /** Files that refer to others, all of which have their hashed names, or to each other. */
  async #collectGroup(group: readonly string[], needs: ReadonlyMap<string, readonly string[]>): Promise<void> {
    const members = await Promise.all(group.map(async (name) => {
      const original = this.#takeKept(name) ?? await this.#readOriginal(this.#files.get(name)!, this.#hashedFiles!);
      this.#refuseChanged(name, original.content);
      return { name, original: original.content, text: original.text!, links: original.links };
    }));
    const isCircle = group.length > 1 || needs.get(group[0]!)!.includes(group[0]!);
    if (isCircle) {
      const known = members.map((
        { name, text, links },
      ) => [name, rewrite(text, links, (name) => this.#paths.get(name))]);
      const together = await md5Hex(encodeUtf8(JSON.stringify(known.sort(([one], [other]) => one! < other! ? -1 : 1))));
      for (const name of group) this.#paths.set(name, withHash(name, await md5Hex(encodeUtf8(together + name))));
    }
    for (const { name, original, text, links } of members) {
      const hashed = await contentOf(encodeUtf8(rewrite(text, links, (name) => this.#paths.get(name))));
      const storedName = isCircle ? this.#paths.get(name)! : withHash(name, hashed.md5);
      this.#paths.set(name, storedName);
      await this.#pool.add(async () => {
        if (this.#hashes.size === 0) this.#tell({ kind: "hashed", name, bytes: original.size });
        await this.#storeOriginal(name, original);
        await this.#storeHashed(name, storedName, hashed);
      }, placesOf(this.#files.get(name)!));
    }
  }

  /** What its references were found in must be what is stored. */
  #refuseChanged(name: string, { md5 }: Content): void {
    if ((this.#scanned.get(name) ?? md5) !== md5) throw changedError(name);
  }

  async #storeOriginal(name: string, content: Content): Promise<void> {
    const bytes = await this.#target.put(name, content, false, {});
    const done = bytes === undefined ? ++this.#unmodified + this.#copied : ++this.#copied + this.#unmodified;
    const kind = bytes === undefined ? "skipped" : "uploaded";
    this.#tell({ kind, name, bytes: bytes ?? content.size, done, total: this.#files.size });
  }

  async #storeHashed(name: string, storedName: string, content: Content): Promise<void> {
    this.#paths.set(name, storedName);
    const same = this.#files.get(storedName); // where a site is collected that was collected before
    if (same !== undefined) {
      if ((await readContent(same, WHOLE_BYTES)).md5 === content.md5) return;
      throw new ConfigurationError(
        `${name} is stored as ${storedName}, and that is a source's file of another content`,
      );
    }
    const bytes = await this.#target.put(storedName, content, true, IMMUTABLE);
    if (bytes === undefined) return;
    this.#postProcessed++;
    this.#tell({ kind: "rewritten", name, storedName, bytes });
  }

  #warn(name: string, message: string): void {
    this.#tell({ kind: "warning", name, bytes: 0, message });
  }

  #tell(event: CollectEvent): void {
    this.#options.onProgress?.(event);
  }
}

function placesOf({ size }: StaticFile): number {
  return Math.min(MOST_PLACES, 1 + Math.floor(size / PLACE_BYTES));
}
