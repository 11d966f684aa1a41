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

interface NodeFsPromises {
  readdir(path: string): Promise<string[]>;
  stat(path: string): Promise<Stats>;
  realpath(path: string): Promise<string>;
  readFile(path: string): Promise<Uint8Array<ArrayBuffer>>;
  open(path: string): Promise<FileHandle>;
}

/** A file below a folder. */
export interface FolderFile {
  /** Its path below the folder, with forward slashes. */
  readonly name: string;
  /** Where it is on disk. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
}

/** What is read of a file at once. */
const PIECE_BYTES = 256 * 1024;

function nodeFs(): NodeFsPromises {
  const fs = builtin<NodeFsPromises>("node:fs/promises");
  if (fs === undefined) throw new ConfigurationError("There are no folders here: only Deno, Bun and Node have them");
  return fs;
}

/**
 * All files in a folder and those below, each folder's in order of their names. Links are followed, but not in circles.
 *
 * @param folder The path of the folder.
 * @param skips Whether a file or a folder is left out, by its name below the folder.
 * @throws {ConfigurationError} If there is no such folder, it may not be read, or the runtime has none.
 */
export async function* walkFolder(folder: string, skips: (name: string) => boolean): AsyncGenerator<FolderFile> {
  const fs = nodeFs();
  if (!isPermitted({ name: "read", path: folder })) {
    throw new ConfigurationError(`The folder ${folder} may not be read: run with --allow-read=${folder}`);
  }
  const isFolder = await fs.stat(folder).then((stats) => stats.isDirectory(), () => false);
  if (!isFolder) throw new ConfigurationError(`There is no folder ${folder}`);
  yield* walk(fs, folder.replace(/(?<=.)[/\\]+$/, ""), "", [await fs.realpath(folder)], skips);
}

async function* walk(
  fs: NodeFsPromises,
  folder: string,
  prefix: string,
  trail: readonly string[],
  skips: (name: string) => boolean,
): AsyncGenerator<FolderFile> {
  const names = (await fs.readdir(folder)).filter((name) => !skips(prefix + name)).sort();
  const found = await Promise.all(names.map(async (name) => {
    const path = `${folder}/${name}`;
    try {
      return { name: prefix + name, path, stats: await fs.stat(path) };
    } catch (error) {
      // A link to nothing is no file, nor is what was removed meanwhile.
      if ((error as { code?: string }).code === "ENOENT") return undefined;
      throw error;
    }
  }));
  for (const entry of found) {
    if (entry?.stats.isFile()) yield { name: entry.name, path: entry.path, size: entry.stats.size };
    if (!entry?.stats.isDirectory()) continue;
    const real = await fs.realpath(entry.path);
    if (!trail.includes(real)) yield* walk(fs, entry.path, `${entry.name}/`, [...trail, real], skips);
  }
}

/** All bytes of a file. */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  return await nodeFs().readFile(path);
}

/** A file's bytes as they are read; the file is closed at their end, or when they are cancelled. */
export async function openBytes(path: string): Promise<ReadableStream<Uint8Array>> {
  const handle = await nodeFs().open(path);
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
