import type { FollowLinks } from "../runtime/files/links.ts";
import type { CallOptions } from "../storage/contract/options.ts";
import type { Storage } from "../storage/storage.ts";
import type { StaticSource } from "./source/source.ts";

/**
 * How {@linkcode collect} compresses files.
 *
 * @example
 * ```ts
 * import type { Precompress } from "@storages/s3/static";
 * import { assertEquals } from "@std/assert";
 *
 * const precompress: Precompress = { encodings: ["gzip"], as: "encoding" };
 * assertEquals(precompress.encodings.length, 1);
 * ```
 */
export interface Precompress {
  /** The encodings; `"encoding"` uses the first one that the runtime supports. */
  readonly encodings: readonly ("gzip" | "br")[];
  /**
   * `"encoding"`: the object itself is compressed, and has a `Content-Encoding`. S3 sends it so to every client: all read gzip,
   * but some no Brotli. `serve` decompresses it for clients that do not accept it. `"siblings"`: `name.gz` and `name.br` are
   * stored beside the file, for servers that choose one per request.
   */
  readonly as: "encoding" | "siblings";
}

/**
 * How {@linkcode collect} stores the pages of a built site.
 *
 * @example
 * ```ts
 * import type { PageOptions } from "@storages/s3/static";
 * import { assertEquals } from "@std/assert";
 *
 * const pages: PageOptions = { cleanUrls: true };
 * assertEquals(pages.cacheControl, undefined);
 * ```
 */
export interface PageOptions {
  /**
   * Whether `about.html` is also stored as `about`, so that S3 and CloudFront answer `/about`. Not for a page beside a folder
   * or a file of that name.
   * @default {false}
   */
  readonly cleanUrls?: boolean | undefined;
  /**
   * The `Cache-Control` of pages: caches ask each time whether the page has changed.
   * @default {"public, max-age=0, must-revalidate"}
   */
  readonly cacheControl?: string | undefined;
}

/**
 * A step of {@linkcode collect}, as {@linkcode CollectOptions.onProgress} receives it.
 *
 * - `listed`: a file was found in a source; `done` counts them, the total is not known yet.
 * - `hashed`: a file was read and compared with the target.
 * - `uploaded`, `skipped`: an original was stored, or is unchanged. A dry run reports `uploaded` for what a run would store.
 * - `rewritten`: a file's hashed copy was stored, under `storedName`; without `done` and `total`.
 * - `deleted`: a file was deleted from the target; without `done` and `total`.
 * - `manifest`: the manifest was written.
 * - `warning`: a problem that does not stop the run, in `message`.
 *
 * @example
 * ```ts
 * import { collect, type CollectEvent, ManifestStaticStorage } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const kinds: CollectEvent["kind"][] = [];
 * const storage = new ManifestStaticStorage(new MemoryStorage());
 * await collect(storage, { from: [], onProgress: ({ kind }) => kinds.push(kind) });
 * assertEquals(kinds, ["manifest"]);
 * ```
 */
export interface CollectEvent {
  /** The kind of step. */
  readonly kind: "listed" | "hashed" | "uploaded" | "skipped" | "rewritten" | "deleted" | "manifest" | "warning";
  /** The file's name. */
  readonly name: string;
  /** The name of the hashed copy, for `rewritten`. */
  readonly storedName?: string | undefined;
  /** Size of the file in bytes; for `uploaded` and `rewritten`, of the bytes sent. */
  readonly bytes: number;
  /** Files finished, out of `total`; for `listed`, files found. */
  readonly done?: number | undefined;
  /** Files to store. */
  readonly total?: number | undefined;
  /** The text of a `warning`. */
  readonly message?: string | undefined;
}

/**
 * Names to invalidate in a CDN or another cache, as {@linkcode CollectOptions.invalidate} receives them.
 *
 * @example
 * ```ts
 * import { collect, type PendingInvalidation } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("index.html", "old");
 * const page = { name: "index.html", size: 3, stream: () => new Blob(["new"]).stream() };
 * const sent: PendingInvalidation[] = [];
 * await collect(storage, { from: ReadableStream.from([page]), invalidate: (pending) => sent.push(pending) });
 * assertEquals(sent.map(({ names }) => names), [["index.html"]]);
 * ```
 */
