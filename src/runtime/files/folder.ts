import { ConfigurationError, SuspiciousNameError } from "../../errors.ts";
import { trimFolder } from "../../kit/text/trim_end.ts";
import { type FollowLinks, isInside, isNothingThere, type LinkProblem } from "./links.ts";
import { isPermitted } from "../permission.ts";
import { type FileStats, findFs, type NodeFs } from "./node_fs.ts";
import { readWhole } from "./read_whole.ts";

/** A file below a folder. */
export interface FolderFile {
  /** Its path below the folder, with forward slashes. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** What is left out of a folder, and what is told of it. */
export interface WalkOptions {
  /** Whether a file or a folder is left out, by its name below the folder. */
  readonly skips: (name: string) => boolean;
  /** Is told of links that are not followed. */
  readonly onLink: (name: string, problem: LinkProblem) => void;
}

/** What is read of a file at once. */
const PIECE_BYTES = 256 * 1024;

/** A file of so many bytes is read without waiting: to wait for it would take several times as long as to read it. */
const SMALL_BYTES = 64 * 1024;

/** A folder whose files are read: with links as the caller wants them, and otherwise nothing that is not in it. */
export class Folder {
  readonly #path: string;
  readonly #real: string;
  readonly #followLinks: FollowLinks;
  readonly #fs: NodeFs;
  /** Whether the system tells where an open file is: Linux does, and on Deno it takes all permissions. */
  #tellsOpened = isPermitted({ name: "read", path: "/proc/self/fd" });

