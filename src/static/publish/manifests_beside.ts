import { ConfigurationError, isStorageError } from "../../errors.ts";
import type { Storage } from "../../storage/storage.ts";
import { peek } from "../../kit/bytes/peek.ts";
import { readLimited } from "../../kit/bytes/read_limited.ts";
import { type Manifest, manifestTooLarge, MAX_MANIFEST_BYTES, parseManifest } from "../manifest.ts";

/** How a manifest begins, ours and Django's: what is too large and begins in another way is none. */
const MANIFEST_START = /^\s*\{\s*"(paths|version|hash)"\s*:/;

/** Enough to tell. */
const START_BYTES = 64;

/** A file that may be a manifest. */
interface Listed {
  readonly name: string;
  /** As it is stored: compressed, it may be. */
  readonly size: number;
}

/**
 * Reads the other manifests in a manifest's folder: those of other sites, or of other releases of the same one, whose files
 * are in the same place.
 *
 * @param manifestName The manifest; others have its extension.
 * @param listed What is there, if that is known.
 * @param isOther Whether that file may be another's.
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
 * `undefined` where it is none, or is gone.
 *
 * @throws {NotSupportedError} If it has more than 64 MiB, decompressed: nobody knows then which files it keeps.
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
    // Other JSON may be of any size, such as a site's data.
    const tooLarge = (): Error =>
      isManifest ? manifestTooLarge(name) : new ConfigurationError(`${name} is no manifest`);
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

/** All that a manifest names: files, and their hashed copies. */
export function* namesOf({ paths }: Manifest): Generator<string> {
  for (const pair of paths) yield* pair;
}
