import type { WriteOptions } from "../storage/contract/options.ts";
import type { Storage } from "../storage/storage.ts";

/**
 * A file as it arrives.
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
  /** The form's field that it is in. */
  readonly fieldName: string;
  /** What the client calls it: the last part, without folders. Spaces and quotes are still in it. */
  readonly originalName: string;
  /** Its media type, by its name and its first bytes. */
  readonly contentType: string;
  /** The fields that came before it in the form. */
  readonly fields: URLSearchParams;
}

/**
 * A file that is stored.
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
  /** The name it is stored under. */
  readonly name: string;
  /** Bytes, as they arrived. */
  readonly size: number;
}

/**
 * What a form had.
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
  /** The fields that are no files, in their order. */
  readonly fields: URLSearchParams;
  /** The files, in their order; a file input that was left empty has none. */
  readonly files: readonly StoredUpload[];
}

/**
 * What may be uploaded, and where to.
 *
 * @example
 * ```ts
 * import { handleUpload, type UploadOptions } from "@storages/s3/upload";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const options: UploadOptions = {
 *   storage: new MemoryStorage(),
 *   name: ({ originalName }) => `user_upload_files/ada/${originalName}`,
 *   onExisting: "refuse",
 *   maxFiles: 1,
 * };
 * const body = new FormData();
 * body.set("file", new File(["hello"], "hello.txt"));
 * const { files } = await handleUpload(new Request("https://example.com", { method: "POST", body }), options);
 * assertEquals(files[0]!.name, "user_upload_files/ada/hello.txt");
 * ```
 */
export interface UploadOptions {
  /** Where the files go. */
  readonly storage: Storage;
  /**
   * The name to store a file under.
   * @default {the client's own, made safe by `storage.generateFilename`}
   */
  readonly name?: ((file: UploadedFile) => string | Promise<string>) | undefined;
  /**
   * What to do where the name is taken: find a free one, refuse with 409, or replace what is there.
   * @default {"rename"}
   */
  readonly onExisting?: "rename" | "refuse" | "replace" | undefined;
  /**
   * Types that are accepted, as an `<input type="file">` has them: `".pdf"`, `"image/png"`, `"video/*"`.
   *
   * What is promised of every file that is stored:
   * - Its extension is listed, or stands for a type that is. A file whose extension is not known is refused unless that
   *   extension is listed. One without extension is taken only if its first bytes tell a type that is listed.
   * - Its first bytes are those of the type that its extension stands for; of a text, that they are not those of another
   *   format. Programs are refused unless they are listed by an extension such as `".exe"`.
   * - The type that the client declares is of the same kind: picture, sound or film, text, document, font, program. It never
   *   decides what is accepted or stored. An empty one, `application/octet-stream` and unknown ones are of no kind.
   *
   * What is not promised:
   * - That the rest of the bytes is well-formed, or nothing else as well: a GIF may be a script or a page too (a polyglot).
   * - That only the last extension counts elsewhere: `a.php.png` is a picture here, and a script to some web servers. Give
   *   files names of your own by `name` where such a server serves them.
   * - That a type is harmless: `image/*` has SVG in it, as in HTML, `text/*` HTML and JavaScript. Both run script. Answer
   *   with `serve` of `@storages/s3/serve`, or list the types that you want: `["image/png", "image/jpeg"]`.
   *
   * Without this option everything is accepted. The type that is stored is by name and first bytes then too, and
   * `application/octet-stream` where they tell none.
   * @default {all}
   */
  readonly accept?: readonly string[] | undefined;
  /**
   * The service's own origins, and other sites that may send forms to it, such as `"https://www.example.com"`. A browser's
   * form from elsewhere is refused with 403, before its body is read: {@linkcode isCrossOrigin} says how it is told. List
   * the own ones behind a proxy that changes the Host header, and where other sites are listed.
   * @default {the host of the request's URL}
   */
  readonly allowedOrigins?: readonly string[] | undefined;
  /**
   * Whether a form that fails leaves none of its files: those stored before are removed, unless another writer has replaced
   * them since. One that replaced another file stays, since removing it would lose both; the error has it in `stored`. Where
   * the bucket keeps versions, that version is removed, and the file that it replaced is there again.
   * @default {true}
   */
  readonly allOrNothing?: boolean | undefined;
  /**
   * Bytes of a file.
   * @default {Infinity}
   */
  readonly maxFileBytes?: number | undefined;
  /**
   * Bytes of the whole form.
   * @default {1 GiB}
   */
  readonly maxTotalBytes?: number | undefined;
  /**
   * Files in a form.
   * @default {100}
   */
  readonly maxFiles?: number | undefined;
  /**
   * Fields in a form, those of files apart.
   * @default {1000}
   */
  readonly maxFields?: number | undefined;
  /**
   * Bytes of all fields together, with their names; they are kept in memory.
   * @default {2.5 MiB}
   */
  readonly maxFieldBytes?: number | undefined;
  /** How the files are written: caching, metadata and so on. */
  readonly save?:
    | Pick<
      WriteOptions,
      "cacheControl" | "contentDisposition" | "contentEncoding" | "contentLanguage" | "metadata"
    >
    | undefined;
  /**
   * Gives the upload up, which then leaves nothing behind: `AbortSignal.timeout(600_000)`, say, for clients that are slow
   * on purpose. A client that goes away does so in any case.
   */
  readonly signal?: AbortSignal | undefined;
}
