import { IntegrityError, SuspiciousNameError } from "../../errors.ts";
import { changesOf, type Disk, diskErrorCode, type DiskStats, readDiskFile } from "../../runtime/files/disk.ts";
import { keepPermissions, type Permissions } from "../../runtime/files/keep_permissions.ts";
import { encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { type FirstBytes, PEEKED_BYTES, withUtf8 } from "../content/charset.ts";
import { fileTypes } from "../content/lazy.ts";
import type { Suggestion } from "../content/file_type.ts";
import type { Description } from "../contract/attributes.ts";
import type { FoundFile } from "./local_folder.ts";
import { identityOf } from "./local_identity.ts";
import { RESERVED } from "./local_names.ts";

/** The most bytes of attributes; on S3 metadata has at most 2 KiB. */
const MAX_BYTES = 1024 * 1024;

/**
 * The attributes of a folder's files, which a disk cannot store: each in a small file, unless they are those that the name
 * and the first bytes suggest.
 *
 * Such a file is named after the content that it describes, and written before the content gets its name, so that no file
 * ever has the attributes of another.
 */
export class LocalAttributes {
  readonly #folder: string;
  readonly #disk: Disk;

  constructor(folder: string, disk: Disk) {
    this.#folder = `${folder}/${RESERVED}`;
    this.#disk = disk;
  }

  /**
   * Reads the attributes of a key's file.
   *
   * @throws {IntegrityError} If they are damaged, or longer than 1 MiB.
   */
  async read(key: string, found: FoundFile): Promise<Description> {
    const path = this.#pathOf(found.stats);
    const failure = (what: string, cause?: unknown): IntegrityError =>
      new IntegrityError(`Cannot read the attributes of '${key}': ${path} ${what}`, { key, cause });
    try {
      const tooLarge = (): Error => failure(`has more than ${MAX_BYTES} bytes`);
      return JSON.parse(new TextDecoder().decode(await readDiskFile(this.#disk, path, MAX_BYTES, tooLarge)));
    } catch (error) {
      if (error instanceof SyntaxError) throw failure("is not JSON", error);
      if (diskErrorCode(error) !== "ENOENT") throw error;
      return await this.suggested(key, found);
    }
  }

  /** The attributes of a file for which none are kept. */
  async suggested(key: string, found: FoundFile): Promise<Description> {
    return { ...UNDESCRIBED, ...await this.#suggest(key, found) };
  }

  /** Whether the name of a file decides alone, as no file of the folder has ever had attributes: their folder is not deleted. */
  async areByName(key: string): Promise<boolean> {
    if ((await fileTypes()).dependsOnBytes(key)) return false;
    try {
      await this.#disk.lstat(this.#folder, { bigint: true });
      return false;
    } catch (error) {
      return diskErrorCode(error) === "ENOENT";
    }
  }

  /**
   * Writes the attributes of a file that is about to get its name, with the permissions of the file.
   *
   * @param isFallback Whether the name suggested the type, perhaps before the bytes were known.
   * @returns Whether anything was written: nothing is if the file suggests all of them.
   * @throws {RangeError} If they have more than 1 MiB.
   */
  async write(key: string, file: FoundFile, description: Description, isFallback: boolean): Promise<boolean> {
    const { stats } = file;
    const isPlain = Object.keys(description.metadata).length === 0 && REST.every((name) => !description[name]);
    const suggested = await this.#suggest(key, file);
    const isSuggested = description.contentType === suggested.contentType ||
      isFallback && withUtf8(description.contentType ?? "") === suggested.contentType;
    if (isPlain && isSuggested && description.contentEncoding === suggested.contentEncoding) return false;
    const text = JSON.stringify(isSuggested ? { ...description, contentType: suggested.contentType } : description);
    if (text.length * 3 > MAX_BYTES && encodeUtf8(text).byteLength > MAX_BYTES) {
      throw new RangeError(`Cannot store '${key}': its attributes have more than ${MAX_BYTES} bytes`);
    }
    await this.#disk.mkdir(this.#folder, { recursive: true });
    if (!(await this.#disk.lstat(this.#folder, { bigint: true })).isDirectory()) {
      throw new SuspiciousNameError(`Cannot store the attributes of '${key}': ${this.#folder} is a link`, { key });
    }
    await this.#disk.writeFile(this.#pathOf(stats), text, { flag: "wx", mode: attributesMode(stats) });
    return true;
  }

  /** Gives the attributes of a file the permissions that the file gets. */
  async permit(stats: DiskStats, wanted: Permissions): Promise<void> {
    const path = this.#pathOf(stats);
    const own = await this.#disk.lstat(path, { bigint: true });
    await keepPermissions(own, { ...wanted, mode: attributesMode(wanted) }, changesOf(this.#disk, path, own));
  }

  /** Deletes the attributes of a file that was deleted or replaced. */
  async remove(stats: DiskStats): Promise<void> {
    await this.#disk.rm(this.#pathOf(stats), { force: true });
  }

  /** Whether the media type of a file is the one that its name and its first bytes suggest, with its encoding. */
  async isGuessed(key: string, file: FoundFile, { contentType, contentEncoding = "" }: Description): Promise<boolean> {
    return contentType === (await this.#suggest(key, file, contentEncoding)).contentType;
  }

  /** What the name and the first bytes suggest. */
  async #suggest(key: string, { path, stats: { size } }: FoundFile, encoding?: string): Promise<Suggestion> {
    const { dependsOnBytes, suggest } = await fileTypes();
    return suggest(key, dependsOnBytes(key) ? await this.#firstBytes(path, Number(size)) : undefined, encoding);
  }

  /** The first bytes; `undefined` if the file may not be read, which those who only look at it need not. */
  async #firstBytes(path: string, size: number): Promise<FirstBytes | undefined> {
    try {
      const handle = await this.#disk.open(path, "r");
      try {
        const bytes = new Uint8Array(Math.min(size, PEEKED_BYTES));
        const { bytesRead } = await handle.read(bytes, 0, bytes.byteLength, 0);
        return { bytes: bytes.subarray(0, bytesRead), isWhole: bytesRead === size };
      } finally {
        await handle.close();
      }
    } catch {
      return undefined;
    }
  }

  #pathOf(stats: DiskStats): string {
    return `${this.#folder}/${identityOf(stats)}.json`;
  }
}

/** The file's permissions without those to execute it. */
function attributesMode({ mode }: Pick<Permissions, "mode">): number {
  return Number(mode) & 0o666;
}

const REST = ["cacheControl", "contentDisposition", "contentLanguage"] as const;

const UNDESCRIBED: Omit<Description, "contentType" | "contentEncoding"> = {
  cacheControl: undefined,
  contentDisposition: undefined,
  contentLanguage: undefined,
  metadata: {},
};
