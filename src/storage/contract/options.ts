import type { SavedFile } from "./saved_file.ts";

/**
 * What every call takes.
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
  /** Ends the call, which then rejects with the signal's reason. */
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
 * assertEquals(await (await storage.open("a.txt", "r", options)).read(), "hello");
 * ```
 */
export interface ReadOptions extends CallOptions {
  /**
   * Whether a file whose stored content encoding is gzip is decompressed as it is read. What does not even begin as gzip,
   * whatever it is called, may be read as it is stored.
   * @default {the storage's `gzip`}
   */
  readonly decompress?: boolean | undefined;
  /**
   * Whether what was read is kept, so that reading it again, after a seek back, fetches nothing: in memory up to the storage's
   * `maxMemorySize`, beyond that in a temporary file. A seek forward then reads through what is skipped. Where there is no
   * disk and the file is larger than that, it is read as if this were false.
   * @default {false}
   */
  readonly spool?: boolean | undefined;
  /**
   * The byte that reading begins at; the file is as large as ever, and `seek` goes anywhere before `end`. Bytes are counted
   * as they are stored, so what is read in part is not decompressed or kept.
   * @default {0}
   */
  readonly start?: number | undefined;
  /**
   * The byte that reading ends before: no more than up to here is fetched.
   * @default {the file's size}
   */
  readonly end?: number | undefined;
}

/**
 * How far an upload or a download has come.
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
  /** Bytes, as they are stored, that the service has taken, or that were handed on. It never gets less. */
  readonly bytes: number;
  /** Parts of an upload that are complete, or ranges of a download. */
  readonly parts: number;
  /** How many bytes there are in all; `undefined` while nobody knows. */
  readonly total: number | undefined;
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
export interface WriteOptions extends CallOptions {
  /** The media type; by default the content's own, else a guess from the name, else `application/octet-stream`. */
  readonly contentType?: string | undefined;
  /** How the bytes are encoded already, such as `gzip`. Whatever is given here is stored as it is, also `""`. */
  readonly contentEncoding?: string | undefined;
  /** How long the file may be cached. */
  readonly cacheControl?: string | undefined;
  /** Whether the file is shown or downloaded, and under which name. */
  readonly contentDisposition?: string | undefined;
  /** The language it is in. */
  readonly contentLanguage?: string | undefined;
  /**
   * Metadata of your own. Names are those of headers (RFC 9110, section 5.6.2), kept in lower case; values are printable
   * ASCII without spaces at their ends, as all texts here; 1984 bytes in all, as S3 takes 2 KB with marks of its own. Ceph
   * RGW turns `_` in names into `-`.
   */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether a file of this name may be replaced.
   * @default {the storage's `fileOverwrite`}
   */
  readonly overwrite?: boolean | undefined;
  /**
   * The ETag that the file of this name must have to be replaced, as `stat` tells it: whoever wrote it meanwhile loses
   * nothing. Several stand in one text, by commas; `"*"` is any. With it or `ifNoneMatch` the file gets this very name.
   */
  readonly ifMatch?: string | undefined;
  /** The ETag that the file of this name must not have; `"*"`: there must be none. */
  readonly ifNoneMatch?: string | undefined;
  /**
   * Is told, whenever a part has arrived, how far the upload has come, and once more when the file is there: then `bytes`
   * is `total`. What it throws ends the upload, unless the file is there already.
   */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /**
   * Whether a write whose `signal` is aborted while S3 stores the file removes it again. It never removes a file that
   * replaced another one; to know that, S3 is asked first (a HeadObject) where the file may replace one.
   * @default {true}
   */
  readonly removeOnAbort?: boolean | undefined;
}

/**
 * How content is saved.
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
  /** The most characters the name may have; a longer one is cut before its extension. */
  readonly maxLength?: number | undefined;
  /**
   * Is called once the file is stored, with what `delete` takes as `ifMatch` to remove this very file. On S3 the object
   * then carries a mark of the write in its metadata, which `stat` does not show, and where the file may replace one S3
   * is asked first (a HeadObject).
   */
  readonly onSaved?: ((saved: SavedFile) => void) | undefined;
}

/**
 * How a file is copied or moved.
 *
 * @example
 * ```ts
 * import { type CopyOptions, MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: CopyOptions = { overwrite: true };
 * const storage = new MemoryStorage({ fileOverwrite: false });
 * await storage.save("a.txt", "hello");
 * await storage.save("b.txt", "other");
 * await storage.copy("a.txt", "b.txt", options);
 * assertEquals(await (await storage.open("b.txt")).text(), "hello");
 * ```
 */
export interface CopyOptions extends CallOptions {
  /**
   * Whether a file of the new name may be replaced.
   * @default {the storage's `fileOverwrite`}
   */
  readonly overwrite?: boolean | undefined;
}

/**
 * How a file is removed.
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
   * The file that is removed, by its ETag or as `onSaved` of {@linkcode SaveOptions} gave it; any other of the name stays.
   * AWS checks an ETag in the same step. Other services may ignore it, so S3 is asked first (a HeadObject): there, a file
   * that is stored between the two requests is removed.
   */
  readonly ifMatch?: string | SavedFile | undefined;
}

/**
 * What is listed.
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
   * Whether the files of all folders below are listed, instead of the folders.
   * @default {false}
   */
  readonly recursive?: boolean | undefined;
  /**
   * Is told of each object that is left out, and why: of a marker of a folder, whose name ends in a slash, of a key that no
   * name stands for, such as `a//b`, of a file on disk whose name is no UTF-8 or is kept for `LocalStorage` itself, such as
   * `.storages.txt`, and of a link on disk that is not followed.
   */
  readonly onLeftOut?: ((name: string, reason: LeftOutReason) => void) | undefined;
}

