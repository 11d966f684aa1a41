import { matchesETag } from "../../kit/text/etag.ts";
import {
  changesOf,
  checkFolderPermission,
  type Disk,
  diskErrorCode,
  type DiskHandle,
  type DiskStats,
} from "../../runtime/files/disk.ts";
import { keepPermissions, modeToReplace, type Permissions } from "../../runtime/files/keep_permissions.ts";
import { isWindows } from "../../runtime/detect.ts";
import type { Description } from "../contract/attributes.ts";
import type { ExpectedObject, ObjectWriteOptions } from "../contract/backend.ts";
import { alreadyExists, preconditionFailed } from "../contract/conflicts.ts";
import type { WrittenObject } from "../contract/saved_file.ts";
import { etagOf, type LocalAttributes } from "./local_attributes.ts";
import type { FoundFile, LocalFolder } from "./local_folder.ts";
import { RESERVED } from "./local_names.ts";

/** The permissions of a new file, minus the process's umask. */
const ANY_MODE = 0o666;

/** A file that is being written, under a name that no key has. */
export interface TempOutput {
  readonly handle: DiskHandle;
  readonly path: string;
}

/** How a finished file gets its name. */
export interface PublishOptions
  extends Pick<ObjectWriteOptions, "onExisting" | "ifMatch" | "ifNoneMatch" | "signal" | "contentType"> {
  /** The type of a file that has no other one. */
  readonly fallbackContentType?: string;
  /** The permissions of a file that replaces none; those of a new file by default. */
  readonly like?: Permissions;
}

/** A file that is complete, and has no name yet. */
interface FinishedFile extends FoundFile {
  /** Whether its attributes are kept in a file. */
  readonly isDescribed: boolean;
}

/** Creates, publishes and deletes the files of a folder. Changes of one key take turns. */
export class LocalWriter {
  readonly #disk: Disk;
  readonly #folder: LocalFolder;
  readonly #attributes: LocalAttributes;
  /** By key, the end of the last requested change. */
  readonly #turns = new Map<string, Promise<void>>();

  constructor(disk: Disk, folder: LocalFolder, attributes: LocalAttributes) {
    this.#disk = disk;
    this.#folder = folder;
    this.#attributes = attributes;
  }

  /**
   * Creates a temporary file in the storage's folder, from which a rename is atomic. It is never readable by more users
   * than the file that it will replace.
   *
   * @param mode The most permissions it may have.
   */
  async create(key: string, mode = ANY_MODE): Promise<TempOutput> {
    checkFolderPermission("write", this.#folder.path);
    const replaced = await this.#folder.stat(key);
    await this.#disk.mkdir(this.#folder.path, { recursive: true });
    const path = `${this.#folder.path}/${RESERVED}-${crypto.randomUUID()}`;
    const most = replaced === undefined ? mode : mode & modeToReplace(replaced);
    return { path, handle: await this.#disk.open(path, "wx", isWindows() ? ANY_MODE : most) };
  }

  /** Deletes a temporary file. */
  async discard(output: TempOutput | undefined): Promise<void> {
    await output?.handle.close();
    if (output !== undefined) await this.#remove(output.path);
  }

  /**
   * Gives a finished file its name. If that fails, the file is deleted.
   *
   * @throws {PreconditionFailedError} If the file of that name does not satisfy the conditions.
   * @throws {AlreadyExistsError} If a file of that name exists that must not be replaced.
   */
  async publish(
    key: string,
    path: string,
    description: Description,
    options: PublishOptions,
  ): Promise<WrittenObject> {
    let stats: DiskStats | undefined;
    try {
      options.signal?.throwIfAborted();
      const written = stats = await this.#disk.lstat(path, { bigint: true });
      const isFallback = options.fallbackContentType !== undefined && !options.contentType;
      const isDescribed = await this.#attributes.write(key, { path, stats: written }, description, isFallback);
      const finished = { path, stats: written, isDescribed };
      const replaced = await this.#inTurn(key, () => this.#replace(key, finished, options));
      return { etag: etagOf(stats), size: Number(stats.size), replaced };
    } catch (error) {
      if (stats !== undefined) await this.#attributes.remove(stats);
      await this.#remove(path);
      throw error;
    }
  }

  /**
   * Deletes a key's file, and the folders that are empty then.
   *
   * @throws {PreconditionFailedError} If the file is not the expected one.
   */
  async delete(key: string, expected: ExpectedObject | undefined): Promise<void> {
    await this.#inTurn(key, async () => {
      const stats = await this.#folder.stat(key);
      if (stats === undefined) return;
      if (expected !== undefined && !matchesETag(expected.etag, etagOf(stats))) throw preconditionFailed(key);
      await this.#remove(this.#folder.pathOf(key));
      await this.#attributes.remove(stats);
      await this.#folder.prune(key);
    });
  }

  /** Returns whether a file was replaced. */
  async #replace(
    key: string,
    finished: FinishedFile,
    { onExisting, ifMatch, ifNoneMatch, like }: PublishOptions,
  ): Promise<boolean> {
    const { path } = finished;
    const replaced = await this.#folder.stat(key);
    const etag = replaced && etagOf(replaced);
    const isSatisfied = (ifMatch === undefined || matchesETag(ifMatch, etag)) &&
      (ifNoneMatch === undefined || !matchesETag(ifNoneMatch, etag));
    if (!isSatisfied) throw preconditionFailed(key);
    if (onExisting === "replace" && ifNoneMatch?.trim() !== "*") {
      await this.#permit(finished, replaced ?? like);
      await this.#folder.place(key, (goal) => this.#disk.rename(path, goal));
      if (replaced !== undefined) await this.#attributes.remove(replaced);
      return replaced !== undefined;
    }
    await this.#permit(finished, like);
    try {
      await this.#folder.place(key, (goal) => this.#disk.link(path, goal)); // link fails if another process was faster
    } catch (cause) {
      if (diskErrorCode(cause) !== "EEXIST") throw cause;
      if (onExisting === "refuse") throw alreadyExists(key, cause);
      throw preconditionFailed(key, cause);
    }
    await this.#remove(path);
    return false;
  }

  /** Sets permissions, so that users who could not read the replaced file cannot read the new one. */
  async #permit({ path, stats, isDescribed }: FinishedFile, wanted: Permissions | undefined): Promise<void> {
    if (wanted === undefined) return;
    await keepPermissions(stats, wanted, changesOf(this.#disk, path, stats));
    if (isDescribed) await this.#attributes.permit(stats, wanted);
  }

  /** Runs a change after all earlier changes of the same key. */
  async #inTurn<T>(key: string, change: () => Promise<T>): Promise<T> {
    const done = (this.#turns.get(key) ?? Promise.resolve()).then(change);
    const turn = done.then(() => {}, () => {});
    this.#turns.set(key, turn);
    try {
      return await done;
    } finally {
      if (this.#turns.get(key) === turn) this.#turns.delete(key);
    }
  }

  async #remove(path: string): Promise<void> {
    await this.#disk.rm(path, { force: true });
  }
}
