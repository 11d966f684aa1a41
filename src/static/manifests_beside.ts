import { isStorageError } from "../errors.ts";
import type { Storage } from "../storage/storage.ts";
import { type Manifest, parseManifest } from "./manifest.ts";

/** A larger file is no manifest: that of 100,000 files has some 10 MB. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A file that may be a manifest. */
interface Listed {
  readonly name: string;
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
    if (!isBeside || size > MOST_BYTES || !isOther(name)) continue;
    const manifest = await readManifest(storage, name, signal);
    if (manifest !== undefined) yield { name, ...manifest };
  }
}

async function* filesIn(storage: Storage, folder: string, signal: AbortSignal): AsyncGenerator<Listed> {
  for await (const entry of storage.list(folder, { signal })) if (entry.kind === "file") yield entry;
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