export interface PendingInvalidation {
  /** Names that this run or an earlier one replaced or deleted; at least one, sorted. */
  readonly names: readonly string[];
  /**
   * 32 hexadecimal digits that make the request idempotent, for CloudFront's `callerReference`. A later run that repeats a
   * request whose response was lost gets the same digits; after any further change they differ.
   */
  readonly reference: string;
}

/**
 * Options of {@linkcode collect}.
 *
 * @example
 * ```ts
 * import type { CollectOptions } from "@storages/s3/static";
 * import { assertEquals } from "@std/assert";
 *
 * const options: CollectOptions = { from: ["./public", "./vendor"], dryRun: true };
 * assertEquals(options.concurrency, undefined);
 * ```
 */
export interface CollectOptions {
  /** Folders on disk, or other sources. Of files with the same name the first one is used, as in Django's finders. */
  readonly from: string | StaticSource | readonly (string | StaticSource)[];
  /**
   * Files to skip: glob patterns for a file's name, a folder's name or a whole path, as in Django's `--ignore`; `*` also
   * matches slashes.
   * @default {["CVS", ".*", "*~"]}
   */
  readonly ignore?: readonly string[] | undefined;
  /**
   * The Unicode form that names in the sources are converted to. Names on a disk of macOS may have `é` as two characters
   * (NFD); references in pages usually have one (NFC): `"NFC"` makes them match. `ignore` matches the name before.
   * @default {none: names stay as they are}
   */
  readonly normalization?: "NFC" | "NFD" | "NFKC" | "NFKD" | undefined;
  /**
   * Which symbolic links in folders are followed: `"inside"`, those whose real path is in the same folder of `from`;
   * `"never"`; or `"anywhere"`, for folders that only trusted users can write to. Skipped links are reported by `onProgress`
   * and in the summary, and the files that an earlier run stored through them stay. `ignore` matches the name of the link,
   * not of its target.
   * @default {"inside"}
   */
  readonly followLinks?: FollowLinks | undefined;
  /**
   * Whether to change nothing, and only report what would change.
   * @default {false}
   */
  readonly dryRun?: boolean | undefined;
  /**
   * Whether to store all files again and delete everything else below the target's location, including ignored files and
   * files that other manifests name. Files are deleted last, so a live site stays available. Not for a target of another
   * collection that runs at the same time.
   * @default {false}
   */
  readonly clear?: boolean | undefined;
  /**
   * Whether to delete files from the target that are in no source. Ignored files stay, and so do files that another
   * manifest in the same folder names, such as that of another release. Hashed copies are deleted by `pruneAfterSeconds`
   * only.
   * @default {false}
   */
  readonly delete?: boolean | undefined;
  /**
   * Files in progress at the same time.
   * @default {64}
   */
  readonly concurrency?: number | undefined;
  /** How to compress files that get smaller; by default none is compressed. */
  readonly precompress?: Precompress | undefined;
  /**
   * Seconds after which hashed copies are deleted that no manifest in that folder still names; by default they stay. Must be
   * longer than pages are cached, and than a collection that runs at the same time takes.
   */
  readonly pruneAfterSeconds?: number | undefined;
  /**
   * Whether a reference to a missing file is an error, before anything is stored, or a `warning`. A missing source map is
   * always a warning, and so is the missing file of a dynamic import, of `new URL("…", import.meta.url)` or of
   * `importScripts`, since these are often guarded.
   * @default {"error"}
   */
  readonly missingReferences?: "error" | "warn" | undefined;
  /**
   * Rewrites the references of HTML files (`.html`, `.htm`), which keep their names: what a page shows or runs, in attributes,
   * `srcset`, styles, scripts and import maps; so a built site can be deployed whole. Links to pages and downloads stay.
   * Absolute paths begin at `staticUrl`, by default `/`. Pages are stored after all other files. Needs a storage with a
   * manifest. A reference to a missing file is a `warning`, since pages may use files of other programs.
   * @default {undefined: HTML files are stored as they are}
   */
  readonly pages?: PageOptions | undefined;
  /**
   * Files that keep their names: glob patterns as in `ignore`. They get no hashed copy, references to them stay, and so do
   * their own references, which are not checked. For files that other programs find by their names, such as a service
   * worker, and for libraries that derive paths from names, such as Leaflet's `images/marker-icon.png`.
   * @default {none}
   */
  readonly unhashed?: readonly string[] | undefined;
  /**
   * Invalidates replaced and deleted files in a CDN. Called once at the end of a run that has such names; not on a dry run.
   *
   * `collect` stores the names in the target's folder `.pending-invalidation` before it replaces the first file, and deletes
   * them after this function has resolved. So the next run with this option also sends the names of a killed, aborted or
   * refused run. After the first run with this option, runs without it store the names they change there too.
   *
   * Resolve to `false` to keep the names pending: `collect` then resolves, with the names in `pendingInvalidation`. If this
   * function throws, they stay pending too, and `collect` rejects with that error. Every other value means accepted. All
   * runs for one target must invalidate the same caches, since a name is deleted once one run has invalidated it.
   *
   * @example
   * ```ts
   * import { collect } from "@storages/s3/static";
   * import { createInvalidation, invalidationPaths } from "@storages/s3/cloudfront/invalidation";
   * import { MemoryStorage } from "@storages/s3/storage";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = new MemoryStorage(); // for example an S3StaticStorage
   * await storage.save("app.js", "old");
   * const file = { name: "app.js", size: 3, stream: () => new Blob(["new"]).stream() };
   * const summary = await collect(storage, {
   *   from: ReadableStream.from([file]),
   *   invalidate: ({ names, reference }, { signal }) =>
   *     createInvalidation({
   *       distributionId: "EDFDVBD6EXAMPLE",
   *       paths: invalidationPaths(names, { location: storage.location }),
   *       callerReference: reference,
   *       credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" },
   *       signal,
   *       // Leave this out to ask CloudFront.
   *       fetch: () => Promise.resolve(
   *         new Response("<Invalidation><Id>I2J0</Id><Status>InProgress</Status></Invalidation>", { status: 201 }),
   *       ),
   *     }),
   * });
   * assertEquals([summary.changed, summary.pendingInvalidation], [["app.js"], []]);
   * ```
   */
  readonly invalidate?: ((pending: PendingInvalidation, options: CallOptions) => unknown) | undefined;
  /** Receives each step. */
  readonly onProgress?: ((event: CollectEvent) => void) | undefined;
  /** Aborts the collection, which then rejects with the signal's reason. Stored files stay, and the next run skips them. */
  readonly signal?: AbortSignal | undefined;
}

