import { NotSupportedError, SuspiciousNameError } from "../errors.ts";
import { compareUtf8 } from "../kit/utf8_order.ts";
import { type Disk, type DiskEntry, diskErrorCode, type DiskStats } from "../runtime/disk.ts";
import { isWindows } from "../runtime/platform.ts";

/** What names of our own files and folders on disk begin with. */
export const RESERVED = ".storages";

/** The most bytes of a name on disk; S3 has longer ones. */
const MOST_BYTES = 255;

/** What a folder is called after that holds the rest of a longer name. */
const CONTINUED = ".storages-more";

/** A file below the folder, by its key. */
export interface LocalFile {
  readonly key: string;
  readonly path: string;
}

/** A folder on disk whose files have keys: no key leaves it, neither by dots nor by links. */
export class LocalFolder {
  /** Where it is. */
  readonly path: string;
  readonly #disk: Disk;

  constructor(path: string, disk: Disk) {
    this.path = path;
    this.#disk = disk;
  }

  /**
   * Where a key is on disk.
   *
   * @throws {SuspiciousNameError} If a part of it is a name that is kept for our own.
   */
  pathOf(key: string): string {
    return [this.path, ...key.split("/").flatMap(diskNames)].join("/");
  }

  /**
   * What is known of a key's file; `undefined` where there is none.
   *
   * @throws {SuspiciousNameError} If the way there leads over a link.
   */
  async stat(key: string): Promise<DiskStats | undefined> {
    const path = this.pathOf(key);
    const parents = path.slice(this.path.length + 1).split("/").slice(0, -1);
    let at = this.path;
    for (const parent of parents) {
      at += `/${parent}`;
      const stats = await this.#lstat(at);
      if (stats === undefined) return undefined;
      if (!stats.isDirectory() && !stats.isFile()) throw leaving(key, at);
    }
    const stats = await this.#lstat(path);
    if (stats === undefined || stats.isDirectory()) return undefined;
    if (!stats.isFile()) throw leaving(key, path);
    return stats;
  }

