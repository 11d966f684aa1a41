import { ConfigurationError } from "../../errors.ts";
import { readEnvironment } from "../environment.ts";
import { isPermitted } from "../permission.ts";
import { PieceBlob } from "../transport/fetch_body.ts";
import { type FileHandle, findFsPromises } from "./node_fs.ts";

/** The folder for temporary files: that of Django's setting of this name, else the system's. */
function tempFolder(): string {
  for (const name of ["FILE_UPLOAD_TEMP_DIR", "TMPDIR", "TMP", "TEMP"]) {
    const folder = readEnvironment(name);
    if (folder !== undefined) return folder;
  }
  return "/tmp";
}

/** Whether the runtime has a disk: Deno, Bun and Node do, edge runtimes do not. */
export function hasTempFiles(): boolean {
  return findFsPromises() !== undefined;
}

/**
 * Checks the permission to create temporary files. No permission prompt appears.
 *
 * @param setting The name of the setting that needs them.
 * @throws {ConfigurationError} If the permission is missing.
 */
export function checkTempFiles(setting: string): void {
  if (!hasTempFiles()) return;
  const path = tempFolder();
  if (isPermitted({ name: "read", path }) && isPermitted({ name: "write", path })) return;
  throw new ConfigurationError(
    `Cannot create temporary files in '${path}' for ${setting}: run with --allow-read=${path} --allow-write=${path}, ` +
      `set FILE_UPLOAD_TEMP_DIR to a permitted folder, or set ${setting} to 0`,
  );
}

/**
 * Closes the handles of files that were garbage-collected. It also keeps the handle itself from being collected, for which
 * Bun and later versions of Node throw an error that cannot be caught.
 */
let abandoned: FinalizationRegistry<FileHandle> | undefined;

/**
 * A temporary file. It has no name, so nothing of it remains once it is closed or the process ends, however it ends.
 */
export class TempFile {
  readonly #handle: FileHandle;
  #size = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
    abandoned ??= new FinalizationRegistry((left) => void left.close().catch(() => {}));
    abandoned.register(this, handle, this);
  }

  /** @throws {ConfigurationError} If the file cannot be created. */
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
      throw new ConfigurationError(`Cannot create a temporary file in ${folder}: ${(cause as Error).message}`, {
        cause,
      });
    }
  }

  /** In bytes. */
  get size(): number {
    return this.#size;
  }

  /** Appends bytes. After a failure the size is unchanged, and the next call overwrites what was written. */
  async append(bytes: Uint8Array): Promise<void> {
    for (let offset = 0; offset < bytes.byteLength;) {
      const { length } = bytes.subarray(offset);
      offset += (await this.#handle.write(bytes, offset, length, this.#size + offset)).bytesWritten;
    }
    this.#size += bytes.byteLength;
  }

  /** Reads the bytes from `start` to `end`, or to the end of the file. */
  async read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(Math.max(0, Math.min(end, this.#size) - start));
    for (let offset = 0; offset < bytes.byteLength;) {
      const { bytesRead } = await this.#handle.read(bytes, offset, bytes.byteLength - offset, start + offset);
      if (bytesRead === 0) throw new Error("A temporary file was truncated");
      offset += bytesRead;
    }
    return bytes;
  }

  /** The content as a body for `fetch`, which may be sent several times until the file is closed. */
  blob(): Blob {
    return new PieceBlob(this.size, (start, end) => this.read(start, end));
  }

  /** Closes the file, which frees its space. */
  async close(): Promise<void> {
    abandoned?.unregister(this);
    await this.#handle.close();
  }
}
