import { isStorageError } from "../errors.ts";
import type { FileStat } from "../storage/contract/entry.ts";
import type { WriteOptions } from "../storage/contract/options.ts";
import type { Storage } from "../storage/storage.ts";
import type { CollectCall, Precompress } from "./collect_options.ts";
import type { Content } from "./source/content.ts";
import { checkedStream } from "./hash.ts";
import { report, warn } from "./progress.ts";
import { PendingInvalidations } from "./publish/pending_invalidation.ts";
import type { Compressed } from "./source/precompress.ts";
import { SIBLING_SUFFIXES, withoutSiblingSuffix } from "./source/siblings.ts";
import { deleteListed } from "./publish/delete_listed.ts";
import { saveExactly } from "./save_exactly.ts";

/** A file at the target. Only these fields are kept, since a target may have very many files. */
export interface Entry {
  readonly size: number;
  readonly etag: string;
  /** When it was written, in milliseconds since 1970. */
  readonly modified: number;
}

/**
 * The storage that files are collected into: lists it once, compares, stores and deletes files.
 *
 * The ETag of an object that was stored in one request is the MD5 of its bytes, and is in the listing. Where the ETag is
 * something else (multipart uploads, KMS encryption, compression, storages in memory), the MD5 in the object's metadata
 * decides, at the cost of a request for that object.
 */
export class Target {
  /** The files at the target, by name. */
  readonly entries = new Map<string, Entry>();
  /** Names that were replaced or deleted. */
  readonly changed: string[] = [];
  /** The names that have to be invalidated. */
  readonly pending: PendingInvalidations;
  bytesUploaded = 0;
  deleted = 0;
  readonly #storage: Storage;
  readonly #options: CollectCall;
  readonly #signal: AbortSignal;
  readonly #mayCompress: boolean;
  readonly #isSource: (name: string) => boolean;
  /** Names that this run has stored or deleted, so that their listed ETags may be out of date. */
  readonly #touched = new Set<string>();

  /** @param isSource Whether a source has a file with that name. */
  constructor(options: CollectCall, signal: AbortSignal, isSource: (name: string) => boolean) {
    this.#isSource = isSource;
    this.#storage = options.storage;
    this.#options = options;
    this.#signal = signal;
    this.#mayCompress = options.precompress?.as === "encoding" || compresses(options.storage);
    this.pending = new PendingInvalidations(options, signal, {
      replaceable: () => this.#replaceable(),
      etagOf: (name) => this.#etagOf(name),
    });
  }

  /** Lists the files at the target. */
  async list(): Promise<void> {
    for await (const { name, size, etag, modifiedTime } of this.#storage.list("", this.#listing)) {
      if (this.pending.take(name, size)) continue;
      this.entries.set(name, { size, etag, modified: modifiedTime.getTime() });
    }
  }

  get #listing(): { recursive: true; signal: AbortSignal } {
    return { recursive: true, signal: this.#signal };
  }

  /**
   * Stores a file, unless it is stored with the same content.
   *
   * @param isImmutable Whether the name contains the hash, so that a file with that name needs no comparison.
   * @returns Bytes stored, or that would be stored; `undefined` for an unchanged file.
   */
  async put(name: string, content: Content, isImmutable: boolean, options: WriteOptions): Promise<number | undefined> {
    const { precompress } = this.#options;
    if (precompress?.as === "siblings") return await this.#putWithSiblings(name, content, isImmutable, options);
    let compressed: Compressed | undefined;
    if (!await this.#isStored(name, content, isImmutable, precompress)) {
      [compressed] = await this.#compressed(name, content);
    } else {
      if (precompress === undefined || this.entries.get(name)!.size !== content.size) return undefined;
      // Stored uncompressed: right only if compression does not make it smaller.
      [compressed] = await this.#compressed(name, content);
      if (compressed === undefined) return undefined;
    }
    if (!isImmutable) await this.#removeSiblings(name, content.md5, []);
    return await this.#store(name, content, compressed, precompress, isImmutable, options);
  }

