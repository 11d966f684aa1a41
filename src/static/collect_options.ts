import type { FollowLinks } from "../runtime/files/links.ts";
import type { CallOptions } from "../storage/contract/options.ts";
import type { Storage } from "../storage/storage.ts";
import type { StaticSource } from "./source/source.ts";

/**
 * How files are stored compressed.
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
  /** What to compress with; for `"encoding"` the first one that the runtime has is taken. */
  readonly encodings: readonly ("gzip" | "br")[];
  /**
   * `"encoding"`: the object itself is compressed, and its `Content-Encoding` says so. `"siblings"`: beside the file stand
   * `name.gz` and `name.br`, for servers that choose.
   */
  readonly as: "encoding" | "siblings";
}

/**
 * What {@linkcode collect} is doing.
 *
 * - `listed`: a file was found in a source; `done` counts them, the total is not known yet.
 * - `hashed`: a file was read and compared with the target.
 * - `uploaded`, `skipped`: an original was stored, or is there already. On a dry run `uploaded` is what would be.
 * - `rewritten`: a file's hashed copy was stored, under `storedName`; `done` and `total` are left out.
 * - `deleted`: a file was removed from the target; `done` and `total` are left out.
 * - `manifest`: the manifest was written.
 * - `warning`: something to look at, in `message`.
 *
 * @example
 * ```ts
 * import { collect, type CollectEvent, ManifestStaticStorage } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const kinds: CollectEvent["kind"][] = [];
 * await collect({ from: [], to: new ManifestStaticStorage(new MemoryStorage()), onProgress: ({ kind }) => kinds.push(kind) });
 * assertEquals(kinds, ["manifest"]);
 * ```
 */
export interface CollectEvent {
  /** What happened. */
  readonly kind: "listed" | "hashed" | "uploaded" | "skipped" | "rewritten" | "deleted" | "manifest" | "warning";
  /** The file's name. */
  readonly name: string;
  /** The name it is stored under, where that is another. */
  readonly storedName?: string | undefined;
  /** Bytes of the file: for `uploaded` and `rewritten` as they are sent. */
  readonly bytes: number;
  /** Files done with, of those that are to do; for `listed` those found. */
  readonly done?: number | undefined;
  /** Files to do. */
  readonly total?: number | undefined;
  /** What to say, for `warning`. */
  readonly message?: string | undefined;
}

/**
 * Names to invalidate in a CDN or another cache, as {@linkcode CollectOptions.invalidate} gets them.
 *
 * @example
 * ```ts
 * import { collect, type PendingInvalidation } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const to = new MemoryStorage();
 * await to.save("index.html", "old");
 * const page = { name: "index.html", size: 3, stream: () => new Blob(["new"]).stream() };
 * const sent: PendingInvalidation[] = [];
 * await collect({ from: ReadableStream.from([page]), to, invalidate: (pending) => sent.push(pending) });
 * assertEquals(sent.map(({ names }) => names), [["index.html"]]);
 * ```
 */
export interface PendingInvalidation {
  /** Names that this run or an earlier one has replaced or removed; at least one, sorted. */
  readonly names: readonly string[];
  /**
   * 32 hexadecimal digits that make the request idempotent, such as CloudFront's `callerReference`. A later run that repeats
   * it, because its answer was lost, gets the same digits; after any further change they differ.
   */
  readonly reference: string;
}

/**
 * What is collected, and how.
 *
 * @example
 * ```ts
 * import type { CollectOptions } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: CollectOptions = { from: ["./public", "./vendor"], to: new MemoryStorage(), dryRun: true };
 * assertEquals(options.concurrency, undefined);
 * ```
 */