  /**
   * @param path The folder, which may be a link itself.
   * @throws {ConfigurationError} If there is no such folder, it may not be read, or the runtime has none.
   */
  constructor(path: string, followLinks: FollowLinks) {
    const fs = findFs();
    if (fs === undefined) throw new ConfigurationError("There are no folders here: only Deno, Bun and Node have them");
    if (!isPermitted({ name: "read", path })) {
      throw new ConfigurationError(`The folder ${path} may not be read: run with --allow-read=${path}`);
    }
    this.#fs = fs;
    if (!this.#stat(path)?.isDirectory()) throw new ConfigurationError(`There is no folder ${path}`);
    this.#path = trimFolder(path);
    this.#real = fs.realpathSync.native(path);
    this.#followLinks = followLinks;
  }

  /**
   * All files in the folder and those below, each folder's in order of their names. Links are never followed in circles.
   *
   * @throws {ConfigurationError} If a name is no UTF-8.
   */
  walk(options: WalkOptions): AsyncGenerator<FolderFile> {
    return this.#walk(this.#path, "", [this.#real], options);
  }

  /** Without waiting, as files are read: a folder is sooner listed than waited for. */
  async *#walk(
    folder: string,
    prefix: string,
    trail: readonly string[],
    options: WalkOptions,
  ): AsyncGenerator<FolderFile> {
    for (const part of this.#fs.readdirSync(folder).sort()) {
      const [name, path] = [prefix + part, `${folder}/${part}`];
      if (options.skips(name)) continue;
      const found = this.#look(path);
      if (typeof found === "string") {
        // So runtimes show bytes that are no UTF-8, and then do not find the file.
        if (found === "dangling" && part.includes("\ufffd")) {
          throw new ConfigurationError(`${path}: its name is no UTF-8`);
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

  /** What is at a path, or why a link there is not followed. Files are removed meanwhile, too: those look like such links. */
  #look(path: string): FileStats | LinkProblem {
    if (this.#followLinks === "anywhere") return this.#stat(path) ?? "dangling";
    try {
      const stats = this.#fs.lstatSync(path);
      if (!stats.isSymbolicLink()) return stats;
      if (this.#followLinks === "never") return "link";
      const real = this.#fs.realpathSync.native(path);
      return isInside(this.#real, real) ? this.#fs.statSync(path) : "outside";
    } catch (error) {
      if (isNothingThere(error)) return "dangling";
      throw error;
    }
  }

  #stat(path: string): FileStats | undefined {
    try {
      return this.#fs.statSync(path);
    } catch (error) {
      if (isNothingThere(error)) return undefined;
      throw error;
    }
  }

  /**
   * All bytes of a file, unless it has more than the limit.
   *
   * @param size How many there are about.
   * @param tooLarge Makes the error for a file that has more; it is to name the limit.
   * @throws {SuspiciousNameError} If a link leads out of the folder by now.
   */
  async readBytes(
    { name, size }: FolderFile,
    maxBytes: number,
    tooLarge: () => Error,
  ): Promise<Uint8Array<ArrayBuffer>> {
    if (size > maxBytes) throw tooLarge();
    const read = size <= SMALL_BYTES ? this.#openSmall(name) : await this.#open(name);
    try {
      return await readWhole((bytes, offset) => read.at(bytes, offset), size, maxBytes, tooLarge);
    } finally {
      await read.close();
    }
  }

  /**
   * A file's bytes as they are read; the file is closed at their end, or when they are cancelled.
   *
   * @throws {SuspiciousNameError} If a link leads out of the folder by now.
   */
  async openBytes(name: string): Promise<ReadableStream<Uint8Array>> {
    const read = await this.#open(name);
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
          throw error;
        }
        await read.close();
        controller.close();
      },
      cancel: () => read.close(),
    }, { highWaterMark: 0 });
  }

  #openSmall(name: string): Reading {
    const [fs, path] = [this.#fs, `${this.#path}/${name}`];
    for (let tries = 1;; tries++) {
      const fd = fs.openSync(path, "r");
      if (this.#isOpenedInside(fd, path)) {
        return {
          at: (bytes, offset, position = offset) => fs.readSync(fd, bytes, offset, bytes.byteLength - offset, position),
          close: () => fs.closeSync(fd),
        };
      }
      fs.closeSync(fd);
      if (tries === MOST_TRIES) throw this.#leaving(path);
    }
  }

  async #open(name: string): Promise<Reading> {
    const path = `${this.#path}/${name}`;
    for (let tries = 1;; tries++) {
      const handle = await this.#fs.promises.open(path, "r");
      if (this.#isOpenedInside(handle.fd, path)) {
        return {
          at: async (bytes, offset, position = offset) =>
            (await handle.read(bytes, offset, bytes.byteLength - offset, position)).bytesRead,
          close: () => handle.close(),
        };
      }
      await handle.close();
      if (tries === MOST_TRIES) throw this.#leaving(path);
    }
  }

  /** Another program may have put a link in the file's place, or in that of a folder on the way, since it was looked at. */
  #isOpenedInside(fd: number, path: string): boolean {
    if (this.#followLinks === "anywhere") return true;
    try {
      if (this.#tellsOpened && isInside(this.#real, this.#fs.readlinkSync(`/proc/self/fd/${fd}`))) return true;
    } catch {
      this.#tellsOpened = false;
    }
    try {
      const [opened, real] = [this.#fs.fstatSync(fd), this.#fs.realpathSync.native(path)];
      const { dev, ino } = this.#fs.lstatSync(real);
      return isInside(this.#real, real) && opened.dev === dev && opened.ino === ino;
    } catch (error) {
      if (isNothingThere(error)) return false; // it was replaced meanwhile
      throw error;
    }
  }

  #leaving(path: string): SuspiciousNameError {
    return new SuspiciousNameError(
      `Attempted access to '${path}' denied: by now a link leads out of the folder ${this.#path}`,
    );
  }
}

/** As often as a file may be replaced while it is opened. */
const MOST_TRIES = 3;

/** An open file. */
interface Reading {
  /** Reads into an array from an offset on. Returns how many bytes it were; 0 at the end. */
  at(bytes: Uint8Array, offset: number, position?: number): number | Promise<number>;
  close(): void | Promise<void>;
}