  /** Stores siblings before their file: where the file is up to date, its siblings are too. */
  async #putWithSiblings(
    name: string,
    content: Content,
    isImmutable: boolean,
    options: WriteOptions,
  ): Promise<number | undefined> {
    let bytes = 0;
    const siblings = await this.#compressed(name, content);
    for (const sibling of siblings) {
      const beside = name + sibling.suffix;
      if (this.#isSource(beside)) continue; // the build made its own sibling
      if (this.entries.has(beside) && !this.#options.clear) {
        if (isImmutable || await this.#siblingMd5(beside, sibling.encoding) === content.md5) continue;
      }
      bytes += await this.#store(beside, content, sibling, undefined, isImmutable, options);
    }
    if (await this.#isStored(name, content, isImmutable, undefined)) return bytes || undefined;
    if (!isImmutable) await this.#removeSiblings(name, content.md5, siblings);
    return bytes + await this.#store(name, content, undefined, undefined, isImmutable, options);
  }

  /** Deletes siblings of earlier content, which a server would send instead of the new content. */
  async #removeSiblings(name: string, md5: string, current: readonly Compressed[]): Promise<void> {
    for (const [encoding, suffix] of Object.entries(SIBLING_SUFFIXES)) {
      const beside = name + suffix;
      if (!this.entries.has(beside) || this.#isSource(beside) || current.some((one) => one.suffix === suffix)) continue;
      // Without an MD5 in its metadata it was not made by collect.
      if ((await this.#siblingMd5(beside, encoding) ?? md5) !== md5) await this.remove([beside]);
    }
  }

  /** Whether the listing shows that a file is stored uncompressed with that content. */
  hasExactly(name: string, { md5, size }: Content): boolean {
    const entry = this.entries.get(name);
    return entry !== undefined && entry.size === size && entry.etag === `"${md5}"`;
  }

  async #isStored(
    name: string,
    { md5, size }: Content,
    isImmutable: boolean,
    precompress: Precompress | undefined,
  ): Promise<boolean> {
    const entry = this.entries.get(name);
    if (entry === undefined || this.#options.clear) return false;
    if (this.hasExactly(name, { md5, size })) return true;
    if (entry.size !== size && !this.#mayCompress) return false;
    if (isImmutable) return true;
    const stat = await this.#stat(name);
    // Not compressed, as by a run with other encodings, it may still be right: put() looks whether compression helps.
    const isPlain = stat?.contentEncoding === undefined;
    return stat?.metadata.md5 === md5 && (isPlain || hasEncodings(stat, precompress?.encodings));
  }

  /** The MD5 in the metadata of a sibling; `undefined` if it has none, has another encoding, or does not exist. */
  async #siblingMd5(name: string, encoding: string): Promise<string | undefined> {
    const stat = await this.#stat(name);
    return stat && hasEncodings(stat, [encoding]) ? stat.metadata.md5 : undefined;
  }

  async #stat(name: string): Promise<FileStat | undefined> {
    return await this.#storage.stat(name, { signal: this.#signal }).catch((error) => {
      if (!isStorageError(error, "NotFound")) throw error;
      return undefined;
    });
  }

  async #compressed(name: string, { bytes }: Content): Promise<readonly Compressed[]> {
    const { precompress: wanted } = this.#options;
    if (wanted === undefined || bytes === undefined) return [];
    const { precompress } = await import("./source/precompress.ts");
    return await precompress(name, bytes, wanted);
  }

  async #store(
    name: string,
    content: Content,
    compressed: Compressed | undefined,
    precompress: Precompress | undefined,
    isImmutable: boolean,
    options: WriteOptions,
  ): Promise<number> {
    const { md5, size, bytes = compressed?.bytes } = content;
    const length = compressed?.bytes.byteLength ?? size;
    this.bytesUploaded += length;
    const isNew = !this.entries.has(name);
    this.#touched.add(name);
    if (!isNew) await this.change(name);
    if (this.#options.dryRun) return length;
    const encodings = precompress?.encodings ?? (compressed === undefined ? undefined : [compressed.encoding]);
    const metadata = encodings === undefined ? { md5 } : { md5, encodings: encodings.join(" ") };
    const save = async (condition: WriteOptions): Promise<void> => {
      // As the type of a Blob, which a configured type precedes.
      const packed = precompress && compressed && new Blob([compressed.bytes], { type: compressed.type });
      const body = packed ?? compressed?.bytes ?? bytes ?? checkedStream(await content.stream!(), md5, name);
      await saveExactly(this.#storage, name, body, {
        ...options,
        // A sibling has no Content-Encoding: a server adds it when it sends the sibling instead of the file.
        ...(compressed !== undefined && precompress !== undefined ? { contentEncoding: compressed.encoding } : {}),
        ...(compressed !== undefined && precompress === undefined ? { contentEncoding: "" } : {}),
        metadata,
        ...condition,
        deleteOnAbort: false, // the run after an aborted one continues with its stored files
        signal: this.#signal,
      });
    };
    if (isNew && !isImmutable && this.pending.isTracked) await this.#create(name, save);
    else await save({ onExisting: "replace" });
    return length;
  }

  /** Stores a file that was not listed. If another run has stored it since, it counts as replaced, and may be cached. */
  async #create(name: string, save: (condition: WriteOptions) => Promise<void>): Promise<void> {
    try {
      return await save({ ifNoneMatch: "*" });
    } catch (error) {
      const isTaken = isStorageError(error, "PreconditionFailed") || isStorageError(error, "AlreadyExists");
      // Some servers do not support preconditions on writes.
      if (!isTaken && !(isStorageError(error) && error.status === 501)) throw error;
      if (isTaken) await this.change(name);
    }
    await save({ onExisting: "replace" });
  }

  /** Announces that a file will be replaced or deleted. Do so only after this has resolved. */
  async change(name: string): Promise<void> {
    this.#touched.add(name);
    await this.pending.announce([name]);
    this.changed.push(name);
  }

  /** Deletes files, except those that were written after the listing. */
  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) this.#touched.add(name);
    await this.pending.announce(names);
    const etags = new Map(names.map((name) => [name, this.entries.get(name)!.etag]));
    const kept = this.#options.dryRun ? new Set() : await deleteListed(this.#storage, etags, this.#signal);
    for (const name of names) {
      if (kept.has(name)) {
        warn(this.#options, name, `${name} was written by another program at the same time, and is not deleted`);
        continue;
      }
      this.deleted++;
      this.changed.push(name);
      report(this.#options, { kind: "deleted", name, bytes: this.entries.get(name)!.size });
      this.entries.delete(name);
    }
  }

  *#replaceable(): Generator<string> {
    for (const name of this.entries.keys()) {
      if (this.#isSource(name) || this.#isSource(withoutSiblingSuffix(name))) yield name;
    }
  }

  async #etagOf(name: string): Promise<string | null> {
    if (!this.#touched.has(name)) return this.entries.get(name)?.etag ?? null;
    try {
      return (await this.#storage.stat(name, { signal: this.#signal })).etag;
    } catch (error) {
      if (isStorageError(error, "NotFound")) return null;
      throw error;
    }
  }
}

/** Whether a file was stored with these encodings. */
function hasEncodings({ metadata }: FileStat, encodings: readonly string[] = []): boolean {
  return (metadata.encodings ?? "") === encodings.join(" ");
}

/** Whether a storage compresses files, so that sizes cannot be compared. */
function compresses(storage: Storage): boolean {
  const { settings, storage: inner } = storage as { settings?: { gzip?: boolean }; storage?: Storage };
  return settings?.gzip ?? (inner === undefined ? false : compresses(inner));
}
