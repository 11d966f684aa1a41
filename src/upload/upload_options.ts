import type { FileAttributes, OnExisting } from "../storage/contract/options.ts";

/**
 * A file that is being uploaded, as {@linkcode UploadOptions.name} receives it.
 *
 * @example
 * ```ts
 * import type { UploadedFile } from "@storages/s3/upload";
 * import { assertEquals } from "@std/assert";
 *
 * const nameIt = ({ fields, originalName }: UploadedFile) => `albums/${fields.get("album")}/${originalName}`;
 * const fields = new URLSearchParams({ album: "7" });
 * const file = { fieldName: "photo", originalName: "a.jpg", contentType: "image/jpeg", fields };
 * assertEquals(nameIt(file), "albums/7/a.jpg");
 * ```
 */
export interface UploadedFile {
  /** The name of its field in the form. */
  readonly fieldName: string;
  /** The client's name for it without folders; `blob` if it has none. Spaces and quotes are kept. */
  readonly originalName: string;
  /** Its media type, by its name and its first bytes. Text in UTF-8 is stored with `charset=utf-8` besides. */
  readonly contentType: string;
  /** The fields before it in the form. */
  readonly fields: URLSearchParams;
}

/**
 * A stored file of a form.
 *
 * @example
 * ```ts
 * import type { StoredUpload } from "@storages/s3/upload";
 * import { assertEquals } from "@std/assert";
 *
 * const file: StoredUpload = {
 *   fieldName: "photo",
 *   name: "a_picture.gif",
 *   originalName: "a picture.gif",
 *   size: 43,
 *   contentType: "image/gif",
 * };
 * assertEquals(file.name, "a_picture.gif");
 * ```
 */
export interface StoredUpload extends Omit<UploadedFile, "fields"> {
  /** The stored name. */
  readonly name: string;
  /** Size in bytes, as uploaded. */
  readonly size: number;
}

/**
 * The fields and files of a form, as {@linkcode handleUpload} returns them.
 *
 * @example
 * ```ts
 * import type { UploadResult } from "@storages/s3/upload";
 * import { assertEquals } from "@std/assert";
 *
 * const result: UploadResult = { fields: new URLSearchParams("title=a"), files: [] };
 * assertEquals(result.fields.get("title"), "a");
 * ```
 */
export interface UploadResult {
  /** The fields without files, in their order, decoded as UTF-8 or as the charset that the form declares. */
  readonly fields: URLSearchParams;
  /** The stored files, in their order; empty file inputs are skipped. */
  readonly files: readonly StoredUpload[];
}

/**
 * Options of {@linkcode handleUpload}: which files are accepted, how they are named and stored, and limits.
 *
 * @example
 * ```ts
 * import { handleUpload, type UploadOptions } from "@storages/s3/upload";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: UploadOptions = {
 *   name: ({ originalName }) => `user_upload_files/ada/${originalName}`,
 *   onExisting: "refuse",
 *   maxFiles: 1,
 * };
 * const body = new FormData();
 * body.set("file", new File(["hello"], "hello.txt"));
 * const request = new Request("https://example.com", { method: "POST", body });
 * const { files } = await handleUpload(new MemoryStorage(), request, options);
 * assertEquals(files[0]!.name, "user_upload_files/ada/hello.txt");
 * ```
 */