export interface CollectOptions {
  /** Folders on disk, or other sources. Of files with the same name the first is taken, as Django's finders do. */
  readonly from: string | StaticSource | readonly (string | StaticSource)[];
  /** Where to store the files. One with a manifest gets hashed copies and the manifest too. */
  readonly to: Storage;
  /**
   * Which files are left out: glob patterns of a file's name, a folder's name or a whole path, as Django's `--ignore`;
   * `*` matches slashes too.
   * @default {["CVS", ".*", "*~"]}
   */
  readonly ignore?: readonly string[] | undefined;
  /**
   * Which symbolic links are followed in folders: `"inside"`, those that lead to something in the same folder of `from`, as
   * their real paths have it; `"never"`; or `"anywhere"`, for folders that nobody else can put links into. Each link that is
   * left out is told by `onProgress` and in the summary, and what an earlier run has stored of it stays. `ignore` goes by
   * the name of a link, not of what it leads to.
   * @default {"inside"}
   */
  readonly followLinks?: FollowLinks | undefined;
  /**
   * Whether nothing is changed, and only told what would be.
   * @default {false}
   */
  readonly dryRun?: boolean | undefined;
  /**
   * Whether all is stored anew, and everything else below the target's location is removed, also what is ignored, and what
   * other manifests name. The removal comes last, so that a live site goes on. Not for a place that another collection is
   * under way to.
   * @default {false}
   */
  readonly clear?: boolean | undefined;
  /**
   * Whether files are removed from the target that are in no source. What `ignore` leaves out stays there too, and what
   * another manifest in the same folder names, as that of another release; hashed copies are `pruneAfterSeconds`' business.
   * @default {false}
   */
  readonly delete?: boolean | undefined;
  /**
   * How many files are under way at once.
   * @default {64}
   */
  readonly concurrency?: number | undefined;
  /** How files that gain by it are compressed; by default they are not. */
  readonly precompress?: Precompress | undefined;
  /**
   * Seconds after which hashed copies are removed that no manifest in that folder names any more; by default they stay. Take
   * longer than pages are cached, and than a collection takes that may be under way at the same time.
   */
  readonly pruneAfterSeconds?: number | undefined;
  /**
   * Whether a reference to a file that is not there ends the collection, before anything is stored, or is only told by a
   * `warning`. A missing source map is always only a warning.
   * @default {"error"}
   */
  readonly missingReferences?: "error" | "warn" | undefined;
  /**
   * Invalidates replaced and removed files in a CDN. Called once at the end of a run, if there are any; not on a dry run.
   *
   * `collect` stores the names in the target's folder `.pending-invalidation` before it replaces the first file, and deletes
   * them after this has resolved. So the next run with this option sends what a killed, stopped or refused run left. After
   * the first run with this option, runs without it store the names they change there too.
   *
   * Resolve to `false` to keep the names pending: `collect` then resolves, with the names in `pendingInvalidation`. If this
   * throws, they stay pending too, and `collect` rejects with that error. Every other value counts as accepted. All runs for
   * one target must invalidate the same caches, since a name is deleted when one run has invalidated it.
   *
   * @example
   * ```ts
   * import { collect } from "@storages/s3/static";
   * import { createInvalidation, invalidationPaths } from "@storages/s3/cloudfront/invalidation";
   * import { MemoryStorage } from "@storages/s3/storage";
   * import { assertEquals } from "@std/assert";
   *
   * const to = new MemoryStorage(); // an S3StaticStorage, say
   * await to.save("app.js", "old");
   * const file = { name: "app.js", size: 3, stream: () => new Blob(["new"]).stream() };
   * const summary = await collect({
   *   from: ReadableStream.from([file]),
   *   to,
   *   invalidate: ({ names, reference }, { signal }) =>
   *     createInvalidation({
   *       distributionId: "EDFDVBD6EXAMPLE",
   *       paths: invalidationPaths(names, { location: to.location }),
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
  /** Is told of each step. */
  readonly onProgress?: ((event: CollectEvent) => void) | undefined;
  /** Ends the collection, which then rejects with the signal's reason. What is stored stays, for the next run to find. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * What {@linkcode collect} did; on a dry run, what it would have done.
 *
 * @example
 * ```ts
 * import { collect, type CollectSummary } from "@storages/s3/static";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const summary: CollectSummary = await collect({ from: [], to: new MemoryStorage() });
 * assertEquals([summary.copied, summary.unmodified, summary.postProcessed], [0, 0, 0]);
 * ```
 */
export interface CollectSummary {
  /** Originals that were stored. */
  readonly copied: number;
  /** Originals that were there already. */
  readonly unmodified: number;
  /** Hashed copies that were stored. */
  readonly postProcessed: number;
  /** Files that were removed, stale hashed copies among them. */
  readonly deleted: number;
  /** Bytes of all files that were stored. */
  readonly bytesUploaded: number;
  /** How long it took. */
  readonly elapsedMilliseconds: number;
  /**
   * Names whose content at the target is another now, or gone. New names are not among them. What interrupted runs have
   * changed is not either: {@linkcode CollectOptions.invalidate} gets both.
   */
  readonly changed: readonly string[];
  /** Names of links in the folders that were left out, by {@linkcode CollectOptions.followLinks} or as they lead nowhere. */
  readonly leftOut: readonly string[];
  /**
   * Names that still have to be invalidated after this run, those of earlier runs included; on a dry run, names that would
   * be. Empty if `invalidate` accepted them, `undefined` if no run for this target ever had that option.
   */
  readonly pendingInvalidation: readonly string[] | undefined;
}
