import { checkFollowLinks } from "../runtime/files/links.ts";
import type { CollectOptions, CollectSummary } from "./collect_options.ts";
import { Collection } from "./collection.ts";

/**
 * Brings static files to where they are served from. Looks once what is there, and stores only what is not, many files at
 * once. What an interrupted run has stored the next one does not store again.
 *
 * Into a storage with a manifest each file goes twice: under its name, and under its hashed name, with the references of
 * style sheets and scripts rewritten to hashed names. The manifest is written last, so that whoever reads it finds all that
 * it names. Files that refer to each other in a circle get hashes of all of them together.
 *
 * Source: Django's collectstatic.
 *
 * @param options What is collected, and how.
 * @returns What was done.
 * @throws {NotFoundError} If a file refers to one that is not there; then nothing is stored.
 * @throws {ConfigurationError} If a folder is not there, the manifest cannot be read, or no source has a file and the site
 * that is there would be gone.
 * @throws {SuspiciousNameError} If a file's name is none that storages keep, such as one with a backslash.
 * @throws {IntegrityError} If a file changes while it is collected.
 * @throws {RangeError} If a number in the options is out of range.
 * @throws {TypeError} If an option is of another type than it may be.
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
  checkWhole("concurrency", options.concurrency, 1);
  checkWhole("pruneAfterSeconds", options.pruneAfterSeconds, 0);
  const as: string = options.precompress?.as ?? "encoding";
  if (as !== "encoding" && as !== "siblings") {
    throw new TypeError(`precompress.as must be "encoding" or "siblings": "${as}"`);
  }
  checkFollowLinks(options.followLinks);
  options.signal?.throwIfAborted();
  return await new Collection(options).run();
}

function checkWhole(name: string, value: unknown, least: number): void {
  if (value === undefined || (Number.isSafeInteger(value) && value as number >= least)) return;
  throw new RangeError(`${name} must be a whole number of ${least} or more: current value is ${String(value)}`);
}
