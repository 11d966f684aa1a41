import { checkKeyProtected } from "../client/customer_key.ts";
import { bucketAddress, checkAddress } from "../client/endpoint.ts";
import { credentialsFromSettings } from "../credentials/from_settings.ts";
import { ConfigurationError } from "../errors.ts";
import { checkTempFiles } from "../runtime/files/temp_file.ts";
import { type ObjectParameters, OPTIONS, type S3StorageOptions } from "../settings/options.ts";
import { resolveSettings, type Settings } from "../settings/resolve.ts";
import { optionsFromSettings, parseOption } from "../settings/sources.ts";
import { parseStorageUrl } from "../settings/storage_url.ts";
import type { PresignedPost } from "../signing/presign/presigned_post.ts";
import { DEFAULT_CONTENT_TYPE, guessContentType } from "../storage/content/content_type.ts";
import { checkFileName } from "../storage/contract/names.ts";
import type { CallOptions, CopyOptions, UrlOptions } from "../storage/contract/options.ts";
import { BinaryFile } from "../storage/files/binary_file.ts";
import { checkDescription } from "../storage/files/lazy.ts";
import { Storage } from "../storage/storage.ts";
import type { CompleteOptions, MultipartUpload, MultipartUploadOptions } from "./direct_uploads.ts";
import type { DownloadOptions } from "./download_options.ts";
import type { IncompleteUpload, IncompleteUploadOptions } from "./incomplete_uploads.ts";
import { parameterHeaders, sharedParameters } from "./object_parameters.ts";
import type { PostOptions } from "./object_urls.ts";
import { S3Backend } from "./s3_backend.ts";

/**
 * Files in an S3 bucket: on AWS, or on any server that speaks its protocol.
 *
 * Making one sends nothing. What the options leave out is taken from the environment, as
 * {@linkcode S3StorageOptions} says, and everything is checked at once.
 *
 * Source: the S3 backend of django-storages.
 *
 * @example
 * ```ts
 * import { S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createS3Server({ buckets: ["media"] }); // in the place of a real one
 * const storage = new S3Storage({
 *   bucketName: "media",
 *   location: "uploads",
 *   accessKey: "testkey",
 *   secretKey: "testsecret",
 *   fetch: server.fetch,
 * });
 *
 * const name = await storage.save("hello.txt", "storage contents");
 * assertEquals(await storage.exists(name), true);
 * await using file = await storage.open(name);
 * assertEquals(await file.read(7), "storage");
 * ```
 */
export class S3Storage extends Storage {
  /**
   * Settings of a class of storages, for subclasses to override; options given to the constructor come before them, and
   * those of the class that is extended after.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { assertEquals } from "@std/assert";
   *
   * class MediaStorage extends S3Storage {
   *   static override settings = { bucketName: "my-media-bucket", location: "media", customDomain: "cdn.example.com" };
   * }
   * const storage = new MediaStorage({ querystringAuth: false });
   * assertEquals(await storage.url("a.jpg"), "https://cdn.example.com/media/a.jpg");
   * ```
   */
  static settings: S3StorageOptions = {};

  /** Every setting as it was resolved, frozen; secrets show as `******`. */
  readonly settings: Settings;
  /** The bucket. */
  readonly bucketName: string;
  readonly #backend: S3Backend;

  /**
   * Resolves and checks every setting; sends nothing.
   *
   * @param options The settings; what is left out is taken from the class, the environment and the AWS files.
   * @throws {ConfigurationError} If a setting is missing, unknown, malformed or in conflict with another.
   */
  constructor(options: S3StorageOptions = {}) {
    const settings = resolveSettings([options, ...classSettings(new.target)]);
    checkAddress(settings);
    const { objectParameters } = settings;
    parameterHeaders(objectParameters);
    if (objectParameters.SSECustomerKey !== undefined) {
      checkKeyProtected(bucketAddress(settings, settings.regionName, settings.bucketName).origin);
    }
    if (settings.maxMemorySize > 0) checkTempFiles("maxMemorySize");
    const shown = withoutCustomerKey(settings);
    const backend = new S3Backend(shown, objectParameters, credentialsFromSettings(settings));
    super(backend, settings);
    // The key of the location itself is that of no file: a URL may lead to it.
    backend.parametersOf = (key) =>
      key === this.location ? objectParameters : this.getObjectParameters(key.slice(this.location.length));
    this.settings = shown;
    this.bucketName = settings.bucketName;
    this.#backend = backend;
  }

