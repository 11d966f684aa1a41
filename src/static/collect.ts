import { checkInteger } from "../kit/values/integer.ts";
import { checkFollowLinks } from "../runtime/files/links.ts";
import type { CollectOptions, CollectSummary } from "./collect_options.ts";
import { Collection } from "./collection.ts";

/**
 * Stores static files in the storage that serves them. Lists the storage once, and stores only new and changed files, many
 * at a time. A run after an interrupted one stores only the rest.
 *
 * A storage with a manifest gets each file twice: under its name, and under its hashed name with the references of style
 * sheets and scripts rewritten to hashed names. The manifest is written last, so all files that it names exist. The hashes
 * of files that refer to each other in a circle depend on all files of the circle.
 *
 * Source: Django's collectstatic.
 *
 * @param options The sources, the target, and how files are stored.
 * @returns Counts, and the names that changed.
 * @throws {NotFoundError} If a file refers to a missing file; nothing is stored then.
 * @throws {ConfigurationError} If a folder does not exist, the manifest cannot be read, or no source has a file and the
 * whole site would be deleted.
 * @throws {SuspiciousNameError} If storages cannot keep a file's name, such as one with a backslash.
 * @throws {IntegrityError} If a file changes while it is collected.
 * @throws {RangeError} If a number in the options is out of range.
 * @throws {TypeError} If an option has the wrong type.
 *
 * @example
 * ```ts
 * import { collect, ManifestStaticStorage } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/app.js`, "console.log(1);");
 * const storage = new ManifestStaticStorage(new MemoryStorage());
 *
 * const first = await collect({ from: folder, to: storage });
 * assertEquals([first.copied, first.postProcessed], [1, 1]);
 * const second = await collect({ from: folder, to: storage });
 * assertEquals([second.copied, second.unmodified, second.bytesUploaded], [0, 1, 0]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function collect(options: CollectOptions): Promise<CollectSummary> {
  const { concurrency, pruneAfterSeconds } = options;
  if (concurrency !== undefined) checkInteger("concurrency", concurrency, 1);
  if (pruneAfterSeconds !== undefined) checkInteger("pruneAfterSeconds", pruneAfterSeconds, 0);
  const as: string = options.precompress?.as ?? "encoding";
  if (as !== "encoding" && as !== "siblings") {
    throw new TypeError(`Cannot collect: precompress.as must be "encoding" or "siblings", got "${as}"`);
  }
  checkFollowLinks(options.followLinks);
  options.signal?.throwIfAborted();
  return await new Collection(options).run();
}
