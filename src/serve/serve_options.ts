/**
 * Options of {@linkcode serve}.
 *
 * @example
 * ```ts
 * import { serve, type ServeOptions } from "@storages/s3/serve";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("7f3a.pdf", "%PDF-1.7");
 * const options: ServeOptions = { name: "7f3a.pdf", downloadName: "Bill.pdf", cacheControl: "private, max-age=60" };
 * const { headers } = await serve(storage, new Request("https://example.com/bill"), options);
 * assertEquals(headers.get("content-disposition"), 'attachment; filename="Bill.pdf"');
 * ```
 */
export interface ServeOptions {
  /**
   * The file's name. `undefined` is refused, so that a forgotten name never becomes the one in the URL.
   * @default {the URL's path below `prefix`, decoded; a path outside the prefix, with a malformed escape or an escaped slash or
   * backslash, or that is not a valid name, is a 404}
   */
  readonly name?: string;
  /**
   * The start of the URL's path, before the name: with `"/files/"`, `/files/a.txt` is `a.txt`. The trailing slash is optional.
   * Cannot be combined with `name`.
   * @default {"/"}
   */
  readonly prefix?: string | undefined;
  /**
   * Whether all files of the storage are your own, as those of a static site: then they may run scripts as pages of the site
   * that serves them. Scripts in untrusted files, which others uploaded, do not run.
   * @default {false}
   */
  readonly trusted?: boolean | undefined;
  /**
   * Whether to respond with a redirect to `storage.url()` instead of the file. The file need not exist. `true` means 302.
   * The options for type, disposition and caching become parameters of the signed URL; URLs without a signature cannot have
   * them.
   * @default {false}
   */
  readonly redirect?: boolean | 302 | 307 | undefined;
  /**
   * Lifetime of the URL of a redirect, in seconds. Only with `redirect`.
   * @default {the storage's `querystringExpire`}
   */
  readonly expiresIn?: number | undefined;
  /**
   * Whether browsers show the file or download it. `"inline"` also shows untrusted types that are downloads by default, such as
   * PDF, whose scripts Chromium's viewer runs isolated from the site.
   * @default {`"attachment"` with a `downloadName`, else the stored value}
   */
  readonly disposition?: "inline" | "attachment" | undefined;
  /**
   * The name of the download.
   * @default {the last part of the file's name, with a `disposition`}
   */
  readonly downloadName?: string | undefined;
  /**
   * The media type.
   * @default {the stored type, else `application/octet-stream`}
   */
  readonly contentType?: string | undefined;
  /**
   * The `Cache-Control` header.
   * @default {the stored value}
   */
  readonly cacheControl?: string | undefined;
  /**
   * Further headers of responses with the file, and of 304. Headers of `serve` override them, except `Vary` and
   * `Content-Security-Policy`, to which they are added; browsers enforce both policies. Only `trusted` omits the policy of
   * `serve`.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Aborts reading. A client that disconnects also does: the runtime then cancels the response body. */
  readonly signal?: AbortSignal | undefined;
}

/** The names of the options of `serve`, which refuses all others. */
export const SERVE_OPTIONS = [
  "name",
  "prefix",
  "trusted",
  "redirect",
  "expiresIn",
  "disposition",
  "downloadName",
  "contentType",
  "cacheControl",
  "headers",
  "signal",
] as const satisfies readonly (keyof ServeOptions)[];