  /**
   * Makes a storage from settings by their AWS_* names, as django-storages has them. They come after the settings of the
   * class, and before the environment. Texts are read as they are in variables: strictly.
   *
   * @param named The settings.
   * @returns The storage, of the class that this is called on.
   * @throws {ConfigurationError} If a setting is missing, unknown, malformed or in conflict with another.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = S3Storage.fromSettings({
   *   AWS_STORAGE_BUCKET_NAME: "media",
   *   AWS_S3_REGION_NAME: "eu-west-1",
   *   AWS_QUERYSTRING_AUTH: false,
   * });
   * assertEquals(await storage.url("a.txt"), "https://media.s3.eu-west-1.amazonaws.com/a.txt");
   * ```
   */
  static fromSettings<T extends S3Storage>(
    this: { new (options?: S3StorageOptions): T; settings: S3StorageOptions },
    named: Readonly<Record<string, unknown>>,
  ): T {
    return new this(optionsFromSettings(named, classSettings(this)));
  }

  /**
   * Makes a storage from one URL, as services keep it in a single variable: the bucket and the location, and options or
   * their short forms as parameters. It may hold the keys: `s3://id:secret@bucket`.
   *
   * @param url The URL: `s3://bucket/location?region=…&endpoint=…`.
   * @returns The storage, of the class that this is called on.
   * @throws {ConfigurationError} If it is no such URL, or a parameter is unknown or malformed. The URL is not repeated.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = S3Storage.fromUrl("s3://media/uploads?region=eu-west-1&querystringAuth=false");
   * assertEquals(await storage.url("a.txt"), "https://media.s3.eu-west-1.amazonaws.com/uploads/a.txt");
   * ```
   */
  static fromUrl<T extends S3Storage>(this: new (options?: S3StorageOptions) => T, url: string | URL): T {
    return new this(parseStorageUrl(url, OPTIONS, parseOption));
  }

  /**
   * A URL that lets anyone who has it do one thing with the file, for as long as it is valid; or, where
   * `querystringAuth` is false, the plain URL of a public file. Makes no request.
   *
   * @param name The file. Whether there is one is not looked at. On a custom domain `""` is what all names are below.
   * @param options What the URL is for.
   * @returns The URL.
   * @throws {ConfigurationError} If it would expire after less than 1 or more than 604800 seconds, a parameter is
   * unknown, or there are no credentials to sign with.
   */
  override async url(name: string, options: UrlOptions = {}): Promise<string> {
    options.signal?.throwIfAborted();
    return await this.#backend.url(this.#urlKey(name), options);
  }

