import { ConfigurationError } from "../errors.ts";
import type { SaveContent } from "../storage/content/content.ts";
import type { WriteOptions } from "../storage/contract/options.ts";
import type { Storage } from "../storage/storage.ts";

/**
 * Stores a file whose name must stay: pages, manifests and other runs look for it by this name.
 *
 * @throws {ConfigurationError} If the storage chose another name.
 */
export async function saveExactly(
  storage: Storage,
  name: string,
  content: SaveContent,
  options: WriteOptions,
): Promise<void> {
  const saved = await storage.save(name, content, options);
  // Another spelling is the same name.
  if (storage.uri(saved) !== storage.uri(name)) {
    throw new ConfigurationError(`Cannot store '${name}': the name must stay, got '${saved}'`);
  }
}
