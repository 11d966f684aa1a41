import { blobStream } from "../../runtime/blob_stream.ts";
import { PreconditionFailedError } from "../../errors.ts";
import { matchesETag } from "../../kit/text/etag.ts";
import { isAfter } from "../../kit/text/utf8_order.ts";
import { trimFolder } from "../../kit/text/trim_end.ts";
import { blockingDisk } from "../../runtime/files/blocking_disk.ts";
import {
  checkFolderPermission,
  type Disk,
  diskErrorCode,
  type DiskHandle,
  type DiskStats,
  fileUrl,
  findDisk,
} from "../../runtime/files/disk.ts";
import { type DiskFailure, onDisk, toDiskError } from "../../runtime/files/disk_error.ts";
import { modeToReplace } from "../../runtime/files/keep_permissions.ts";
import { checkFollowLinks, type FollowLinks } from "../../runtime/files/links.ts";
import { copiedAttributes, type Description, descriptionOf } from "../contract/attributes.ts";
import type {
  BackendCapabilities,
  ListedKey,
  ObjectCopyOptions,
  ObjectDeleteOptions,
  ObjectListOptions,
  ObjectReadOptions,
  ObjectWriteOptions,
  StorageBackend,
} from "../contract/backend.ts";
import { belowBaseUrl } from "../contract/base_url.ts";
import type { ByteSink, ByteSource } from "../contract/bytes.ts";
import { notFound, preconditionFailed } from "../contract/conflicts.ts";
import type { ObjectStat } from "../contract/entry.ts";
import type { CallOptions, UrlOptions } from "../contract/options.ts";
import type { WrittenObject } from "../contract/saved_file.ts";
import { LocalAttributes } from "./local_attributes.ts";
import { copyBytes, readAll, streamOf, writeAll } from "./local_bytes.ts";
import { type FoundFile, LocalFolder } from "./local_folder.ts";
import type { DeleteIncompleteOptions, IncompleteFile } from "./incomplete_files.ts";
import { etagOf, isUnchanged, modifiedAt } from "./local_identity.ts";
import { LocalWriter, type TempOutput } from "./local_writer.ts";

/** How a {@linkcode LocalBackend} makes URLs and follows links. */
export interface LocalBackendOptions {
  /** The location of the storage: `followLinks: "inside"` means inside of it. */
  readonly location: string;
  readonly baseUrl?: string | undefined;
  readonly followLinks?: FollowLinks | undefined;
  /** Whether short operations on the disk block the thread. */
  readonly blocking?: boolean | undefined;
}

/** A file and its attributes. */
interface DescribedFile {
  readonly found: FoundFile;
  readonly description: Description;
  readonly stat: ObjectStat;
}

/** An opened file; all of it is of the very file that is open. */
interface OpenedFile extends DescribedFile {
  readonly handle: DiskHandle;
}

/** Keeps objects as files in a folder. */
export class LocalBackend implements StorageBackend {
  readonly capabilities: BackendCapabilities;
  readonly #disk: Disk;
  readonly #folder: LocalFolder;
  readonly #attributes: LocalAttributes;
  readonly #writer: LocalWriter;
  readonly #options: LocalBackendOptions;

  /**
   * @throws {TypeError} If the folder is not a path, or followLinks is not one of its values.
   * @throws {ConfigurationError} If the runtime has no disk, or the folder may not be read.
   */
  constructor(folder: string, options: LocalBackendOptions) {
    const { location, baseUrl, followLinks = "never", blocking = false } = options;
    if (typeof folder !== "string" || folder === "") throw new TypeError("folder must be the path of a folder");
    const path = trimFolder(folder);
    this.#disk = blocking ? blockingDisk(findDisk()) : findDisk();
    checkFollowLinks(followLinks);
    checkFolderPermission("read", path);
    this.#folder = new LocalFolder(path, this.#disk, followLinks, location);
    this.#attributes = new LocalAttributes(path, this.#disk);
    this.#writer = new LocalWriter(this.#disk, this.#folder, this.#attributes);
    this.#options = options;
    this.capabilities = { conditionalWrites: true, serverSideCopy: true, urls: baseUrl !== undefined };
  }

