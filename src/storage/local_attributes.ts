import { type Disk, diskErrorCode, type DiskStats } from "../runtime/disk.ts";
import { DEFAULT_CONTENT_TYPE, guessContentType } from "./content_type.ts";
import type { Description } from "./described.ts";
import { RESERVED } from "./local_folder.ts";

/**
 * What describes the files of a folder, where a disk has no room for it: one small file each, for those that are not just
 * as their names let guess.
 *
 * Such a file is called after the very content that it describes, and is there before that has its name. So there is no
 * moment in which a file has the description of another.
 */
export class LocalAttributes {
  readonly #folder: string;
  readonly #disk: Disk;

  constructor(folder: string, disk: Disk) {
    this.#folder = `${folder}/${RESERVED}`;
    this.#disk = disk;
  }

  /** How a key's file is described. */
  async read(key: string, stats: DiskStats): Promise<Description> {
    try {
      return JSON.parse(await this.#disk.readFile(this.#pathOf(stats), "utf-8"));
    } catch (error) {
      if (diskErrorCode(error) !== "ENOENT") throw error;
      return { ...GUESSED, contentType: guessContentType(key) ?? DEFAULT_CONTENT_TYPE };
    }
  }

  /** Keeps how a file is described, that is about to get its key. */
  async write(key: string, stats: DiskStats, description: Description): Promise<void> {
    const isGuessed = description.contentType === (guessContentType(key) ?? DEFAULT_CONTENT_TYPE) &&
      Object.keys(description.metadata).length === 0 &&
      [...REST].every((name) => description[name] === undefined);
    if (isGuessed) return;
    await this.#disk.mkdir(this.#folder, { recursive: true });
    await this.#disk.writeFile(this.#pathOf(stats), JSON.stringify(description), { flag: "wx" });
  }

  /** Drops what described a file that is no more. */
  async remove(stats: DiskStats): Promise<void> {
    await this.#disk.rm(this.#pathOf(stats), { force: true });
  }

  #pathOf(stats: DiskStats): string {
    return `${this.#folder}/${identityOf(stats)}.json`;
  }
}

const REST = ["contentEncoding", "cacheControl", "contentDisposition", "contentLanguage"] as const;

const GUESSED: Omit<Description, "contentType"> = {
  contentEncoding: undefined,
  cacheControl: undefined,
  contentDisposition: undefined,
  contentLanguage: undefined,
  metadata: {},
};

/** Stands for a file's content on this disk: every write makes a new file, which gets a number and a time of its own. */
export function identityOf({ ino, mtimeNs, size }: DiskStats): string {
  return [ino, mtimeNs, size].map((number) => number.toString(16)).join("-");
}
