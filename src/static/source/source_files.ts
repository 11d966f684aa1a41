import { normalized } from "../../kit/text/normalization.ts";
import type { LinkProblem } from "../../runtime/files/links.ts";
import type { CollectCall } from "../collect_options.ts";
import { withHash } from "../hash.ts";
import type { HashedFiles } from "../hashed_files.ts";
import { report, warn } from "../progress.ts";
import { RECORD_FOLDER } from "../publish/pending_record.ts";
import { isPageName } from "../references/links.ts";
import { isCompressible } from "./compressible.ts";
import { IGNORED, ignoreFilter } from "./ignore.ts";
import { SIBLING_SUFFIXES } from "./siblings.ts";
import { checkStaticName, folderSource, sourcesOf, type StaticFile, type StaticSource } from "./source.ts";

/** The warnings for links that are skipped. */
const LINK_WARNINGS: Readonly<Record<LinkProblem, string>> = {
  link: "is a link, and is skipped",
  outside: "is a link that leads out of that folder, and is skipped",
  dangling: "is a broken link, and is skipped",
};

/** The files of all sources: of files with the same name the first one. */
export class SourceFiles {
  /** The files that were found, by name. */
  readonly files = new Map<string, StaticFile>();
  /** Names of links that were skipped. */
  readonly skippedLinks: string[] = [];
  /** The pages that are also stored without their extension, by that name. */
  readonly cleanUrls = new Map<string, string>();
  readonly #options: CollectCall;
  readonly #hashedFiles: HashedFiles | undefined;
  readonly #sources: readonly (string | StaticSource)[];
  readonly #isIgnored: (name: string) => boolean;

  /**
   * @throws {TypeError} If a source or a pattern of `ignore` is malformed.
   */
  constructor(options: CollectCall, hashedFiles: HashedFiles | undefined) {
    this.#options = options;
    this.#hashedFiles = hashedFiles;
    this.#sources = sourcesOf(options.from);
    this.#isIgnored = ignoreFilter(options.ignore ?? IGNORED);
  }

  /** The folders on disk, for messages. */
  get folders(): string[] {
    return this.#sources.filter((source) => typeof source === "string");
  }

  /** Whether a name is ignored or below a skipped link: what an earlier run stored under it stays. */
  isSkipped(name: string): boolean {
    return this.#isIgnored(name) || this.skippedLinks.some((link) => `${name}/`.startsWith(`${link}/`));
  }

  /**
   * Reads all sources to their end.
   *
   * @throws {SuspiciousNameError} If the target cannot keep a file under its own name.
   */
  async find(signal: AbortSignal): Promise<void> {
    for (const source of this.#sources) {
      for await (const file of this.#filesOf(source)) {
        signal.throwIfAborted();
        if (!this.#isIgnored(file.name)) this.#add(withName(file, this.#nameOf(file.name)));
      }
    }
    if (this.#options.pages?.cleanUrls) this.#addCleanUrls();
  }

  /** Whether a file is a page whose references are rewritten. */
  isPage(name: string): boolean {
    return this.#options.pages !== undefined && (isPageName(name) || this.cleanUrls.has(name));
  }

  #addCleanUrls(): void {
    const folders = new Set<string>();
    for (const name of this.files.keys()) {
      for (let end = name.lastIndexOf("/"); end > 0; end = name.lastIndexOf("/", end - 1)) {
        folders.add(name.slice(0, end));
      }
    }
    for (const [name, file] of [...this.files]) {
      const clean = name.replace(/\.html?$/i, "");
      if (!isPageName(name) || /(?:^|\/)(?:index)?$/i.test(clean)) continue; // folders have an index document
      if (this.files.has(clean) || folders.has(clean)) {
        warn(this.#options, name, `${name} is not stored as ${clean}: a file or a folder has that name`);
        continue;
      }
      this.cleanUrls.set(clean, name);
      this.#add(withName(file, clean));
    }
  }

  #filesOf(source: string | StaticSource): StaticSource {
    if (typeof source !== "string") return source;
    const onLink = (name: string, problem: LinkProblem): void => {
      this.skippedLinks.push(this.#nameOf(name));
      warn(this.#options, name, `${source}/${name} ${LINK_WARNINGS[problem]}`);
    };
    return folderSource(source, this.#options.followLinks ?? "inside", { skips: this.#isIgnored, onLink });
  }

  /** The name that a file is stored under. */
  #nameOf(name: string): string {
    return normalized(name, this.#options.normalization);
  }

  #add(file: StaticFile): void {
    const { name, size: bytes } = file;
    checkStaticName(name, this.#longestNameOf(name), this.#options.storage.location);
    const problem = this.#problemOf(name);
    if (problem !== undefined) return warn(this.#options, name, `${name} ${problem}`);
    this.files.set(name, file);
    report(this.#options, { kind: "listed", name, bytes, done: this.files.size });
  }

  /** The longest name that a file, its hashed copy or a sibling of that is stored under. */
  #longestNameOf(name: string): string {
    const { encodings = [], as } = this.#options.precompress ?? {};
    const longest = this.#hashedFiles === undefined ? name : withHash(name, "0".repeat(32));
    const hasSiblings = as === "siblings" && encodings.length > 0 && isCompressible(name);
    return hasSiblings ? longest + SIBLING_SUFFIXES.gzip : longest;
  }

  /** Why a file is not collected. */
  #problemOf(name: string): string | undefined {
    if (this.files.has(name)) return "is in more than one source: the first is taken";
    if (name === this.#hashedFiles?.options.manifestName) return "is the manifest's name, and is skipped";
    if (name.startsWith(RECORD_FOLDER)) return "is skipped: that folder holds records of pending invalidations";
    return undefined;
  }
}

/** The file under another name; a file of a folder is still read by its own. */
function withName(file: StaticFile, name: string): StaticFile {
  if (file.name === name) return file;
  const { size } = file;
  return { name, size, stream: () => file.stream(), bytes: file.bytes && (() => file.bytes!()) };
}