  /** The backend for another location of the same folder: which links lead out of it may differ. */
  at(location: string): LocalBackend {
    const { path, followLinks } = this.#folder;
    return followLinks === "inside" ? new LocalBackend(path, { ...this.#options, location }) : this;
  }

  async read(key: string, options: ObjectReadOptions): Promise<ByteSource> {
    options.signal?.throwIfAborted();
    const { found, stat, handle } = await onDisk(reading(key), this.#open(key));
    let unused: DiskHandle | undefined = handle;
    const close = async (): Promise<void> => {
      const handle = unused;
      unused = undefined;
      await handle?.close();
    };
    const part = { start: options.start ?? 0, end: Math.min(options.end ?? stat.size, stat.size) };
    if (part.start >= part.end) await close(); // there are no bytes to read
    return {
      stat,
      part,
      close,
      // A stream would take longer to create than such a file to read.
      bytes: () => {
        if (unused === undefined || part.start > 0 || part.end < stat.size || stat.size > SMALL_BYTES) return undefined;
        const handle = unused;
        unused = undefined;
        return onDisk(reading(key), readAll(handle, stat.size));
      },
      // A type guessed from the name is no attribute of the file: a copy under another name may have another type.
      describe: async () =>
        await this.#attributes.isGuessed(key, found, stat) ? { ...stat, contentType: undefined } : stat,
      open: async (start, end = part.end) => {
        if (unused === undefined) unused = await onDisk(reading(key), this.#reopen(key, found.stats));
        const handle = unused;
        unused = undefined;
        return streamOf(handle, start, Math.min(end, stat.size), (error) => toDiskError(error, reading(key)));
      },
    };
  }

  async put(
    key: string,
    body: Uint8Array<ArrayBuffer> | Blob,
    options: ObjectWriteOptions,
  ): Promise<WrittenObject | void> {
    const sink = this.write(key, options);
    try {
      if (!(body instanceof Blob)) await sink.write(body);
      else for await (const chunk of blobStream(body)) await sink.write(chunk);
    } catch (error) {
      await sink.abort(error);
      throw error;
    }
    return await sink.close();
  }

  write(key: string, options: ObjectWriteOptions): ByteSink {
    let creating: Promise<TempOutput> | undefined;
    let position = 0;
    const create = (): Promise<TempOutput> => creating ??= this.#writer.create(key, undefined, sink);
    const writing = { action: `write '${key}'`, key };
    const append = async (chunk: Uint8Array): Promise<number> =>
      await writeAll((await create()).handle, chunk, position);
    const publish = async (): Promise<WrittenObject> => {
      const output = await create();
      creating = undefined;
      return await this.#writer.publish(key, output, descriptionOf(options), options);
    };
    const sink: ByteSink = {
      write: async (chunk) => {
        position = await onDisk(writing, append(chunk));
      },
      close: async () => {
        const written = await onDisk(writing, publish());
        options.onProgress?.({ bytes: position, parts: 1, total: position });
        return written;
      },
      abort: async () => await this.#writer.discard(await creating?.catch(() => undefined)),
    };
    return sink;
  }

  async head(key: string, _options: CallOptions): Promise<ObjectStat> {
    return (await onDisk(reading(key), this.#describe(key))).stat;
  }

  /** Deletes files, and the folders that are empty then. */
  async delete(keys: readonly string[], { signal, expected }: ObjectDeleteOptions): Promise<void> {
    checkFolderPermission("write", this.#folder.path);
    const errors: unknown[] = [];
    for (const key of keys) {
      signal?.throwIfAborted();
      const deleting = { action: `delete '${key}'`, key };
      await onDisk(deleting, this.#writer.delete(key, expected)).catch((error) => errors.push(error));
    }
    if (errors.length === 1 && keys.length === 1) throw errors[0];
    if (errors.length > 0) throw new AggregateError(errors, `${errors.length} files could not be deleted`);
  }

  /** Lists files in the order of their keys' bytes, as S3 does. */
  async *list(prefix: string, options: ObjectListOptions): AsyncGenerator<ListedKey> {
    try {
      yield* this.#list(prefix, options);
    } catch (error) {
      throw toDiskError(error, { action: `list '${prefix}'`, key: prefix });
    }
  }

  async *#list(prefix: string, options: ObjectListOptions): AsyncGenerator<ListedKey> {
    const { recursive, signal, startAfter, onOmitted } = options;
    const { LocalListing } = await import("./local_listing.ts"); // few programs list
    const isListed = (key: string): boolean => key.startsWith(prefix) && isAfter(key, startAfter);
    const listing = new LocalListing(this.#folder, (key, reason) => {
      // A link that is the folder itself is reported without the slash.
      if (isListed(key) || prefix.startsWith(`${key}/`)) onOmitted?.(key, reason);
    });
    const files = listing.list(prefix.slice(0, prefix.lastIndexOf("/") + 1), recursive);
    // A listing that is limited needs few stats.
    for await (const batch of batches(files, ({ key }) => isListed(key), Math.min(options.limit ?? BATCH, BATCH))) {
      const found = await Promise.all(
        batch.map(async ({ key, path }) => key.endsWith("/") ? undefined : await this.#folder.lstat(path)),
      );
      for (const [index, { key }] of batch.entries()) {
        signal?.throwIfAborted();
        const stats = found[index];
        if (key.endsWith("/")) yield { kind: "directory", key };
        else if (stats?.isFile()) yield { kind: "file", key, ...listedStat(stats) };
        // Otherwise it was deleted meanwhile, or its name is not UTF-8: runtimes replace such bytes by this character.
        else if (key.includes("\ufffd")) onOmitted?.(key, "name");
      }
    }
  }

  async copy(from: string, to: string, options: ObjectCopyOptions): Promise<void> {
    await onDisk({ action: `copy '${from}' to '${to}'`, key: from }, this.#copy(from, to, options));
  }

  async #copy(
    from: string,
    to: string,
    options: ObjectCopyOptions,
  ): Promise<void> {
    const { signal, onExisting, ifMatch, deletesSource } = options;
    if (deletesSource) await this.#folder.stat(from); // fails for a file behind a link, which cannot be deleted
    // Through a handle, which keeps the same file open even if it is replaced.
    const { stat: { etag, size }, description, found: { stats }, handle: source } = await this.#open(from);
    let output: TempOutput | undefined;
    try {
      if (ifMatch !== undefined && !matchesETag(ifMatch, etag)) throw preconditionFailed(from);
      output = await this.#writer.create(to, modeToReplace(stats));
      await copyBytes(source, output.handle, size, signal);
    } catch (error) {
      await this.#writer.discard(output);
      throw error;
    } finally {
      await source.close();
    }
    const attributes = copiedAttributes(description, options);
    // Attributes change only on the file that was read: one that was saved meanwhile stays.
    const unlessChanged = from === to ? { ifMatch: etag } : {};
    await this.#writer.publish(to, output, attributes, { ...unlessChanged, onExisting, signal, like: stats });
  }

  /** Deletes the files of killed writers, as {@linkcode LocalStorage.deleteIncomplete}. */
  async deleteIncomplete(options?: DeleteIncompleteOptions): Promise<IncompleteFile[]> {
    const { deleteIncomplete } = await import("./incomplete_files.ts"); // few programs clean up
    return await deleteIncomplete(this.#disk, this.#folder.path, this.#attributes, options);
  }

  url(key: string, options: UrlOptions): Promise<string> {
    return Promise.resolve().then(() => belowBaseUrl(this.#options.baseUrl, key, "LocalStorage", options));
  }

  /** The `file:` URL of the key's path. */
  uri(key: string): string {
    return fileUrl(this.#folder.pathOf(key));
  }

  async #open(key: string): Promise<OpenedFile> {
    for (;;) {
      const described = await this.#describe(key);
      const { found: { path, stats } } = described;
      const handle = await this.#disk.open(path, "r").catch((error) => {
        throw diskErrorCode(error) === "ENOENT" ? notFound(key) : error;
      });
      const opened = await handle.stat({ bigint: true });
      if (isUnchanged(stats, opened)) return { ...described, handle };
      await handle.close(); // it was replaced meanwhile, or by a link
    }
  }

  async #reopen(key: string, stats: DiskStats): Promise<DiskHandle> {
    const { found, handle } = await this.#open(key);
    if (isUnchanged(stats, found.stats)) return handle;
    await handle.close();
    throw new PreconditionFailedError(`File changed while it was read: ${key}`, { key });
  }

  async #describe(key: string): Promise<DescribedFile> {
    const { found, description } = await this.#lookUp(key);
    const stat = { ...listedStat(found.stats), ...description, versionId: undefined, storageClass: undefined };
    return { found, description, stat };
  }

  async #lookUp(key: string): Promise<Omit<DescribedFile, "stat">> {
    let found = await this.#find(key);
    // Then they cannot change meanwhile.
    if (await this.#attributes.areByName(key)) {
      return { found, description: await this.#attributes.suggested(key, found) };
    }
    for (;;) {
      const description = await this.#attributes.read(key, found);
      const again = await this.#find(key);
      // A file that is replaced loses its attributes: then they must be read again.
      if (isUnchanged(found.stats, again.stats)) return { found: again, description };
      found = again;
    }
  }

  async #find(key: string): Promise<FoundFile> {
    const found = await this.#folder.find(key);
    if (found === undefined) throw notFound(key);
    return found;
  }
}

/** Files up to this size are read in one step. */
const SMALL_BYTES = 256 * 1024;

/** The entries that a listing examines at the same time. */
const BATCH = 64;

/** The chosen values in arrays of a length. */
async function* batches<T>(
  values: AsyncIterable<T>,
  isChosen: (value: T) => boolean,
  length: number,
): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const value of values) {
    if (!isChosen(value)) continue;
    batch.push(value);
    if (batch.length < length) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function reading(key: string): DiskFailure {
  return { action: `read '${key}'`, key };
}

function listedStat(stats: DiskStats): Pick<ObjectStat, "size" | "etag" | "modifiedTime"> {
  return {
    size: Number(stats.size),
    etag: etagOf(stats),
    modifiedTime: new Date(modifiedAt(stats)),
  };
}
