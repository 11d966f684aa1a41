/**
 * How a file is served.
 *
 * @example
 * ```ts
 * import { serve, type ServeOptions } from "@storages/s3/serve";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertEquals } from "@std/assert";
 *
 * const storage = new MemoryStorage();
 * await storage.save("7f3a.pdf", "%PDF-1.7");
 * const options: ServeOptions = { downloadName: "Bill.pdf", cacheControl: "private, max-age=60" };
 * const { headers } = await serve(new Request("https://example.com/bill"), storage, "7f3a.pdf", options);
 * assertEquals(headers.get("content-disposition"), 'attachment; filename="Bill.pdf"');
 * ```
 */
export interface ServeOptions {
  /**
   * Where the names begin in the URL's path, which the name is taken from where none is given: `/files/a.txt` is `a.txt`
   * below `"/files/"`. A slash at its end may be left out.
   * @default {"/"}
   */
  readonly prefix?: string | undefined;
  /**
   * Whether all files of the storage are your own, as those of a static site: then they may run scripts as pages of the site
   * that serves them. Of all others, that is what strangers uploaded, no browser runs a script.
   * @default {false}
   */
  readonly trusted?: boolean | undefined;
  /**
   * Answers with a redirect to `storage.url()` instead of the file: then its bytes do not come this way, and whether there is
   * such a file is not looked at. `true` is 302. What else is asked for here goes along as parameters of a signed URL, which
   * a URL without a signature cannot have.
   * @default {false}
   */
  readonly redirect?: boolean | 302 | 307 | undefined;
  /**
   * Seconds that the URL of a redirect is valid for.
   * @default {the storage's `querystringExpire`}
   */
  readonly expire?: number | undefined;
  /**
   * Whether browsers show the file or download it. `"inline"` also shows what is a download unless it is `trusted`, such as
   * PDF, whose scripts Chromium's viewer runs apart from the site.
   * @default {`"attachment"` where there is a `downloadName`, else what is stored with the file}
   */
  readonly disposition?: "inline" | "attachment" | undefined;
  /**
   * The name it is downloaded under.
   * @default {the last part of its own name, where there is a `disposition`}
   */
  readonly downloadName?: string | undefined;
  /**
   * The media type.
   * @default {what is stored with the file, else `application/octet-stream`}
   */
  readonly contentType?: string | undefined;
  /**
   * How long the answer may be cached.
   * @default {what is stored with the file}
   */
  readonly cacheControl?: string | undefined;
  /**
   * Further headers of an answer that has the file, or says that it did not change. Headers that `serve` itself sends come
   * before them, but for two that are added to: `Vary`, and `Content-Security-Policy`, of which browsers obey both. Only
   * `trusted` leaves the policy of `serve` out.
   */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Ends the reading. A client that goes away ends it in any case: the runtime then cancels the answer's body. */
  readonly signal?: AbortSignal | undefined;
}
