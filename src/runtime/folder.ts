import { ConfigurationError } from "../errors.ts";
import { builtin } from "./builtin.ts";
import { isPermitted } from "./permission.ts";

interface Stats {
  readonly size: number;
  isFile(): boolean;
  isDirectory(): boolean;
}

interface FileHandle {
  read(bytes: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  close(): Promise<void>;
}

interface NodeFs {
  readdirSync(path: string): string[];
  realpathSync(path: string): string;
  statSync(path: string): Stats;
  readFileSync(path: string): Uint8Array<ArrayBuffer>;
  readonly promises: NodeFsPromises;
}

interface NodeFsPromises {
  readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
  open(path: string): Promise<FileHandle>;
}

/** A file below a folder. */
export interface FolderFile {
  /** Its path below the folder, with forward slashes. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** What is read of a file at once. */
const PIECE_BYTES = 256 * 1024;

/** A file of so many bytes is read at once: to wait for it would take several times as long as to read it. */
const SMALL_BYTES = 64 * 1024;

function nodeFs(): NodeFs {
  const fs = builtin<NodeFs>("node:fs");
  if (fs === undefined) throw new ConfigurationError("There are no folders here: only Deno, Bun and Node have them");
  return fs;
}

/**
 * All files in a folder and those below, each folder's in order of their names. Links are followed, but not in circles.
 *
 * @param folder The path of the folder.
 * @param skips Whether a file or a folder is left out, by its name below the folder.
 * @param onNothing Is told of names where nothing is: links that lead nowhere.
 * @throws {ConfigurationError} If there is no such folder, it may not be read, a name in it is no UTF-8, or the runtime has none.
 */
export async function* walkFolder(
  folder: string,
  skips: (name: string) => boolean,
  onNothing: (name: string) => void,
): AsyncGenerator<FolderFile> {
  const fs = nodeFs();
  if (!isPermitted({ name: "read", path: folder })) {
    throw new ConfigurationError(`The folder ${folder} may not be read: run with --allow-read=${folder}`);
  }
  if (!statsOf(fs, folder)?.isDirectory()) throw new ConfigurationError(`There is no folder ${folder}`);
  yield* walk(fs, folder.replace(/(?<=.)[/\\]+$/, ""), "", [fs.realpathSync(folder)], skips, onNothing);
}

/** Without waiting, as files are read: a folder is sooner listed than waited for. */
async function* walk(
  fs: NodeFs,
  folder: string,
  prefix: string,
  trail: readonly string[],
  skips: (name: string) => boolean,
  onNothing: (name: string) => void,
): AsyncGenerator<FolderFile> {
  for (const part of fs.readdirSync(folder).sort()) {
    const [name, path] = [prefix + part, `${folder}/${part}`];
    if (skips(name)) continue;
    const stats = statsOf(fs, path);
    // So runtimes show bytes that are no UTF-8, and then do not find the file.
    if (stats === undefined && part.includes("\ufffd")) throw new ConfigurationError(`${path}: its name is no UTF-8`);
    if (stats === undefined) onNothing(name);
    if (stats?.isFile()) yield { name, size: stats.size };
    if (!stats?.isDirectory()) continue;
    const real = fs.realpathSync(path);
    if (!trail.includes(real)) yield* walk(fs, path, `${name}/`, [...trail, real], skips, onNothing);
  }
}

/** `undefined` where there is nothing: a link may lead there, or to itself, and files are removed meanwhile. */
function statsOf(fs: NodeFs, path: string): Stats | undefined {
  try {
    return fs.statSync(path);
  } catch (error) {
    if (/^(ENOENT|ENOTDIR|ELOOP)$/.test((error as { code?: string }).code ?? "")) return undefined;
    throw error;
  }
}

/**
 * All bytes of a file.
 *
 * @param size How many there are about.
 */
export async function readBytes(path: string, size: number): Promise<Uint8Array<ArrayBuffer>> {
  const fs = nodeFs();
  return size <= SMALL_BYTES ? fs.readFileSync(path) : await fs.promises.readFile(path);
}

/** A file's bytes as they are read; the file is closed at their end, or when they are cancelled. */
export async function openBytes(path: string): Promise<ReadableStream<Uint8Array>> {
  const handle = await nodeFs().promises.open(path);
  let position = 0;
  return new ReadableStream({
    pull: async (controller) => {
      try {
        const piece = new Uint8Array(PIECE_BYTES);
        const { bytesRead } = await handle.read(piece, 0, piece.length, position);
        position += bytesRead;
        if (bytesRead > 0) return controller.enqueue(piece.subarray(0, bytesRead));
      } catch (error) {
        await handle.close();
        throw error;
      }
      await handle.close();
      controller.close();
    },
    cancel: () => handle.close(),
  }, { highWaterMark: 0 });
}
