import type { StorageEntry } from "./entry.ts";
import type { SavedFile } from "./saved_file.ts";

/**
 * What a write does if a file of its name exists: replaces it, uses a free name such as `name_AbC1234.ext`, or fails with an
 * `AlreadyExistsError`.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type OnExisting } from "@storages/s3/storage";
 * import { assert } from "@std/assert";
 *
 * const onExisting: OnExisting = "rename";
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "first");
 * assert(/^a_\w{7}\.txt$/.test(await storage.save("a.txt", "second", { onExisting })));
 * ```
 */
export type OnExisting = "replace" | "rename" | "refuse";

/**
 * Options that every call takes.
 *
 * @example
 * ```ts
 * import { type CallOptions, MemoryStorage } from "@storages/s3/storage";
 * import { assertRejects } from "@std/assert";
 *
 * const options: CallOptions = { signal: AbortSignal.abort(new Error("changed my mind")) };
 * await assertRejects(() => new MemoryStorage().exists("a.txt", options), Error, "changed my mind");
 * ```
 */
export interface CallOptions {
  /** Aborts the call, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * How a file is read.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type ReadOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const packed = new Blob(["hello"]).stream().pipeThrough(new CompressionStream("gzip"));
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", packed, { contentEncoding: "gzip" });
 * const options: ReadOptions = { decompress: true };
 * assertEquals(await storage.readText("a.txt", options), "hello");
 * ```
 */
export interface ReadOptions extends CallOptions {
  /**
   * Whether a file whose stored content encoding is gzip or Brotli is decompressed as it is read. A file whose first bytes
   * are not those of gzip, or are those of its type, may be read as it is stored, whatever its content encoding. `"gzip"` and
   * `"br"` decompress a file that has no content encoding, such as `log.jsonl.gz`; other bytes cause an
   * {@linkcode IntegrityError}. Runtimes without Brotli, such as edge runtimes, throw a {@linkcode NotSupportedError} for it.
   * @default {the storage's `gzip`}
   */
  readonly decompress?: boolean | "gzip" | "br" | undefined;
  /**
   * Whether the bytes that were read are kept, so that reading them again after a seek back sends no request: in memory up
   * to the storage's `maxMemorySize`, beyond that in a temporary file. A seek forward then fetches the skipped bytes too. On
   * a runtime without a disk, a file larger than `maxMemorySize` is read as if this were false.
   * @default {false}
   */
  readonly spool?: boolean | undefined;
  /**
   * The offset in bytes where reading starts. `size` is unaffected, and `seek` may go anywhere before `end`. Offsets count
   * stored bytes, so `start` and `end` cannot be combined with `decompress` or `spool`.
   * @default {0}
   */
  readonly start?: number | undefined;
  /**
   * The offset in bytes where reading ends, exclusive. No byte from here on is fetched.
   * @default {the file's size}
   */
  readonly end?: number | undefined;
  /**
   * Whether opening reads the file's attributes only, so that no byte is fetched before it is read: for `slice` and `seek` in
   * large files. Cannot be combined with `start`, `end`, `decompress` or `spool`.
   * @default {false}
   */
  readonly lazy?: boolean | undefined;
  /**
   * The size of a range, in bytes: reads the file in ranges, several at a time, from its beginning. Memory and disks are read
   * without ranges. Cannot be combined with `start`, `end` or `lazy`.
   * @default {for `open` no ranges; for a download the `transferConfig.partSize` of an S3Storage}
   */
  readonly partSize?: number | undefined;
  /**
   * The number of ranges fetched concurrently; 1 for one after the other. For `open` only with `partSize`.
   * @default {the `transferConfig.downloadConcurrency` of an S3Storage}
   */
  readonly maxConcurrency?: number | undefined;
  /**
   * Called with the progress each time bytes are delivered. It counts stored bytes, even if they are decompressed. If it
   * throws, reading fails.
   */
  readonly onProgress?: ((progress: TransferProgress & { readonly total: number }) => void) | undefined;
}

/**
 * How a file is downloaded. With ranges, a download uses `partSize * maxConcurrency` bytes of memory, regardless of the
 * file's size.
 *
 * @example
 * ```ts
 * import { type DownloadOptions, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * await storage.save("film.mp4", new Uint8Array(5_000_000));
 *
 * let shown = "";
 * const options: DownloadOptions = {
 *   partSize: 1024 ** 2,
 *   maxConcurrency: 8,
 *   onProgress: ({ bytes, total }) => shown = `${Math.round(100 * bytes / total)}%`,
 * };
 * await (await storage.download("film.mp4", options)).pipeTo(new WritableStream());
 * assertEquals(shown, "100%");
 * ```
 */
export interface DownloadOptions
  extends Pick<ReadOptions, "decompress" | "maxConcurrency" | "onProgress" | "partSize" | "signal"> {}

/**
 * The progress of an upload or a download.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type TransferProgress } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const seen: TransferProgress[] = [];
 * await new MemoryStorage().save("a.txt", "hello", { onProgress: (progress) => seen.push(progress) });
 * assertEquals(seen.at(-1), { bytes: 5, parts: 1, total: 5 });
 * ```
 */
export interface TransferProgress {
  /** Stored bytes that the service has accepted, or that a download has delivered. It never decreases. */
  readonly bytes: number;
  /** Completed parts of an upload, or ranges of a download. */
  readonly parts: number;
  /** The total number of bytes; `undefined` while it is unknown. */
  readonly total: number | undefined;
}

/**
 * The attributes of a file that its writer chooses.
 *
 * @example
 * ```ts
 * import { type FileAttributes, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const attributes: FileAttributes = { contentType: "text/markdown", metadata: { owner: "ada" } };
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "# hello", attributes);
 * assertEquals((await storage.stat("a.txt")).contentType, "text/markdown");
 * ```
 */
export interface FileAttributes {
  /**
   * The media type. By default that of the content, else a guess from the name, with `charset=utf-8` for text and XML whose
   * first bytes are UTF-8, else `application/octet-stream`.
   */
  readonly contentType?: string | undefined;
  /** The encoding that the bytes already have, such as `gzip`. If it is given, even as `""`, they are stored as they are. */
  readonly contentEncoding?: string | undefined;
  /** How caches may store the file: the `Cache-Control` header. */
  readonly cacheControl?: string | undefined;
  /** Whether browsers show or download the file, and under which name: the `Content-Disposition` header. */
  readonly contentDisposition?: string | undefined;
  /** The language of the content: the `Content-Language` header. */
  readonly contentLanguage?: string | undefined;
  /**
   * User-defined metadata. Names must be header names (RFC 9110, section 5.6.2) and are stored in lower case. Values must be
   * printable ASCII without leading or trailing spaces, as all strings here. Names and values have at most 1984 bytes
   * together: S3's limit of 2 KB, minus room for the id of a write. Ceph RGW changes `_` in names to `-`.
   */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/**
 * How a file is written.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type WriteOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: WriteOptions = { cacheControl: "max-age=3600", metadata: { owner: "ada" } };
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "hello", options);
 * assertEquals((await storage.stat("a.txt")).cacheControl, "max-age=3600");
 * ```
 */
export interface WriteOptions extends CallOptions, FileAttributes {
  /**
   * What happens if a file of this name exists. With `"rename"`, `open` chooses the name when it opens the file.
   * @default {"replace" if the storage's `fileOverwrite` is true; else "rename" for `save` and "refuse" for `open`}
   */
  readonly onExisting?: OnExisting | undefined;
  /**
   * The ETag that the existing file must have, as `stat` returns it, so that no change by another writer is lost. It may be
   * a comma-separated list; `"*"` is any ETag. With `ifMatch` or `ifNoneMatch` the file never gets another name, and
   * `onExisting` may only be `"replace"`.
   */
  readonly ifMatch?: string | undefined;
  /** `"*"` if no file of this name may exist. An ETag is a `TypeError` on every storage, since S3 supports none here. */
  readonly ifNoneMatch?: "*" | undefined;
  /**
   * Called with the progress after each part, and once more when the file is stored: then `bytes` equals `total`. If it
   * throws, the upload is aborted, unless the file is already stored.
   */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /**
   * Whether a write whose `signal` is aborted while S3 stores the file deletes it again. A file that replaced another one is
   * never deleted; to know that, a HeadObject request is sent first where the file may replace one.
   * @default {true}
   */
  readonly deleteOnAbort?: boolean | undefined;
  /**
   * Keeps a Worker alive until the write has ended, also if the client disconnects: then a write that fails still aborts its
   * upload, and one that has all its content is completed. Pass `(work) => ctx.waitUntil(work)`; Workers wait up to 30 seconds
   * after the client has gone. A file opened to write is held until it is closed or aborted.
   * @default {the storage's `waitUntil`}
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

/**
 * How `save` stores content.
 *
 * @example
 * ```ts
 * import { MemoryStorage, type SaveOptions } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: SaveOptions = { maxLength: 8 };
 * assertEquals(await new MemoryStorage().save("a/bcd.txt", "hello", options), "a/bc.txt");
 * ```
 */
export interface SaveOptions extends WriteOptions {
  /** The most characters the name may have. A longer name is shortened before its extension. */
  readonly maxLength?: number | undefined;
  /**
   * Whether `save` returns the stored file with its ETag, instead of its name: pass the ETag to the next write as `ifMatch`.
   * Sends no further request.
   * @default {false}
   */
  readonly details?: boolean | undefined;
  /**
   * As `details`, and the returned file identifies this very write: pass it to `delete` as `ifMatch` to delete exactly this
   * file. On S3 the object then carries a write id in its metadata, which `stat` does not show, and a HeadObject request is
   * sent first where the file may replace one.
   * @default {false}
   */
  readonly identify?: boolean | undefined;
}

/**
 * How a file is copied or moved. The copy has the attributes of the file, except those that are given here.
 *
 * @example
 * ```ts
 * import { type CopyOptions, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: CopyOptions = { onExisting: "replace", cacheControl: "no-cache" };
 * const storage = new MemoryStorage({ fileOverwrite: false });
 * await storage.save("a.txt", "hello");
 * await storage.save("b.txt", "other");
 * await storage.copy("a.txt", "b.txt", options);
 * assertEquals([await storage.readText("b.txt"), (await storage.stat("b.txt")).cacheControl], ["hello", "no-cache"]);
 * ```
 */
export interface CopyOptions extends CallOptions, FileAttributes {
  /**
   * What happens if a file of the new name exists.
   * @default {"replace" if the storage's `fileOverwrite` is true; else "refuse"}
   */
  readonly onExisting?: OnExisting | undefined;
}

/**
 * How a file is copied to another storage.
 *
 * @example
 * ```ts
 * import { type CopyToOptions, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const [from, to] = [new MemoryStorage(), new MemoryStorage()];
 * await from.save("a.txt", "hello");
 * const options: CopyToOptions = { name: "backup/a.txt", onExisting: "refuse" };
 * assertEquals(await from.copyTo("a.txt", to, options), "backup/a.txt");
 * ```
 */
export interface CopyToOptions extends CopyOptions {
  /**
   * The name in the other storage.
   * @default {the same name}
   */
  readonly name?: string | undefined;
}

/**
 * How a free name is chosen.
 *
 * @example
 * ```ts
 * import { type AvailableNameOptions, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: AvailableNameOptions = { maxLength: 8, onExisting: "replace" };
 * assertEquals(await new MemoryStorage().getAvailableName("a/bcd.txt", options), "a/bc.txt");
 * ```
 */
export interface AvailableNameOptions extends CallOptions {
  /** The most characters that the name may have. A longer name is shortened before its extension. */
  readonly maxLength?: number | undefined;
  /**
   * What happens if a file of this name exists: only `"rename"` looks for a free name.
   * @default {"replace" if the storage's `fileOverwrite` is true; else "rename"}
   */
  readonly onExisting?: OnExisting | undefined;
}

/**
 * How a file is deleted.
 *
 * @example
 * ```ts
 * import { type DeleteOptions, MemoryStorage } from "@storages/s3/storage";
 * import { assertRejects } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("a.txt", "hello");
 * const options: DeleteOptions = { ifMatch: (await storage.stat("a.txt")).etag };
 * await storage.save("a.txt", "written meanwhile");
 * await assertRejects(() => storage.delete("a.txt", options), Error, "Precondition failed for 'a.txt'");
 * ```
 */
export interface DeleteOptions extends CallOptions {
  /**
   * The only file to delete: its ETag, or what `save` returned with `identify`. Another file of that name
   * stays. AWS checks an ETag in the same step. Other services may ignore it, so a HeadObject request is sent first: there, a
   * file that is stored between the two requests is deleted.
   */
  readonly ifMatch?: string | SavedFile | undefined;
}

/**
 * What a listing contains.
 *
 * @example
 * ```ts
 * import { type ListOptions, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ListOptions = { recursive: true };
 * assertEquals(await Array.fromAsync(new MemoryStorage().list("", options)), []);
 * ```
 */
export interface ListOptions extends CallOptions {
  /**
   * Whether to list the files of all folders below, instead of the folders.
   * @default {false}
   */
  readonly recursive?: boolean | undefined;
  /**
   * Only entries whose names in the folder begin with this text, such as `"2026-11-"` in a folder of days.
   * @default {""}
   */
  readonly prefix?: string | undefined;
  /**
   * Only entries after this one, in the order of their names' UTF-8 bytes: the last entry of the page before, or a name, which
   * need not exist; that of a folder has a trailing slash. S3 Express directory buckets do not support it.
   */
  readonly startAfter?: string | StorageEntry | undefined;
  /** The most entries to list. No more are fetched. */
  readonly limit?: number | undefined;
  /**
   * Called for each object that the listing omits, with the reason: a folder marker, whose name ends in a slash; a key
   * that no name can express, such as `a//b`; a file on disk whose name is not UTF-8 or is reserved for `LocalStorage`, such
   * as `.storages.txt`; a symbolic link on disk that is not followed.
   */
  readonly onOmitted?: ((name: string, reason: OmittedReason) => void) | undefined;
}

/**
 * Why a listing omits an object: it marks a folder (`"marker"`), no name can express its key (`"name"`), it is a
 * symbolic link and links are not followed (`"link"`), its target is outside of the folder (`"outside"`), or its target does
 * not exist (`"dangling"`).
 *
 * @example
 * ```ts
 * import { type OmittedReason, LocalStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.symlink("/etc/hosts", `${folder}/hosts`);
 * const omitted: [string, OmittedReason][] = [];
 * const onOmitted = (name: string, reason: OmittedReason): void => void omitted.push([name, reason]);
 * assertEquals(await Array.fromAsync(new LocalStorage(folder).list("", { onOmitted })), []);
 * assertEquals(omitted, [["hosts", "link"]]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export type OmittedReason = "marker" | "name" | "link" | "outside" | "dangling";

/**
 * How a URL is made.
 *
 * @example
 * ```ts
 * import type { UrlOptions } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const options: UrlOptions = { expiresIn: 300, parameters: { ResponseContentDisposition: "attachment" } };
 * assertEquals(options.expiresIn, 300);
 * ```
 */
export interface UrlOptions extends CallOptions {
  /**
   * Seconds for which a signed URL is valid.
   * @default {the storage's `querystringExpire`}
   */
  readonly expiresIn?: number | undefined;
  /**
   * Parameters of the request, by their names in the S3 API: `ResponseContentType`, `VersionId`, for PUT also `ContentType`,
   * `ContentLength`, `IfNoneMatch`, `UploadId` and so on; an S3Storage knows all of them. The user of the URL must send those
   * that are headers, unchanged.
   */
  // deno-lint-ignore no-explicit-any -- the storages whose URLs have parameters know the types of their values
  readonly parameters?: Readonly<Record<string, any>> | undefined;
  /**
   * Seconds for which the same file gets the same signed URL, so that it can be cached. They are added to the time for which
   * the URL is valid.
   * @default {the storage's `querystringWindow`}
   */
  readonly window?: number | undefined;
  /**
   * Whether a URL signed with temporary credentials may expire earlier, together with them. If false, such a URL causes an
   * error.
   * @default {true}
   */
  readonly mayExpireEarlier?: boolean | undefined;
  /**
   * The HTTP method that a signed URL is valid for.
   * @default {"GET"}
   */
  readonly method?: "GET" | "HEAD" | "PUT" | "DELETE" | undefined;
  /** The name under which browsers save the file, which they then do not show: a `Content-Disposition` of the response. */
  readonly downloadName?: string | undefined;
}
