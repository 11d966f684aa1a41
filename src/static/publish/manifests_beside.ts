import { ConfigurationError, isStorageError } from "../../errors.ts";
import type { Storage } from "../../storage/storage.ts";
import { peek } from "../../kit/bytes/peek.ts";
import { readLimited } from "../../kit/bytes/read_limited.ts";
import { type Manifest, manifestTooLarge, MAX_MANIFEST_BYTES, parseManifest } from "../manifest.ts";

/** The start of a manifest of this module or Django: a file that is too large and starts otherwise is not a manifest. */
const MANIFEST_START = /^\s*\{\s*"(paths|version|hash)"\s*:/;

/** Bytes that `MANIFEST_START` needs. */
const START_BYTES = 64;

/** A file that may be a manifest. */
interface Listed {
  readonly name: string;
  /** Stored size in bytes, which may be compressed. */
  readonly size: number;
}

/**
 * Reads the other manifests in a manifest's folder: those of other sites, or of other releases of the same site, in the same
 * storage.
 *
 * @param manifestName The own manifest; only files with the same extension are read.
 * @param listed The files of the storage, if already listed.
 * @param isOther Whether a file may be the manifest of another site.
 */
export async function* manifestsBeside(
  storage: Storage,
  manifestName: string,
  listed: Iterable<Listed> | undefined,
  isOther: (name: string) => boolean,
  signal: AbortSignal,
): AsyncGenerator<Manifest & { readonly name: string }> {
  const folder = manifestName.slice(0, manifestName.lastIndexOf("/") + 1);
  const extension = /\.[^./]+$/.exec(manifestName)?.[0] ?? ".json";
  for await (const { name, size } of listed ?? filesIn(storage, folder, signal)) {
    const isBeside = name.startsWith(folder) && !name.includes("/", folder.length) && name.endsWith(extension);
    if (!isBeside || !isOther(name)) continue;
    const manifest = await readManifest(storage, { name, size }, signal);
    if (manifest !== undefined) yield { name, ...manifest };
  }
}

async function* filesIn(storage: Storage, folder: string, signal: AbortSignal): AsyncGenerator<Listed> {
  for await (const entry of storage.list(folder, { signal })) if (entry.kind === "file") yield entry;
}

/**
 * Reads a manifest.
 *
 * @returns The manifest; `undefined` if the file is not a manifest, or does not exist.
 * @throws {NotSupportedError} If it is larger than 64 MiB, decompressed: the files that it names would be unknown.
 */
async function readManifest(
  storage: Storage,
  { name, size }: Listed,
  signal: AbortSignal,
): Promise<Manifest | undefined> {
  try {
    const file = await storage.open(name, "rb", { signal, decompress: true });
    const { head, stream } = await peek(file.readable, START_BYTES);
    const isManifest = MANIFEST_START.test(new TextDecoder().decode(head));
    // Other JSON files, such as a site's data, may have any size.
    const tooLarge = (): Error =>
      isManifest ? manifestTooLarge(name) : new ConfigurationError(`'${name}' is not a manifest`);
    if (size > MAX_MANIFEST_BYTES) {
      await stream.cancel();
      throw tooLarge();
    }
    return await parseManifest(await readLimited(stream, MAX_MANIFEST_BYTES, tooLarge), name);
  } catch (error) {
    if (isStorageError(error, "NotFound") || isStorageError(error, "Configuration")) return undefined;
    throw error;
  }
}

/** All names in a manifest: of files, and of their hashed copies. */
export function* namesOf({ paths }: Manifest): Generator<string> {
  for (const pair of paths) yield* pair;
}
