import { DiskError } from "../../errors.ts";
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
import { free, hold, keepFresh, settle } from "./held_files.ts";
import type { LocalAttributes } from "./local_attributes.ts";
import type { FoundFile, LocalFolder } from "./local_folder.ts";
import { etagOf, identify } from "./local_identity.ts";
import { temporaryName } from "./local_names.ts";

/** The permissions of a new file, minus the process's umask. */
const ANY_MODE = 0o666;

/** A file that is being written, under a name that no key has. */
export interface TempOutput {
  readonly handle: DiskHandle;
  readonly path: string;
}

/**
 * Discards the files of writers that were garbage-collected, such as that of a source that never ends. Otherwise the runtime
 * would close the file: Bun then ends the process with an error, and Node warns.
 */
let dropped: FinalizationRegistry<readonly [LocalWriter, TempOutput]> | undefined;

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
   * @param owner The object whose garbage collection discards the file.
   */
  async create(key: string, mode = ANY_MODE, owner?: object): Promise<TempOutput> {
    checkFolderPermission("write", this.#folder.path);
    const replaced = await this.#folder.stat(key);
    const path = `${this.#folder.path}/${temporaryName()}`;
    const most = replaced === undefined ? mode : mode & modeToReplace(replaced);
    hold(path);
    try {
      const output = { path, handle: await this.#open(path, isWindows() ? ANY_MODE : most) };
      keepFresh(this.#disk, path);
      if (owner !== undefined) {
        dropped ??= new FinalizationRegistry(discardDropped);
        dropped.register(owner, [this, output], output);
      }
      return output;
    } catch (error) {
      free(path);
      throw error;
    }
  }

  /** Creates a file, and the folder if it does not exist. */
  async #open(path: string, mode: number): Promise<DiskHandle> {
    try {
      return await this.#disk.open(path, "wx", mode);
    } catch (error) {
      if (diskErrorCode(error) !== "ENOENT") throw error;
      await this.#disk.mkdir(this.#folder.path, { recursive: true });
      return await this.#disk.open(path, "wx", mode);
    }
  }

  /** Deletes a temporary file. */
  async discard(output: TempOutput | undefined): Promise<void> {
    if (output === undefined) return;
    dropped?.unregister(output);
    try {
      await output.handle.close();
    } finally {
      await this.#remove(output.path);
      free(output.path);
    }
  }

  /**
   * Closes a finished file and gives it its name. If that fails, the file is deleted.
   *
   * @throws {PreconditionFailedError} If the file of that name does not satisfy the conditions.
   * @throws {AlreadyExistsError} If a file of that name exists that must not be replaced.
   * @throws {DiskError} If another program has deleted the file meanwhile.
   */
  async publish(
    key: string,
    output: TempOutput,
    description: Description,
    options: PublishOptions,
  ): Promise<WrittenObject> {
    dropped?.unregister(output);
    const { handle, path } = output;
    let stats: DiskStats | undefined;
    try {
      await handle.close();
      options.signal?.throwIfAborted();
      await settle(path);
      const written = stats = await this.#statsOf(key, path);
      const isFallback = options.fallbackContentType !== undefined && !options.contentType;
      const isDescribed = await this.#attributes.write(key, { path, stats: written }, description, isFallback);
      const finished = { path, stats: written, isDescribed };
      const replaced = await this.#inTurn(key, () => this.#replace(key, finished, options));
      return { etag: etagOf(stats), size: Number(stats.size), replaced };
    } catch (error) {
      if (stats !== undefined) await this.#attributes.remove(stats);
      await this.#remove(path);
      throw error;
    } finally {
      free(path);
    }
  }

  async #statsOf(key: string, path: string): Promise<DiskStats> {
    try {
      return await identify(this.#disk, path);
    } catch (cause) {
      if (diskErrorCode(cause) !== "ENOENT") throw cause;
      throw new DiskError(`Cannot write '${key}': another program has deleted its temporary file ${path}`, {
        key,
        cause,
      });
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

function discardDropped([writer, output]: readonly [LocalWriter, TempOutput]): void {
  writer.discard(output).catch(() => {}); // nobody could handle it
}
