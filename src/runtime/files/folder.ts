import { ConfigurationError, SuspiciousNameError } from "../../errors.ts";
import { trimFolder } from "../../kit/text/trim_end.ts";
import { toDiskError } from "./disk_error.ts";
import { type FollowLinks, isInside, isMissingPath, type LinkProblem } from "./links.ts";
import { isPermitted } from "../permission.ts";
import { type FileStats, findFs, type NodeFs } from "./node_fs.ts";
import { readWhole } from "./read_whole.ts";

/** A file below a folder. */
export interface FolderFile {
  /** The path below the folder, with forward slashes. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** What a walk through a folder skips and reports. */
export interface WalkOptions {
  /** Whether to skip a file or a folder, by its name below the folder. */
  readonly skips: (name: string) => boolean;
  /** Called for each link that is not followed. */
  readonly onLink: (name: string, problem: LinkProblem) => void;
}

/** The size of a chunk when a file is read as a stream. */
const PIECE_BYTES = 256 * 1024;

/** Files up to this size are read synchronously: waiting would take several times as long as reading. */
const SMALL_BYTES = 64 * 1024;

/** Reads the files in a folder. Links are followed by the given rule; otherwise nothing outside the folder is read. */
export class Folder {
  readonly #path: string;
  readonly #real: string;
  readonly #followLinks: FollowLinks;
  readonly #fs: NodeFs;
  /** Whether the system reports the path of an open file: Linux does, and Deno requires all permissions for it. */
  #hasOpenedPaths = isPermitted({ name: "read", path: "/proc/self/fd" });

  /**
   * @param path The folder, or a link to it.
   * @throws {ConfigurationError} If the folder does not exist or may not be read, or the runtime has no folders.
   */
  constructor(path: string, followLinks: FollowLinks) {
    const fs = findFs();
    if (fs === undefined) throw new ConfigurationError("This runtime has no folders: use Deno, Bun or Node");
    if (!isPermitted({ name: "read", path })) {
      throw new ConfigurationError(`Cannot read folder '${path}': run with --allow-read=${path}`);
    }
    this.#fs = fs;
    if (!this.#stat(path)?.isDirectory()) throw new ConfigurationError(`Folder does not exist: ${path}`);
    this.#path = trimFolder(path);
    this.#real = fs.realpathSync.native(path);
    this.#followLinks = followLinks;
  }

  /**
   * Yields all files in the folder and its subfolders, each folder's in the order of their names. Links that lead in a
   * circle are not followed.
   *
   * @throws {ConfigurationError} If a name is not valid UTF-8.
   * @throws {DiskError} If a folder cannot be read.
   */
  async *walk(options: WalkOptions): AsyncGenerator<FolderFile> {
    try {
      yield* this.#walk(this.#path, "", [this.#real], options);
    } catch (error) {
      throw toDiskError(error, { action: `read folder '${this.#path}'` });
    }
  }

  /** Synchronous inside, like reading small files: listing a folder takes less time than waiting for it. */
  async *#walk(
    folder: string,
    prefix: string,
    trail: readonly string[],
    options: WalkOptions,
  ): AsyncGenerator<FolderFile> {
    for (const part of this.#fs.readdirSync(folder).sort()) {
      const [name, path] = [prefix + part, `${folder}/${part}`];
      if (options.skips(name)) continue;
      const found = this.#inspect(path);
      if (typeof found === "string") {
        // Runtimes show malformed UTF-8 in this way, and then do not find the file.
        if (found === "dangling" && part.includes("\ufffd")) {
          throw new ConfigurationError(`File name is not valid UTF-8: ${path}`);
        }
        options.onLink(name, found);
        continue;
      }
      if (found.isFile()) yield { name, size: found.size };
      if (!found.isDirectory()) continue;
      const real = this.#fs.realpathSync.native(path);
      if (!trail.includes(real)) yield* this.#walk(path, `${name}/`, [...trail, real], options);
    }
  }

