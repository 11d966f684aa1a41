import { NotSupportedError, SuspiciousNameError } from "../../errors.ts";
import { asBytes, type Bytes } from "../../kit/bytes/bytes.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { readLimited } from "../../kit/bytes/read_limited.ts";
import { Folder, type WalkOptions } from "../../runtime/files/folder.ts";
import type { FollowLinks } from "../../runtime/files/links.ts";
import { checkFileName, cleanName, isName, resolveKey } from "../../storage/contract/names.ts";

/**
 * A file of a {@linkcode StaticSource}.
 *
 * @example
 * ```ts
 * import { collect, type StaticFile } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * async function* pages(): AsyncGenerator<StaticFile> {
 *   const content = new Blob(["<h1>Hello</h1>"]);
 *   yield { name: "index.html", size: content.size, stream: () => content.stream() };
 * }
 * const storage = new MemoryStorage();
 * await collect(storage, { from: [pages()] });
 * assertEquals(await storage.readText("index.html"), "<h1>Hello</h1>");
 * ```
 */
export interface StaticFile {
  /** The name to store it under: a path with forward slashes. */
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
  /** Opens its bytes from the start. Called several times: to hash, to rewrite, and to upload a large file. */
  readonly stream: () => ReadableStream<Uint8Array> | Promise<ReadableStream<Uint8Array>>;
  /** Reads all bytes in one step, if that is faster than a stream. Called for small files only. */
  readonly bytes?: (() => Promise<Uint8Array>) | undefined;
}

/**
 * A source of files for {@linkcode collect}, such as a build step that generates them. It is read once.
 *
 * @example
 * ```ts
 * import { collect, type StaticSource } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const built = new Blob(["built"]);
 * const source: StaticSource = ReadableStream.from([{ name: "a.js", size: built.size, stream: () => built.stream() }]);
 * assertEquals((await collect(new MemoryStorage(), { from: source })).copied, 1);
 * ```
 */
export type StaticSource = AsyncIterable<StaticFile>;

/** The most bytes of a file that is read into memory, such as a style sheet: 32 MiB. */
const MAX_WHOLE_BYTES = 32 * 1024 * 1024;

/** A file of a folder. It keeps only its name and size, since a folder may have very many files. */
class FolderFile implements StaticFile {
  constructor(readonly folder: Folder, readonly name: string, readonly size: number) {}

  stream(): Promise<ReadableStream<Uint8Array>> {
    return this.folder.openBytes(this.name);
  }

  bytes(): Promise<Uint8Array> {
    return this.folder.readBytes(this, MAX_WHOLE_BYTES, () => tooLarge(this));
  }
}

/**
 * The option `from` as an array.
 *
 * @throws {TypeError} If a source is neither a folder's path nor an async iterable.
 */
export function sourcesOf(from: string | StaticSource | readonly (string | StaticSource)[]): (string | StaticSource)[] {
  const sources = [from].flat() as (string | StaticSource)[];
  for (const source of sources) {
    if (typeof source === "string" || typeof source?.[Symbol.asyncIterator] === "function") continue;
    throw new TypeError(
      `Cannot collect: from must be folder paths or async iterables of files, got ${formatValue(source)}`,
    );
  }
  return sources;
}

/** The files of a folder on disk. */
export async function* folderSource(
  path: string,
  followLinks: FollowLinks,
  options: WalkOptions,
): AsyncGenerator<StaticFile> {
  const folder = new Folder(path, followLinks);
  for await (const { name, size } of folder.walk(options)) yield new FolderFile(folder, name, size);
}

/**
 * Checks that a storage keeps a file under exactly this name. Under another one, the next run would not find it.
 *
 * @param longest The longest name that the file is stored under.
 * @throws {SuspiciousNameError} If the storage would change or refuse the name.
 */
export function checkStaticName(name: string, longest: string, location: string): void {
  checkFileName(name);
  resolveKey(location, longest);
  if (isName(name)) return;
  throw new SuspiciousNameError(
    `Cannot collect ${JSON.stringify(name)}: it would be stored as "${cleanName(name)}". Rename or ignore it`,
  );
}

/**
 * Reads a file into memory.
 *
 * @throws {NotSupportedError} If it is larger than 32 MiB.
 */
export async function bytesOf(file: StaticFile): Promise<Bytes> {
  if (file.size > MAX_WHOLE_BYTES) throw tooLarge(file);
  if (file.bytes !== undefined) return asBytes(await file.bytes());
  return await readLimited(await file.stream(), MAX_WHOLE_BYTES, () => tooLarge(file));
}

function tooLarge({ name }: StaticFile): NotSupportedError {
  return new NotSupportedError(
    `Cannot read '${name}' into memory to find its references: it has more than ${MAX_WHOLE_BYTES} bytes (32 MiB). ` +
      "Ignore it, and save it separately",
    { key: name },
  );
}