export interface UploadOptions {
  /**
   * Chooses the name to store a file under.
   * @default {the client's name, made safe by `storage.generateFilename`}
   */
  readonly name?: ((file: UploadedFile) => string | Promise<string>) | undefined;
  /**
   * The Unicode form that clients' names are converted to, before they are checked. Programs on macOS may send `é` as two
   * characters (NFD), which differs from the single one (NFC) in keys and comparisons: `"NFC"` makes them equal. `"NFKC"` and
   * `"NFKD"` also replace characters by similar ones, such as `ﬁ` by `fi`. Fields are not converted.
   * @default {none: names stay as the client sends them}
   */
  readonly normalization?: "NFC" | "NFD" | "NFKC" | "NFKD" | undefined;
  /**
   * What to do if the name exists: find a free name, refuse with 409, or replace the file.
   * @default {"rename"}
   */
  readonly onExisting?: OnExisting | undefined;
  /**
   * Accepted types, as in `<input type="file" accept>`: `".pdf"`, `"image/png"`, `"video/*"`.
   *
   * Every stored file satisfies:
   * - Its extension is listed, or belongs to a listed type. A file with an unknown extension is refused unless that extension
   *   is listed. A file without an extension is accepted only if its first bytes show a listed type.
   * - Its first bytes match the type of its extension; those of a text are not those of another format. Programs are refused
   *   unless they are listed by an extension such as `".exe"`.
   * - The type that the client declares is of the same kind: picture, sound or film, text, document, font, program. It never
   *   decides what is accepted or stored. Empty and unknown types and `application/octet-stream` contradict no kind.
   *
   * Not guaranteed:
   * - That the rest of the bytes is well-formed, or has only one meaning: a GIF may also be a script or a page (a polyglot).
   * - That other programs use only the last extension: `a.php.png` is a picture here, and a script to some web servers. Choose
   *   names by `name` if such a server serves the files.
   * - That a type is harmless: `image/*` includes SVG, and `text/*` includes HTML and JavaScript, which can run scripts. Serve
   *   files with `serve` of `@storages/s3/serve`, or list only the types that you need: `["image/png", "image/jpeg"]`.
   *
   * Without this option all files are accepted. The stored type is still decided by name and first bytes, and is
   * `application/octet-stream` if they show none.
   * @default {all}
   */
  readonly accept?: readonly string[] | undefined;
  /**
   * The service's own origins, and other sites that may send forms to it, such as `"https://www.example.com"`. A browser's form
   * from another site is refused with 403, and nothing of it is parsed; {@linkcode isCrossOrigin} has the rules. List your own
   * origins behind a proxy that changes the Host header, or if other sites are listed.
   * @default {the host of the request's URL}
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /**
   * Whether the stored files of a form that fails are deleted, unless another writer has replaced them since. A file that
   * replaced another one stays, since deleting it would lose both; it is in the error's `stored`. If the bucket keeps versions,
   * that version is deleted, which restores the replaced file.
   * @default {true}
   */
  readonly allOrNothing?: boolean | undefined;
  /**
   * The most bytes of a file.
   * @default {Infinity}
   */
  readonly maxFileBytes?: number | undefined;
  /**
   * The most bytes of the whole form.
   * @default {1 GiB}
   */
  readonly maxTotalBytes?: number | undefined;
  /**
   * The most files in a form.
   * @default {100}
   */
  readonly maxFiles?: number | undefined;
  /**
   * The most fields in a form, without those of files.
   * @default {1000}
   */
  readonly maxFields?: number | undefined;
  /**
   * The most bytes of all fields with their names, which are kept in memory.
   * @default {2.5 MiB}
   */
  readonly maxFieldBytes?: number | undefined;
  /**
   * The longest wait for a byte of the form, in seconds; `Infinity` for any time. A form whose client sends nothing for so
   * long fails with 408. Time in which the storage writes does not count, as the request is not read then.
   * @default {60}
   */
  readonly idleTimeout?: number | undefined;
  /**
   * The longest time for the whole form, in seconds, with the time in which the storage writes; `Infinity` for any time. A
   * form that takes longer fails with 408. It limits clients that send a byte now and then. In the default time 1 GiB, the
   * default of `maxTotalBytes`, arrives at 150 kB/s: raise both together.
   * @default {7200, which is two hours}
   */
  readonly totalTimeout?: number | undefined;
  /** Attributes of the stored files, such as caching and metadata. */
  readonly save?: Omit<FileAttributes, "contentType"> | undefined;
  /**
   * Aborts the upload, which then leaves no files. A client that disconnects always aborts it.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Keeps a Worker alive until the form has ended, also if the client disconnects: then the files of a form that fails are
   * deleted, and their uploads aborted. Pass `(work) => ctx.waitUntil(work)`; Workers wait up to 30 seconds after the client has
   * gone.
   * @default {the storage's `waitUntil`}
   */
  readonly waitUntil?: ((work: Promise<unknown>) => void) | undefined;
}

/** The names of the options of `handleUpload`, which refuses all others. */
export const UPLOAD_OPTIONS = [
  "name",
  "normalization",
  "onExisting",
  "accept",
  "allowedOrigins",
  "allOrNothing",
  "maxFileBytes",
  "maxTotalBytes",
  "maxFiles",
  "maxFields",
  "maxFieldBytes",
  "idleTimeout",
  "totalTimeout",
  "save",
  "signal",
  "waitUntil",
] as const satisfies readonly (keyof UploadOptions)[];

/** The names of the attributes in the option `save`. */
export const SAVED_ATTRIBUTES = [
  "cacheControl",
  "contentDisposition",
  "contentEncoding",
  "contentLanguage",
  "metadata",
] as const satisfies readonly (keyof FileAttributes)[];