  /**
   * As {@linkcode S3Storage.url}, without waiting: for pages with thousands of links.
   *
   * @param name The file. Whether there is one is not looked at.
   * @param options What the URL is for.
   * @returns The URL.
   * @throws {ConfigurationError} As `url`, and where it would have to be waited for: credentials that are not there yet (the
   * first `url` or any request fetches them), or a signer for CloudFront that takes its time.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = new S3Storage({
   *   bucketName: "media",
   *   accessKey: "AKIDEXAMPLE",
   *   secretKey: "secret",
   *   querystringWindow: 3600, // the same URL for an hour, so that browsers cache what it leads to
   * });
   * const page = ["a.jpg", "b.jpg"].map((name) => `<img src="${storage.urlSync(name)}">`);
   * assertEquals(page.length, 2);
   * ```
   */
  urlSync(name: string, options: UrlOptions = {}): string {
    const { client, urls } = this.#backend;
    const key = this.#urlKey(name);
    const credentials = urls.needsCredentials ? client.credentialsSync() : undefined;
    const url = urls.url(key, this.#backend.versioned(key, options), credentials);
    if (typeof url === "string") return url;
    url.catch(() => {}); // prevent an unhandled rejection
    throw new ConfigurationError("The URL signer is asynchronous: use url() instead of urlSync()");
  }

  /**
   * Reads a file as `open(name, "rb")` does, by several requests at once: for large files, where one connection is slower
   * than the network. The bytes come in order, and all of the very object that the download began with. On AWS, and where
   * `responseChecksumValidation` says so, a HEAD request asks for the checksum that they must have.
   *
   * @param name The file.
   * @param options How much is fetched at once.
   * @returns The bytes, for a `Response` or any stream; see {@linkcode S3Storage.downloadTo} for files. Read it to its end or cancel it. It fails with
   * {@linkcode PreconditionFailedError} if the object changes meanwhile.
   * @throws {NotFoundError} If there is no such file.
   * @throws {RangeError} If `partSize` or `maxConcurrency` is not a whole number of 1 or more.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] }); // in the place of a real one
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * await storage.save("film.mp4", new Uint8Array(20_000_000));
   *
   * const response = new Response(await storage.download("film.mp4", { maxConcurrency: 8 }));
   * assertEquals((await response.blob()).size, 20_000_000);
   * ```
   */
  async download(name: string, options: DownloadOptions = {}): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
    return (await this.#openInRanges(name, options)).readable;
  }

  /**
   * As {@linkcode S3Storage.download}, to where the bytes shall be.
   *
   * @param name The file.
   * @param target A path or `file:` URL on Deno, Bun and Node, of a file that appears, or is replaced, once all of it is
   * there; a stream, which is closed at the end and aborted on failure; or memory that has room for all of it.
   * @param options How much is fetched at once.
   * @returns How many bytes it was.
   * @throws {NotFoundError} If there is no such file.
   * @throws {RangeError} If it does not fit into the memory, or an option is out of range.
   * @throws {NotSupportedError} If it is to be a file, and the runtime has none.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] }); // in the place of a real one
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * await storage.save("film.mp4", new Uint8Array(20_000_000));
   *
   * const folder = await Deno.makeTempDir();
   * assertEquals(await storage.downloadTo("film.mp4", `${folder}/film.mp4`), 20_000_000);
   * assertEquals((await Deno.stat(`${folder}/film.mp4`)).size, 20_000_000);
   * await Deno.remove(folder, { recursive: true });
   *
   * const memory = new Uint8Array(await storage.size("film.mp4"));
   * await storage.downloadTo("film.mp4", memory, { maxConcurrency: 8 });
   * ```
   */
  async downloadTo(
    name: string,
    target: string | URL | WritableStream<Uint8Array> | Uint8Array<ArrayBuffer>,
    options: DownloadOptions = {},
  ): Promise<number> {
    const { readInto } = await import("./download_to.ts");
    const file = await this.#openInRanges(name, options);
    return await readInto(file, target).finally(() => file.close());
  }

  async #openInRanges(name: string, options: DownloadOptions): Promise<BinaryFile> {
    options.signal?.throwIfAborted();
    const { partSize, downloadConcurrency } = this.settings.transferConfig;
    const ranges = {
      partSize: options.partSize ?? partSize,
      maxConcurrency: options.maxConcurrency ?? downloadConcurrency,
      onProgress: options.onProgress,
    };
    const key = this.keyOf(name);
    const read = { signal: options.signal, decompress: options.decompress };
    return await this.openForReading(
      BinaryFile,
      name,
      read,
      (wanted) => this.#backend.read(key, { ...wanted, ...ranges }),
    );
  }

  /**
   * Signs a form by which a browser uploads a file straight into the bucket, within the conditions. Makes no request.
   *
   * @param name The file; `${filename}` in it stands for the name that the browser sends, so who may choose this name could
   * let others choose theirs: see {@linkcode S3Storage.getValidName}.
   * @param options What may be uploaded.
   * @returns Where to send the form, and its fields; for `presignedPostForm` of `@storages/s3/signing`.
   * @throws {ConfigurationError} If there are no credentials to sign with, or the setting `signatureVersion` is `"s3"`.
   * @throws {TypeError} If a field or a condition is malformed.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = new S3Storage({ bucketName: "media", accessKey: "AKIDEXAMPLE", secretKey: "secret" });
   * const post = await storage.presignedPost("avatars/7.png", {
   *   expire: 300,
   *   fields: { "Content-Type": "image/png" },
   *   conditions: [["content-length-range", 1, 1024 ** 2]],
   * });
   * assertEquals([post.url, post.fields.key], ["https://media.s3.amazonaws.com/", "avatars/7.png"]);
   * ```
   */
  async presignedPost(name: string, options: PostOptions = {}): Promise<PresignedPost> {
    options.signal?.throwIfAborted();
    const { key } = this.#backend.writableTarget(this.keyOf(name), options);
    return await this.#backend.urls.post(key, options, await this.#backend.client.credentials(options.signal));
  }