  async #lstat(path: string): Promise<DiskStats | undefined> {
    try {
      return await this.#disk.lstat(path, { bigint: true });
    } catch (error) {
      if (/^(ENOENT|ENOTDIR)$/.test(diskErrorCode(error) ?? "")) return undefined;
      throw error;
    }
  }

  /**
   * Puts a finished file where its key is, at once.
   *
   * @param put Moves or links it to that path.
   * @throws {NotSupportedError} If a file is where a folder would have to be, or the other way round.
   */
  async place(key: string, put: (path: string) => Promise<void>): Promise<void> {
    await this.stat(key); // nothing is written behind a link
    const path = this.pathOf(key);
    try {
      for (let tries = 1;; tries++) {
        try {
          await this.#disk.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
          return await put(path);
        } catch (error) {
          // Who removed the last file of the folder meanwhile removed the folder too.
          if (diskErrorCode(error) !== "ENOENT" || tries === MOST_TRIES) throw error;
        }
      }
    } catch (cause) {
      const code = diskErrorCode(cause) ?? "";
      if (code !== "ENOTDIR" && code !== "EISDIR" && !(code === "EEXIST" && await this.stat(key) === undefined)) {
        throw cause;
      }
      throw new NotSupportedError(
        `Cannot store '${key}': on a disk one name cannot be a file and a folder at once, as it can be on S3`,
        { key, cause },
      );
    }
  }

  /** Removes folders from that of a key upwards, as far as they are empty: on S3 there are none. */
  async prune(key: string): Promise<void> {
    const path = this.pathOf(key);
    for (let at = path; (at = at.slice(0, at.lastIndexOf("/"))).length > this.path.length;) {
      try {
        await this.#disk.rmdir(at);
      } catch {
        return; // there is something in it, or it is gone
      }
    }
  }

  /**
   * The files whose keys begin with the prefix, in the order of S3; links are left out.
   *
   * @param recursive If false, folders with files in them are named instead of what is in them; they end in a slash.
   */
  async *list(prefix: string, recursive: boolean): AsyncGenerator<LocalFile> {
    if (prefix !== "" && !await this.#isFolder(prefix.slice(0, -1))) return;
    yield* this.#walk(prefix === "" ? this.path : this.pathOf(prefix.slice(0, -1)), prefix, recursive);
  }

  async #isFolder(key: string): Promise<boolean> {
    let at = this.path;
    for (const name of this.pathOf(key).slice(this.path.length + 1).split("/")) {
      if (!(await this.#lstat(at += `/${name}`))?.isDirectory()) return false;
    }
    return true;
  }

  async *#walk(path: string, prefix: string, recursive: boolean): AsyncGenerator<LocalFile> {
    const found = await this.#entries(path, prefix);
    for (const entry of found.sort((one, other) => compareUtf8(one.key, other.key))) {
      if (!entry.key.endsWith("/")) yield entry;
      else if (recursive) yield* this.#walk(entry.path, entry.key, true);
      else if (!(await this.#walk(entry.path, entry.key, true).next()).done) yield entry;
    }
  }

  /** What is in a folder: keys of folders end in a slash. */
  async #entries(path: string, prefix: string, isContinued = false): Promise<LocalFile[]> {
    const entries: LocalFile[] = [];
    for (const entry of await this.#readdir(path)) {
      const { name } = entry;
      const at = `${path}/${name}`;
      if (name.startsWith(RESERVED) && !isContinued) continue;
      if (entry.isFile()) entries.push({ key: prefix + name, path: at });
      else if (!entry.isDirectory()) continue;
      else if (!name.endsWith(CONTINUED)) entries.push({ key: `${prefix}${name}/`, path: at });
      else entries.push(...await this.#entries(at, prefix + name.slice(0, -CONTINUED.length), true));
    }
    return entries;
  }

  async #readdir(path: string): Promise<DiskEntry[]> {
    try {
      return await this.#disk.readdir(path, { withFileTypes: true });
    } catch (error) {
      if (/^(ENOENT|ENOTDIR)$/.test(diskErrorCode(error) ?? "")) return []; // others are at work, too
      throw error;
    }
  }
}

/** As often as others may be in the way. */
const MOST_TRIES = 20;

function leaving(key: string, path: string): SuspiciousNameError {
  return new SuspiciousNameError(
    `Attempted access to '${key}' denied: ${path} is a link, which may lead anywhere, or no plain file`,
    {
      key,
    },
  );
}

/** What Windows takes for a drive, a stream, a device or another name. */
const NO_WINDOWS_NAME = /[<>:"|?*\p{Cc}]|[. ]$|^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/iu;

/** A part of a key as names on disk: more than one where it is too long. */
function diskNames(part: string): string[] {
  if (isWindows() && NO_WINDOWS_NAME.test(part)) {
    throw new SuspiciousNameError(`'${part}' cannot be the name of a file or a folder on Windows`);
  }
  if (part.startsWith(RESERVED) || part.endsWith(CONTINUED)) {
    throw new SuspiciousNameError(
      `'${part}' cannot be a name on disk: what begins with ${RESERVED} or ends with ${CONTINUED} is kept for the storage`,
    );
  }
  if (part.length * 3 <= MOST_BYTES) return [part]; // no UTF-16 unit takes more than 3 bytes
  const names = [""];
  let room = MOST_BYTES - CONTINUED.length;
  for (const character of part) {
    const length = new TextEncoder().encode(character).byteLength;
    if ((room -= length) < 0) {
      names.push("");
      room = MOST_BYTES - CONTINUED.length - length;
    }
    names[names.length - 1] += character;
  }
  if (new TextEncoder().encode(part).byteLength <= MOST_BYTES) return [part];
  return names.map((name, index) => index === names.length - 1 ? name : name + CONTINUED);
}
