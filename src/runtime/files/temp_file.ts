import { ConfigurationError } from "../../errors.ts";
import { readEnvironment } from "../environment.ts";
import { isPermitted } from "../permission.ts";
import { PieceBlob } from "../transport/fetch_body.ts";
import { type FileHandle, findFsPromises } from "./node_fs.ts";

/** Where temporary files are made: where Django's setting of that name says, else where the system's are. */
function tempFolder(): string {
  for (const name of ["FILE_UPLOAD_TEMP_DIR", "TMPDIR", "TMP", "TEMP"]) {
    const folder = readEnvironment(name);
    if (folder !== undefined) return folder;
  }
  return "/tmp";
}

/** Whether the runtime has a disk: Deno, Bun and Node do, an edge does not. */
export function hasTempFiles(): boolean {
  return findFsPromises() !== undefined;
}

/**
 * Looks whether temporary files may be made. Never asks a person for a permission.
 *
 * @param setting Who wants them.
 * @throws {ConfigurationError} If they may not.
 */
export function checkTempFiles(setting: string): void {
  if (!hasTempFiles()) return;
  const path = tempFolder();
  if (isPermitted({ name: "read", path }) && isPermitted({ name: "write", path })) return;
  throw new ConfigurationError(
    `${setting} needs temporary files, which are not permitted in ${path}: run with --allow-read=${path} ` +
      `--allow-write=${path}, set FILE_UPLOAD_TEMP_DIR to a folder that is, or set ${setting} to 0`,
  );
}

/**
 * Closes what nobody can close any more. It also keeps the handle itself from being collected as garbage, by which Bun,
 * and later versions of Node, throw an error that nobody can catch.
 */
let abandoned: FinalizationRegistry<FileHandle> | undefined;

/**
 * A file to put bytes aside in. It has no name, so that nothing is left of it once it is closed or the process ends,
 * however that ends.
 */
export class TempFile {
  readonly #handle: FileHandle;
  #size = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
    abandoned ??= new FinalizationRegistry((left) => void left.close().catch(() => {}));
    abandoned.register(this, handle, this);
  }

  /** @throws {ConfigurationError} If it cannot be made. */
  static async create(): Promise<TempFile> {
    const folder = tempFolder();
    const path = `${folder}/storages-${crypto.randomUUID()}`;
    const { open, unlink } = findFsPromises()!;
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, "wx+", 0o600);
      await unlink(path);
      return new TempFile(handle);
    } catch (cause) {
      await handle?.close();
      if (handle !== undefined) await unlink(path).catch(() => {});
      throw new ConfigurationError(`Cannot make a temporary file in ${folder}: ${(cause as Error).message}`, { cause });
    }
  }

  /** Bytes. */
  get size(): number {
    return this.#size;
  }

  /** Writes bytes at its end: all of them, or it is as if none were. */
  async append(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.byteLength;) {
      const { length } = bytes.subarray(offset);
      offset += (await this.#handle.write(bytes, offset, length, this.#size + offset)).bytesWritten;
    }
    this.#size += bytes.byteLength;
  }

  /** Its bytes from `start` to `end`, as far as there are any. */
  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, this.#size) - start));
    for (let offset = 0; offset < bytes.byteLength;) {
      const { bytesRead } = await this.#handle.read(bytes, offset, bytes.byteLength - offset, start + offset);
      if (bytesRead === 0) throw new Error("A temporary file was cut");
      offset += bytesRead;
    }
    return bytes;
  }

  /** What `fetch` makes a body of, as often as it must be sent; until the file is closed. */
  blob(): Blob {
    return new PieceBlob(this.size, (start, end) => this.read(start, end));
  }

  /** Frees its room. */
  async close(): Promise<void> {
    abandoned?.unregister(this);
    await this.#handle.close();
  }
}