  /**
   * Begins an upload in parts that someone else sends, such as a browser with a large file: signs a URL for each part. Ends
   * with {@linkcode S3Storage.completeMultipartUpload} or {@linkcode S3Storage.abortMultipartUpload}; the parts of one
   * that is forgotten take room until a lifecycle rule of the bucket removes them (AbortIncompleteMultipartUpload).
   *
   * Nothing in such a URL limits the size of its part, which S3 does at 5 GiB: say `size` again on completing.
   *
   * @param name The file. It appears once the upload is completed.
   * @param options How large it is, and how it is written.
   * @returns The upload's id, where to cut the file, and where to PUT each part, without a `Content-Type`.
   * @throws {TypeError} If neither `size` nor `parts` is given, or both are, or an option is a value that no header can carry.
   * @throws {RangeError} If `size`, `parts` or `partSize` is out of range.
   * @throws {ConfigurationError} If the URLs would expire too early or too late.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] }); // in the place of a real one
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * const file = new Blob([new Uint8Array(12_000_000)]);
   * const upload = await storage.createMultipartUpload("film.mp4", { size: file.size, partSize: 5 * 1024 ** 2 });
   *
   * // In the browser:
   * const { urls, partSizeBytes } = upload;
   * const etags = await Promise.all(urls.map(async (url, i) => {
   *   const body = file.slice(i * partSizeBytes, (i + 1) * partSizeBytes);
   *   const response = await fetch(new Request(url, { method: "PUT", body }));
   *   return response.headers.get("etag")!;
   * }));
   *
   * await storage.completeMultipartUpload("film.mp4", upload.uploadId, etags);
   * assertEquals(await storage.size("film.mp4"), 12_000_000);
   * ```
   */
  async createMultipartUpload(name: string, options: MultipartUploadOptions): Promise<MultipartUpload> {
    options.signal?.throwIfAborted();
    checkFileName(name);
    const key = this.keyOf(name);
    await checkDescription("upload", name, options);
    const { client, urls } = this.#backend;
    const { headers } = this.#backend.writeParameters(key, {
      ...options,
      // Parts are stored as others send them, without compression.
      contentEncoding: options.contentEncoding ?? this.#backend.parametersOf(key).ContentEncoding ?? "",
      overwrite: true,
      fallbackContentType: guessContentType(name) ?? DEFAULT_CONTENT_TYPE,
    });
    const { createDirectUpload } = await directUploads();
    const upload = await createDirectUpload(client, urls, this.#backend.target(key, options), headers, options);
    return { name: key.slice(this.location.length), ...upload };
  }

  /**
   * Publishes a file whose parts have arrived, all of it at once.
   *
   * @param name The file that the upload began with.
   * @param uploadId The upload.
   * @param etags What S3 answered to each part, in their order. Without them it is asked which parts it has: for
   * browsers that cannot see ETags, as the bucket's CORS rules do not expose them.
   * @param options What the file's size must be.
   * @throws {IntegrityError} If a part is missing, or the size is another. A last part that is missing shows by `size` alone,
   * where there are no `etags`.
   * @throws {NotFoundError} If there is no such upload of that name. One that has ended as this file, of the same parts, is
   * no error.
   * @throws {AlreadyExistsError} If the name is taken, and may not be overwritten; the upload goes on.
   * @throws {NotSupportedError} If the file may not overwrite, and the service ignores `If-None-Match` here.
   * @throws {TypeError} If an ETag is none.
   * @throws {RangeError} If `size` is no size, or `etags` is empty or longer than 10,000.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] });
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * const { uploadId, urls } = await storage.createMultipartUpload("a.txt", { size: 16 });
   * await fetch(new Request(urls[0]!, { method: "PUT", body: "storage contents" }));
   *
   * await storage.completeMultipartUpload("a.txt", uploadId, undefined, { size: 16 });
   * assertEquals(await (await storage.open("a.txt")).text(), "storage contents");
   * ```
   */
  async completeMultipartUpload(
    name: string,
    uploadId: string,
    etags?: readonly string[],
    options: CompleteOptions = {},
  ): Promise<void> {
    const target = { ...this.#backend.writableTarget(this.keyOf(name), options), uploadId };
    const { size, overwrite = this.fileOverwrite } = options;
    await (await directUploads()).completeDirectUpload(this.#backend.client, target, etags, size, overwrite);
  }

  /**
   * Gives an upload up, and removes the parts that have arrived. A part still under way may arrive after that: then it is
   * to be given up once more.
   *
   * @param name The file that the upload began with.
   * @param uploadId The upload.
   * @throws {NotFoundError} If there is no such upload of that name, or it has ended.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const server = createS3Server({ buckets: ["media"] });
   * const { fetch } = server;
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * const { uploadId } = await storage.createMultipartUpload("film.mp4", { parts: 100 });
   * await storage.abortMultipartUpload("film.mp4", uploadId);
   * assertEquals(server.openUploads("media"), []);
   * ```
   */
  async abortMultipartUpload(name: string, uploadId: string, options: CallOptions = {}): Promise<void> {
    const target = { ...this.#backend.target(this.keyOf(name), options), uploadId };
    await (await directUploads()).abortDirectUpload(this.#backend.client, target);
  }

  /**
   * Gives up all uploads in parts below the storage's `location` that began long ago and never ended, and so frees the room
   * that their parts take: those of browsers that left, of processes that were killed, and the empty ones whose beginning
   * was answered by nothing but silence. Nobody can tell those from the uploads of others by anything but their age.
   *
   * IAM permissions: `s3:ListBucketMultipartUploads` for the bucket, `s3:AbortMultipartUpload` for its objects.
   *
   * @param options How long ago they must have begun.
   * @returns Those that were given up.
   * @throws {AggregateError} Of one error for each that could not be, after all others were.
   * @throws {RangeError} If `olderThanSeconds` is no number of seconds.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const server = createS3Server({ buckets: ["media"] });
   * const { fetch } = server;
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * await storage.createMultipartUpload("film.mp4", { parts: 3 }); // for a browser that never came back
   *
   * assertEquals(await storage.abortIncompleteUploads(), []); // it has a day
   * const [upload] = await storage.abortIncompleteUploads({ olderThanSeconds: 0 });
   * assertEquals([upload?.key, server.openUploads("media")], ["film.mp4", []]);
   * ```
   */
  async abortIncompleteUploads(options: IncompleteUploadOptions = {}): Promise<IncompleteUpload[]> {
    const { abortIncomplete } = await import("./incomplete_uploads.ts");
    const { client } = this.#backend;
    const parameters = sharedParameters(this.#backend.sharedObjectParameters());
    const target = { bucket: this.bucketName, key: this.location, signal: options.signal, parameters };
    return await abortIncomplete(client, target, options);
  }

  /**
   * The parameters that an object is written and read with: `objectParameters` for all of them. Override it to decide by
   * name. Each of them goes along with the requests that take it; with listings go those of `objectParameters`.
   *
   * @param _name The file's name, without the location.
   */
  getObjectParameters(_name: string): ObjectParameters {
    return this.#backend.sharedObjectParameters();
  }

  /**
   * Renames a file, as {@linkcode Storage.move} does.
   *
   * @throws {ConfigurationError} If one version of the file is configured to be read: a move would delete another.
   */
  override async move(from: string, to: string, options: CopyOptions = {}): Promise<void> {
    this.#backend.writableTarget(this.keyOf(from), options); // fails before anything is sent
    await super.move(from, to, options);
  }

  /** The key of a URL. On a custom domain the empty name is the location itself. */
  #urlKey(name: string): string {
    return name === "" && this.#backend.urls.hasFrontPage ? this.location : this.keyOf(name);
  }
}

/** Settings that may be looked at. */
function withoutCustomerKey(settings: Settings): Settings {
  const { objectParameters } = settings;
  if (objectParameters.SSECustomerKey === undefined) return settings;
  return Object.freeze({
    ...settings,
    objectParameters: Object.freeze({ ...objectParameters, SSECustomerKey: "******" }),
  });
}

/** Loaded on demand: most storages are never asked for them. */
const directUploads = (): Promise<typeof import("./direct_uploads.ts")> => import("./direct_uploads.ts");

/** The settings of a class and of those it extends, the nearest first. */
function classSettings(of: { settings: S3StorageOptions }): S3StorageOptions[] {
  const found: S3StorageOptions[] = [];
  for (let one = of; one !== Storage as unknown; one = Object.getPrototypeOf(one)) {
    if (Object.hasOwn(one, "settings")) found.push(one.settings);
  }
  return found;
}