/** The arguments of one call of `collect`. */
export interface CollectCall extends CollectOptions {
  /** The storage to collect into. */
  readonly storage: Storage;
}

/** The names of the options of `collect`, which refuses all others. */
export const COLLECT_OPTIONS = [
  "from",
  "ignore",
  "normalization",
  "followLinks",
  "dryRun",
  "clear",
  "delete",
  "concurrency",
  "precompress",
  "pruneAfterSeconds",
  "missingReferences",
  "unhashed",
  "pages",
  "invalidate",
  "onProgress",
  "signal",
] as const satisfies readonly (keyof CollectOptions)[];

/**
 * The result of {@linkcode collect}; for a dry run, the result that a run would have.
 *
 * @example
 * ```ts
 * import { collect, type CollectSummary } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const summary: CollectSummary = await collect(new MemoryStorage(), { from: [] });
 * assertEquals([summary.copied, summary.unmodified, summary.postProcessed], [0, 0, 0]);
 * ```
 */
export interface CollectSummary {
  /** Number of originals stored. */
  readonly copied: number;
  /** Number of originals that were already stored with the same content. */
  readonly unmodified: number;
  /** Number of hashed copies stored. */
  readonly postProcessed: number;
  /** Number of files deleted, including stale hashed copies. */
  readonly deleted: number;
  /** Total size of all stored files, in bytes. */
  readonly bytesUploaded: number;
  /** Duration of the run. */
  readonly elapsedMilliseconds: number;
  /**
   * Names that this run replaced or deleted. New names are not included, nor are names that interrupted runs changed, which
   * {@linkcode CollectOptions.invalidate} receives as well.
   */
  readonly changed: readonly string[];
  /** Names of links that were skipped: by {@linkcode CollectOptions.followLinks}, or because they are broken. */
  readonly omitted: readonly string[];
  /**
   * Names that still have to be invalidated after this run, including those of earlier runs; for a dry run, names that would
   * have to be. Empty if `invalidate` accepted them, `undefined` if no run for this target ever had that option.
   */
  readonly pendingInvalidation: readonly string[] | undefined;
}
