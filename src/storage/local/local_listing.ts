import { compareUtf8 } from "../../kit/text/utf8_order.ts";
import { type DiskEntry, diskErrorCode } from "../../runtime/files/disk.ts";
import { type LinkProblem, pathIn } from "../../runtime/files/links.ts";
import { type LocalFolder, namesOf } from "./local_folder.ts";
import { CONTINUED, isOwn, isReserved, RESERVED } from "./local_names.ts";

/** A file below the folder, by its key. */
export interface LocalFile {
  readonly key: string;
  readonly path: string;
}

/** Called for each link that a listing omits, and for each file or folder with a reserved name. */
export type OnOmitted = (key: string, reason: LinkProblem | "name") => void;

/** A folder that is being listed. */
interface ListedFolder {
  readonly path: string;
  readonly prefix: string;
  /** Its path and those of its parent folders: real paths, if links are followed. */
  readonly trail: readonly string[];
}

/** Lists the files of a folder on disk. */
export class LocalListing {
  readonly #folder: LocalFolder;
  readonly #onOmitted: OnOmitted;

  /**
   * @param onOmitted Called for links that are not followed, and for foreign files with reserved names; not for links to a
   * parent folder, which are skipped.
   */
  constructor(folder: LocalFolder, onOmitted: OnOmitted) {
    this.#folder = folder;
    this.#onOmitted = onOmitted;
  }

  /**
   * Lists the files whose keys begin with the prefix, in the order of S3.
   *
   * @param recursive If false, folders that contain files are listed instead of their files; their keys end in a slash.
   */
  async *list(prefix: string, recursive: boolean): AsyncGenerator<LocalFile> {
    // Real paths are needed to find circular links.
    const path = this.#folder.followLinks === "never"
      ? this.#folder.path
      : await this.#folder.disk.realpath(this.#folder.path).catch(() => this.#folder.path);
    const start = await this.#enter({ path, prefix: "", trail: [path] }, prefix);
    if (start !== undefined) yield* this.#walk(start, recursive);
  }

  /** The folder of a prefix; `undefined` if it does not exist, or a link in its path is not followed. */
  async #enter(root: ListedFolder, prefix: string): Promise<ListedFolder | undefined> {
    const names = namesOf(prefix.slice(0, -1));
    let { path, trail } = root;
    for (const [index, name] of (prefix === "" ? [] : names).entries()) {
      path = pathIn(path, name);
      let stats = await this.#folder.lstat(path);
      if (stats?.isSymbolicLink()) {
        const end = await this.#folder.follow(path, this.#folder.followLinks, index >= this.#folder.locationDepth);
        if ("problem" in end) return void this.#onOmitted(prefix.slice(0, -1), end.problem);
        path = end.path;
        stats = await this.#folder.lstat(path);
      }
      if (!stats?.isDirectory()) return undefined;
      if (index === 0) await this.#folder.refuseAlias(prefix, name);
      trail = [...trail, path];
    }
    return { path, prefix, trail };
  }

  async *#walk(folder: ListedFolder, recursive: boolean): AsyncGenerator<LocalFile> {
    const silent = new LocalListing(this.#folder, () => {}); // to find out whether a folder has files
    const found = await this.#entries(folder, folder.prefix);
    for (const entry of found.sort((one, other) => compareUtf8(one.key, other.key))) {
      if (!entry.key.endsWith("/")) {
        yield entry;
        continue;
      }
      const below = { path: entry.path, prefix: entry.key, trail: [...folder.trail, entry.path] };
      if (recursive) yield* this.#walk(below, true);
      else if (!(await silent.#walk(below, true).next()).done) yield entry;
    }
  }

  /** The entries of a folder: keys of folders end in a slash. */
  async #entries(
    folder: ListedFolder,
    prefix: string,
    isContinued = false,
  ): Promise<LocalFile[]> {
    const entries: LocalFile[] = [];
    for (const entry of await this.#readdir(folder.path)) {
      const { name } = entry;
      const [key, path] = [prefix + name, pathIn(folder.path, name)];
      if (entry.isDirectory() && name.endsWith(CONTINUED) && (isContinued || !name.startsWith(RESERVED))) {
        entries.push(...await this.#entries({ ...folder, path }, key.slice(0, -CONTINUED.length), true));
      } else if (isReserved(key.slice(key.lastIndexOf("/") + 1))) {
        if (!isOwn(name)) this.#onOmitted(key, "name");
      } else if (entry.isFile()) entries.push({ key, path });
      else if (entry.isDirectory()) {
        // Runtimes replace bytes that are not UTF-8 by this character: no path leads to such a folder.
        const isLost = name.includes("\ufffd") && await this.#folder.lstat(path) === undefined;
        if (isLost) this.#onOmitted(key, "name");
        else if (prefix !== "" || !await this.#folder.isAlias(name)) entries.push({ key: `${key}/`, path });
      } else if (entry.isSymbolicLink()) {
        const end = await this.#linked(path, folder.trail);
        if (end === undefined) continue;
        if ("problem" in end) this.#onOmitted(key, end.problem);
        else entries.push({ key: end.isFolder ? `${key}/` : key, path: end.path });
      }
    }
    return entries;
  }

  /** The target of a link; `undefined` if it is neither a file nor a folder, or a folder that contains the link. */
  async #linked(
    path: string,
    trail: readonly string[],
  ): Promise<{ path: string; isFolder: boolean } | { problem: LinkProblem } | undefined> {
    const end = await this.#folder.follow(path, this.#folder.followLinks, true);
    if ("problem" in end) return end;
    const stats = await this.#folder.lstat(end.path);
    if (stats?.isFile()) return { ...end, isFolder: false };
    return stats?.isDirectory() && !trail.includes(end.path) ? { ...end, isFolder: true } : undefined;
  }

  async #readdir(path: string): Promise<DiskEntry[]> {
    try {
      return await this.#folder.disk.readdir(path, { withFileTypes: true });
    } catch (error) {
      if (/^(ENOENT|ENOTDIR)$/.test(diskErrorCode(error) ?? "")) return []; // deleted meanwhile
      throw error;
    }
  }
}
