import { NotSupportedError, SuspiciousNameError } from "../../errors.ts";
import { type Disk, diskErrorCode, type DiskStats } from "../../runtime/files/disk.ts";
import { type FollowLinks, isInside, isMissingPath, type LinkProblem } from "../../runtime/files/links.ts";
import { diskNames, isReserved, mayBeAlias, RESERVED } from "./local_names.ts";

/** A file that exists. Its path has no links below the storage's folder. */
export interface FoundFile {
  readonly stats: DiskStats;
  readonly path: string;
}

/** A folder on disk whose files have keys. No key escapes it by dots or links, or reaches the private folder by an alias. */
export class LocalFolder {
  /** The path of the folder. */
  readonly path: string;
  readonly disk: Disk;
  readonly followLinks: FollowLinks;
  readonly #location: string;

  /**
   * @param followLinks Which links are followed to read. Nothing is ever written or deleted through a link.
   * @param location The prefix of all keys: empty, or with a trailing slash. A link below the location whose target is
   * outside of it is not "inside".
   */
  constructor(path: string, disk: Disk, followLinks: FollowLinks, location = "") {
    this.path = path;
    this.disk = disk;
    this.followLinks = followLinks;
    this.#location = location;
  }

  /**
   * The path of a key on disk.
   *
   * @throws {SuspiciousNameError} If a segment of the key is a reserved name.
   */
  pathOf(key: string): string {
    return [this.path, ...namesOf(key)].join("/");
  }

  /**
   * The stats of a key's file, for writers; `undefined` if the file does not exist.
   *
   * @throws {SuspiciousNameError} If the path contains a link, or leads into the private folder.
   */
  async stat(key: string): Promise<DiskStats | undefined> {
    return (await this.#locate(key, "never"))?.stats;
  }

  /**
   * Finds a key's file, for readers: links are followed as configured.
   *
   * @throws {SuspiciousNameError} If the path contains a link that is not followed, or leads into the private folder.
   */
  async find(key: string): Promise<FoundFile | undefined> {
    return await this.#locate(key, this.followLinks);
  }

  async #locate(key: string, followLinks: FollowLinks): Promise<FoundFile | undefined> {
    const names = namesOf(key);
    let path = this.path;
    for (const [index, name] of names.entries()) {
      path += `/${name}`;
      let stats = await this.lstat(path);
      if (stats?.isSymbolicLink()) {
        const end = await this.follow(path, followLinks, index >= this.locationDepth);
        if ("problem" in end) {
          if (end.problem === "dangling") return undefined;
          throw notRegular(key, path);
        }
        path = end.path;
        stats = await this.lstat(path);
      }
      if (stats === undefined) return undefined;
      if (index === 0 && stats.isDirectory()) await this.refuseAlias(key, name);
      const isLast = index === names.length - 1;
      if (stats.isFile()) return isLast ? { stats, path } : undefined;
      if (!stats.isDirectory()) throw notRegular(key, path);
    }
    return undefined;
  }

  /** The number of names that the location has on disk: links of these may lead out of it. */
  get locationDepth(): number {
    return this.#locationNames.length;
  }

