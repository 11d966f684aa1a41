import { isStorageError } from "../errors.ts";
import type { Storage } from "../storage/storage.ts";
import { type Manifest, parseManifest } from "./manifest.ts";
import type { Entry } from "./target.ts";

/** A larger file is no manifest: that of 100,000 files has some 10 MB. */
const MOST_BYTES = 64 * 1024 * 1024;

/**
 * Reads the other manifests in a manifest's folder: those of other sites, or of other releases of the same one, whose files
 * are in the same place.
 *
 * @param entries What is at the target.
 * @param isOther Whether that file may be another's.
 */
export async function* manifestsBeside(
  storage: Storage,
  manifestName: string,
  entries: ReadonlyMap<string, Entry>,
  isOther: (name: string) => boolean,
  signal: AbortSignal,
): AsyncGenerator<Manifest & { readonly name: string }> {
  const folder = manifestName.slice(0, manifestName.lastIndexOf("/") + 1);
  for (const [name, { size }] of entries) {
    const isBeside = name.startsWith(folder) && !name.includes("/", folder.length) && name.endsWith(".json");
    if (!isBeside || size > MOST_BYTES || !isOther(name)) continue;
    const manifest = await readManifest(storage, name, signal);
    if (manifest !== undefined) yield { name, ...manifest };
  }
}

/** `undefined` where it is none, or is gone. */
async function readManifest(storage: Storage, name: string, signal: AbortSignal): Promise<Manifest | undefined> {
  try {
    const file = await storage.open(name, "rb", { signal, decompress: true });
    return await parseManifest(await file.bytes(), name);
  } catch (error) {
    if (isStorageError(error, "NotFound") || isStorageError(error, "Configuration")) return undefined;
    throw error;
  }
}

/** All that a manifest names: files, and their hashed copies. */
export function* namesOf({ paths }: Manifest): Generator<string> {
  for (const pair of paths) yield* pair;
}