  /** The entry at a path, or why a link there is not followed. A file that was deleted meanwhile looks like a dangling link. */
  #inspect(path: string): FileStats | LinkProblem {
    if (this.#followLinks === "anywhere") return this.#stat(path) ?? "dangling";
    try {
      const stats = this.#fs.lstatSync(path);
      if (!stats.isSymbolicLink()) return stats;
      if (this.#followLinks === "never") return "link";
      const real = this.#fs.realpathSync.native(path);
      return isInside(this.#real, real) ? this.#fs.statSync(path) : "outside";
    } catch (error) {
      if (isMissingPath(error)) return "dangling";
      throw error;
    }
  }

  #stat(path: string): FileStats | undefined {
    try {
      return this.#fs.statSync(path);
    } catch (error) {
      if (isMissingPath(error)) return undefined;
      throw error;
    }
  }

  /**
   * Reads all bytes of a file, unless it has more than the limit.
   *
   * @param tooLarge Creates the error for a file that has more; the message should name the limit.
   * @throws {SuspiciousNameError} If a link leads out of the folder meanwhile.
   * @throws {DiskError} If the file cannot be read.
   */
  async readBytes(
    { name, size }: FolderFile,
    maxBytes: number,
    tooLarge: () => Error,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (size > maxBytes) throw tooLarge();
    try {
      const read = size <= SMALL_BYTES ? this.#openSmall(name) : await this.#open(name);
      try {
        return await readWhole((bytes, offset) => read.at(bytes, offset), size, maxBytes, tooLarge);
      } finally {
        await read.close();
      }
    } catch (error) {
      throw this.#failure(name, error);
    }
  }

  /**
   * Opens a file as a stream of bytes; the file is closed at the end or when the stream is cancelled.
   *
   * @throws {SuspiciousNameError} If a link leads out of the folder meanwhile.
   * @throws {DiskError} If the file cannot be read.
   */
  async openBytes(name: string): Promise<ReadableStream<Uint8Array>> {
    const read = await this.#open(name).catch((error) => {
      throw this.#failure(name, error);
    });
    let position = 0;
    return new ReadableStream({
      pull: async (controller) => {
        try {
          const piece = new Uint8Array(PIECE_BYTES);
          const bytesRead = await read.at(piece, 0, position);
          position += bytesRead;
          if (bytesRead > 0) return controller.enqueue(piece.subarray(0, bytesRead));
        } catch (error) {
          await read.close();
          throw this.#failure(name, error);
        }
        await read.close();
        controller.close();
      },
      cancel: () => read.close(),
    }, { highWaterMark: 0 });
  }

  #failure(name: string, error: unknown): unknown {
    const advice = { ENOENT: "The file was deleted meanwhile" };
    return toDiskError(error, { action: `read '${this.#path}/${name}'`, advice });
  }

  #openSmall(name: string): Reading {
    const [fs, path] = [this.#fs, `${this.#path}/${name}`];
    for (let attempt = 1;; attempt++) {
      const fd = fs.openSync(path, "r");
      if (this.#isOpenedInside(fd, path)) {
        return {
          at: (bytes, offset, position = offset) => fs.readSync(fd, bytes, offset, bytes.byteLength - offset, position),
          close: () => fs.closeSync(fd),
        };
      }
      fs.closeSync(fd);
      if (attempt === MAX_ATTEMPTS) throw this.#outside(path);
    }
  }

  async #open(name: string): Promise<Reading> {
    const path = `${this.#path}/${name}`;
    for (let attempt = 1;; attempt++) {
      const handle = await this.#fs.promises.open(path, "r");
      if (this.#isOpenedInside(handle.fd, path)) {
        return {
          at: async (bytes, offset, position = offset) =>
            (await handle.read(bytes, offset, bytes.byteLength - offset, position)).bytesRead,
          close: () => handle.close(),
        };
      }
      await handle.close();
      if (attempt === MAX_ATTEMPTS) throw this.#outside(path);
    }
  }

  /** Another program may have replaced the file, or a folder above it, with a link since it was checked. */
  #isOpenedInside(fd: number, path: string): boolean {
    if (this.#followLinks === "anywhere") return true;
    try {
      if (this.#hasOpenedPaths && isInside(this.#real, this.#fs.readlinkSync(`/proc/self/fd/${fd}`))) return true;
    } catch {
      this.#hasOpenedPaths = false;
    }
    try {
      const [opened, real] = [this.#fs.fstatSync(fd), this.#fs.realpathSync.native(path)];
      const { dev, ino } = this.#fs.lstatSync(real);
      return isInside(this.#real, real) && opened.dev === dev && opened.ino === ino;
    } catch (error) {
      if (isMissingPath(error)) return false; // the file was replaced meanwhile
      throw error;
    }
  }

  #outside(path: string): SuspiciousNameError {
    return new SuspiciousNameError(
      `Attempted access to '${path}' denied: a link leads out of the folder ${this.#path}`,
    );
  }
}

/** Attempts at opening a file that another program replaces at the same time. */
const MAX_ATTEMPTS = 3;

/** An open file. */
interface Reading {
  /** Reads into an array from an offset on; returns the number of bytes, 0 at the end. */
  at(bytes: Uint8Array, offset: number, position?: number): number | Promise<number>;
  close(): void | Promise<void>;
}
