import { poolWeight } from "../../kit/async/file_pool.ts";
import type { Pool } from "../../kit/async/pool.ts";
import type { Bytes } from "../../kit/bytes/bytes.ts";
import { compareUtf8 } from "../../kit/text/utf8_order.ts";
import type { CollectOptions } from "../collect_options.ts";
import { changedError } from "../hash.ts";
import type { HashedFiles, ResolvedManifestOptions } from "../hashed_files.ts";
import { warn } from "../progress.ts";
import { type Content, contentOf } from "../source/content.ts";
import { ignoreFilter } from "../source/ignore.ts";
import { bytesOf, type StaticFile } from "../source/source.ts";
import {
  isRewritten,
  type Link,
  linksOf,
  missingError,
  type MissingLink,
  missingLinks,
  missingMessage,
  pageLinksOf,
  textOf,
} from "./links.ts";

/** Originals stay in memory up to this total, so that most files are read once: 16 MiB. */
const MAX_KEPT_BYTES = 16 * 1024 * 1024;

/** A file that may refer to others, as it was read. */
export interface Original {
  readonly content: Content & { readonly bytes: Bytes };
  /** `undefined` where it is not UTF-8. */
  readonly text: string | undefined;
  readonly links: readonly Link[];
}

/** Reads style sheets and scripts, and finds the files that they refer to. */
export class ReferenceScan {
  /** The files that refer to others, each with the names that it refers to. */
  readonly needs = new Map<string, readonly string[]>();
  /** The pages, which refer to others and keep their names. */
  readonly pages = new Set<string>();
  /** The references to missing files that are errors by default. The manifest keeps them, so that later runs warn too. */
  missing: readonly string[] = [];
  readonly #options: CollectOptions;
  readonly #manifestOptions: ResolvedManifestOptions;
  readonly #files: ReadonlyMap<string, StaticFile>;
  /** The MD5 of each file that was read. */
  readonly #hashes = new Map<string, string>();
  /** Originals that wait to be stored, up to `MAX_KEPT_BYTES`. */
  readonly #kept = new Map<string, Original>();
  readonly #isPage: (name: string) => boolean;
  readonly #isUnhashed: (name: string) => boolean;
  #keptBytes = 0;

  /**
   * @param isPage Whether a file is a page whose references are rewritten.
   * @throws {TypeError} If a pattern of `unhashed` is malformed.
   */
  constructor(
    options: CollectOptions,
    hashedFiles: HashedFiles,
    files: ReadonlyMap<string, StaticFile>,
    isPage: (name: string) => boolean = () => false,
  ) {
    this.#isPage = isPage;
    this.#isUnhashed = ignoreFilter(options.unhashed ?? [], "unhashed");
    this.#options = options;
    const { staticUrl = options.pages && "/" } = hashedFiles.options;
    this.#manifestOptions = { ...hashedFiles.options, staticUrl };
    this.#files = files;
  }

  /**
   * Reads the files.
   *
   * @throws {NotFoundError} If they refer to missing files, unless these are only warnings.
   */
  async run(pool: Pool): Promise<void> {
    const missing: MissingLink[] = [];
    for (const file of this.#files.values()) {
      if (!this.#isPage(file.name) && !isRewritten(file.name) || this.#isUnhashed(file.name)) continue;
      await pool.add(async () => void missing.push(...await this.#scan(file)), poolWeight(file));
    }
    await pool.drain();
    missing.sort((one, other) => compareUtf8(one.name, other.name));
    const required = missing.filter(({ isOptional }) => !isOptional);
    if (required.length > 0 && this.#options.missingReferences !== "warn") throw missingError(required);
    this.missing = required.map(missingMessage);
    for (const link of missing) warn(this.#options, link.name, missingMessage(link));
  }

  /** Reads one file, and returns its references to missing files. */
  async #scan(file: StaticFile): Promise<MissingLink[]> {
    const { name } = file;
    const original = await this.#read(file);
    const { content, text, links } = original;
    this.#hashes.set(name, content.md5);
    if (this.#keptBytes + content.size <= MAX_KEPT_BYTES) {
      this.#keptBytes += content.size;
      this.#kept.set(name, original);
    }
    if (text === undefined) {
      warn(this.#options, name, `${name} is not UTF-8: its references are not rewritten`);
      return [];
    }
    if (this.#isPage(name)) this.pages.add(name);
    else if (links.length > 0) this.needs.set(name, links.map(({ target }) => target.name));
    return missingLinks(name, text, links, (target) => this.#files.has(target));
  }

  async #read(file: StaticFile): Promise<Original> {
    const { name } = file;
    const content = await contentOf(await bytesOf(file));
    const text = textOf(content.bytes);
    if (text === undefined) return { content, text, links: [] };
    const { links, warnings } = this.#isPage(name)
      ? await pageLinksOf(name, text, this.#manifestOptions)
      : linksOf(name, text, this.#manifestOptions);
    if (!this.#hashes.has(name)) { for (const message of warnings) warn(this.#options, name, message); }
    return { content, text, links };
  }

  /** The original of a file where it was kept; it is not kept any longer. */
  takeKept(name: string): Original | undefined {
    const original = this.#kept.get(name);
    this.#kept.delete(name);
    return original;
  }

  /**
   * The original of a file, read again where it was not kept.
   *
   * @throws {IntegrityError} If the file has changed since it was scanned.
   */
  async take(name: string): Promise<Original> {
    const original = this.takeKept(name) ?? await this.#read(this.#files.get(name)!);
    this.checkUnchanged(name, original.content);
    return original;
  }

  /** @throws {IntegrityError} If a file was scanned and has changed since. */
  checkUnchanged(name: string, { md5 }: Content): void {
    if ((this.#hashes.get(name) ?? md5) !== md5) throw changedError(name);
  }
}