/**
 * Why a listing leaves something out: it marks a folder (`"marker"`), no name stands for it (`"name"`), it is a symbolic
 * link and none is followed (`"link"`), one that leads out of the folder (`"outside"`), or one that leads to nothing
 * (`"dangling"`).
 *
 * @example
 * ```ts
 * import { type LeftOutReason, LocalStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.symlink("/etc/hosts", `${folder}/hosts`);
 * const leftOut: [string, LeftOutReason][] = [];
 * const onLeftOut = (name: string, reason: LeftOutReason): void => void leftOut.push([name, reason]);
 * assertEquals(await Array.fromAsync(new LocalStorage(folder).list("", { onLeftOut })), []);
 * assertEquals(leftOut, [["hosts", "link"]]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export type LeftOutReason = "marker" | "name" | "link" | "outside" | "dangling";

/**
 * What a URL is for.
 *
 * @example
 * ```ts
 * import type { UrlOptions } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const options: UrlOptions = { expire: 300, parameters: { ResponseContentDisposition: "attachment" } };
 * assertEquals(options.expire, 300);
 * ```
 */
export interface UrlOptions extends CallOptions {
  /**
   * Seconds that a signed URL is valid for.
   * @default {the storage's `querystringExpire`}
   */
  readonly expire?: number | undefined;
  /**
   * Parameters of the request, by the names of the S3 API: `ResponseContentType`, `VersionId`, for PUT also `ContentType`,
   * `ContentLength`, `IfNoneMatch`, `UploadId` and so on. Those that are headers have to be sent with the URL exactly so.
   */
  readonly parameters?:
    | Readonly<
      Record<string, string | number | boolean | Date | Uint8Array | Readonly<Record<string, string>> | undefined>
    >
    | undefined;
  /**
   * Seconds for which the same file gets the same signed URL, which is then valid for so much longer.
   * @default {the storage's `querystringWindow`}
   */
  readonly window?: number | undefined;
  /**
   * Whether a URL signed with temporary credentials may end earlier, together with them. If not, it is an error.
   * @default {true}
   */
  readonly clampExpire?: boolean | undefined;
  /**
   * The method that a signed URL is valid for.
   * @default {"GET"}
   */
  readonly method?: "GET" | "HEAD" | "PUT" | "DELETE" | undefined;
}