  get #locationNames(): string[] {
    return this.#location === "" ? [] : namesOf(this.#location.slice(0, -1));
  }

  /** The target of a link, or the reason why it is not followed. */
  async follow(
    path: string,
    followLinks: FollowLinks,
    isBelowLocation: boolean,
  ): Promise<{ path: string } | { problem: LinkProblem }> {
    if (followLinks === "never") return { problem: "link" };
    try {
      const [root, real] = await Promise.all([this.disk.realpath(this.path), this.disk.realpath(path)]);
      if (!isInside(root, real)) return followLinks === "anywhere" ? { path: real } : { problem: "outside" };
      if (followLinks === "inside" && isBelowLocation && this.#location !== "") {
        const location = await this.disk.realpath([this.path, ...this.#locationNames].join("/"));
        if (!isInside(location, real)) return { problem: "outside" };
      }
      const [first = ""] = real.slice(root.length).split(/[/\\]/).filter(Boolean);
      if (first !== "" && (isReserved(first) || await this.isAlias(first))) return { problem: "outside" };
      return { path: real };
    } catch (error) {
      if (isMissingPath(error)) return { problem: "dangling" };
      throw error;
    }
  }

  /** Whether a name in the folder is an alias of the private folder, which only the disk can tell. */
  async isAlias(name: string): Promise<boolean> {
    if (!mayBeAlias(name)) return false;
    const [other, own] = await Promise.all([this.lstat(`${this.path}/${name}`), this.lstat(this.#private)]);
    return own !== undefined && other?.ino === own.ino && own.ino !== 0n && other.dev === own.dev;
  }

  async refuseAlias(key: string, name: string): Promise<void> {
    if (await this.isAlias(name)) throw reserved(key, name);
  }

  get #private(): string {
    return `${this.path}/${RESERVED}`;
  }

  async lstat(path: string): Promise<DiskStats | undefined> {
    try {
      return await this.disk.lstat(path, { bigint: true });
    } catch (error) {
      if (/^(ENOENT|ENOTDIR)$/.test(diskErrorCode(error) ?? "")) return undefined;
      throw error;
    }
  }

  /**
   * Puts a finished file at the path of its key, atomically. Creates missing folders. Call `stat` before.
   *
   * @param put Moves or links the file to a path.
   * @throws {NotSupportedError} If a file exists where a folder is needed, or the other way round.
   */
  async place(key: string, put: (path: string) => Promise<void>): Promise<void> {
    const path = this.pathOf(key);
    try {
      for (let attempt = 1;; attempt++) {
        try {
          await this.#makeFolder(key, path.slice(0, path.lastIndexOf("/")));
          return await put(path);
        } catch (error) {
          // Another process may have deleted the last file of the folder meanwhile, and the folder with it.
          if (diskErrorCode(error) !== "ENOENT" || attempt === MAX_ATTEMPTS) throw error;
        }
      }
    } catch (cause) {
      const code = diskErrorCode(cause) ?? "";
      if (code !== "ENOTDIR" && code !== "EISDIR" && !(code === "EEXIST" && await this.stat(key) === undefined)) {
        throw cause;
      }
      throw new NotSupportedError(
        `Cannot store '${key}': on a disk, unlike on S3, a name cannot be both a file and a folder`,
        { key, cause },
      );
    }
  }

  /** @throws {SuspiciousNameError} If the path now contains a link, or leads into the private folder. */
  async #makeFolder(key: string, path: string): Promise<void> {
    await this.disk.mkdir(path, { recursive: true });
    const [first, ...rest] = namesOf(key) as [string, ...string[]];
    // A folder created under an alias of the private folder would become the private folder.
    if (rest.length > 0 && await this.isAlias(first)) {
      await this.prune(key);
      throw reserved(key, first);
    }
    await this.stat(key);
  }

  /** Deletes the parent folders of a key as far as they are empty: S3 has no empty folders. */
  async prune(key: string): Promise<void> {
    const path = this.pathOf(key);
    for (let at = path; (at = at.slice(0, at.lastIndexOf("/"))).length > this.path.length;) {
      try {
        await this.disk.rmdir(at);
      } catch {
        return; // it is not empty, or was deleted
      }
    }
  }
}

/** Attempts to create a folder that other processes keep deleting. */
const MAX_ATTEMPTS = 20;

/** The names on disk of a key's segments. */
export function namesOf(key: string): string[] {
  return key.split("/").flatMap(diskNames);
}

function reserved(key: string, name: string): SuspiciousNameError {
  return new SuspiciousNameError(
    `Attempted access to '${key}' denied: on this disk '${name}' is an alias of '${RESERVED}', which is reserved`,
    { key },
  );
}

function notRegular(key: string, path: string): SuspiciousNameError {
  return new SuspiciousNameError(
    `Attempted access to '${key}' denied: ${path} is a link or not a regular file`,
    { key },
  );
}
