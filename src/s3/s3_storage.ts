import { checkKeyProtected } from "../client/customer_key.ts";
import { bucketAddress, checkAddress } from "../client/endpoint.ts";
import { S3Client } from "../client/s3_client.ts";
import { credentialsFromSettings } from "../credentials/from_settings.ts";
import { ConfigurationError } from "../errors.ts";
import { checkOptions } from "../kit/values/options.ts";
import { checkTempFiles } from "../runtime/files/temp_file.ts";
import { type ObjectParameters, OPTIONS, type S3StorageOptions } from "../settings/options.ts";
import { resolveSettings, type Settings } from "../settings/resolve.ts";
import { optionsFromSettings, parseOption } from "../settings/sources.ts";
import { parseStorageUrl } from "../settings/storage_url.ts";
import type { PresignedPost } from "../signing/presign/presigned_post.ts";
import { DEFAULT_CONTENT_TYPE, guessContentType } from "../storage/content/content_type.ts";
import { checkFileName } from "../storage/contract/names.ts";
import { URL_OPTIONS } from "../storage/contract/option_names.ts";
import type { CallOptions, CopyOptions } from "../storage/contract/options.ts";
import { checkDescription } from "../storage/files/lazy.ts";
import { derivedStorage } from "../storage/derived_storage.ts";
import { Storage } from "../storage/storage.ts";
import type { CompleteOptions, MultipartUpload, MultipartUploadOptions } from "./direct_uploads.ts";
import type { IncompleteUpload, IncompleteUploadOptions } from "./incomplete_uploads.ts";
import { type Derivation, derive } from "./derived_settings.ts";
import { parameterHeaders, sharedParameters } from "./object_parameters.ts";
import { POST_OPTIONS, type PostOptions } from "./object_urls.ts";
import { S3Backend } from "./s3_backend.ts";
import type { S3CallOptions, S3WriteOptions } from "./s3_options.ts";
import type { S3UrlOptions } from "./url_parameters.ts";

/**
 * Files in an S3 bucket, on AWS or any other service with the S3 API.
 *
 * The constructor takes missing options from the environment, as described in {@linkcode S3StorageOptions}. It validates
 * every setting and sends no request.
 *
 * Source: the S3 backend of django-storages.
 *
 * @example
 * ```ts
 * import { S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const server = createS3Server({ buckets: ["media"] }); // instead of a real server
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
export class S3Storage extends Storage<S3CallOptions> {
  /**
   * Default settings of a class, for subclasses to override. Options of the constructor take precedence over them, and they
   * take precedence over the settings of the extended class.
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

  /** All resolved settings, frozen; secrets are shown as `******`. */
  readonly settings: Settings;
  /** The bucket. */
  readonly bucketName: string;
  readonly #backend: S3Backend;

  /**
   * Resolves and validates every setting. Sends no request.
   *
   * @param options The settings; missing ones are taken from the class, the environment and the AWS files.
   * @throws {ConfigurationError} If a setting is missing, unknown, malformed or in conflict with another.
   */
  constructor(options: S3StorageOptions = {}) {
    const derivation = DERIVATIONS.get(options);
    const settings = derivation?.settings ?? resolveSettings([options, ...classSettings(new.target)]);
    checkAddress(settings);
    const { objectParameters } = settings;
    parameterHeaders(objectParameters);
    if (objectParameters.SSECustomerKey !== undefined) {
      checkKeyProtected(bucketAddress(settings, settings.regionName, settings.bucketName).origin);
    }
    if (settings.maxMemorySize > 0) checkTempFiles("maxMemorySize");
    const shown = withoutCustomerKey(settings);
    const client = derivation?.clientFor(shown) ?? new S3Client(shown, credentialsFromSettings(settings));
    const backend = new S3Backend(client, objectParameters);
    super(backend, settings);
    // The key of the location itself is not that of a file, but may have a URL. Other storages may use the backend too.
    backend.parametersOf = (key) =>
      key.startsWith(this.location) && key !== this.location
        ? this.getObjectParameters(key.slice(this.location.length))
        : objectParameters;
    this.settings = shown;
    this.bucketName = settings.bucketName;
    this.#backend = backend;
  }

  /**
   * Creates a storage from settings with the AWS_* names of django-storages. The settings of the class take precedence over
   * them, and they take precedence over the environment. Strings are parsed strictly, like environment variables.
   *
   * @param named The settings.
   * @returns A storage of the class that this is called on.
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
   * Creates a storage from a URL with the bucket and the location, and with options or their short forms as parameters. So a
   * single environment variable can configure a storage. The URL may contain the keys: `s3://id:secret@bucket`.
   *
   * @param url The URL: `s3://bucket/location?region=…&endpoint=…`.
   * @returns A storage of the class that this is called on.
   * @throws {ConfigurationError} If the URL is malformed, or a parameter is unknown or malformed. The message does not
   * contain the URL.
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
   * Makes a storage with other settings: another location, bucket or default, for example. It has the class of this one, with
   * all overridden methods. It reads neither the environment nor the settings of the class again, and shares the credentials,
   * unless they change. If the settings of the connection stay, both share what is known of the service: the regions of
   * buckets, the error of the clock, and the budget for retries.
   *
   * The constructor of a subclass is not called, as its parameters may differ. Fields that it has added are copied; a subclass
   * with private fields overrides this method. An object in the options replaces the previous one as a whole.
   *
   * @param options The settings that change. One of `accessKey`, `secretKey`, `securityToken`, `credentials` and
   * `sessionProfile` replaces all of them.
   * @returns The other storage.
   * @throws {ConfigurationError} If a setting is unknown, malformed or in conflict with another.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = new S3Storage({ bucketName: "media", accessKey: "AKIDEXAMPLE", secretKey: "secret" });
   * const avatars = storage.with({ location: "avatars", fileOverwrite: false });
   * const archive = storage.with({ bucketName: "archive", objectParameters: { StorageClass: "GLACIER_IR" } });
   * assertEquals([avatars.uri("7.png"), archive.bucketName], ["s3://amazonaws.com/media/avatars/7.png", "archive"]);
   * ```
   */
  override with(options: S3StorageOptions): this {
    const own = {};
    DERIVATIONS.set(own, derive(this.#backend.client, this.#backend.sharedObjectParameters(), options));
    return derivedStorage(this, S3Storage, own);
  }

  /**
   * Makes a URL to a file. It is signed, so that anyone who has it may do one operation until it expires; if
   * `querystringAuth` is false, it is the plain URL of a public file. Sends no request.
   *
   * @param name The file, which need not exist. On a custom domain `""` is the location itself.
   * @param options How the URL is made.
   * @returns The URL.
   * @throws {ConfigurationError} If no credentials are configured.
   * @throws {NotSupportedError} If `downloadName` is given, and the URL is not signed for S3.
   * @throws {RangeError} If it would expire after less than 1 or more than 604800 seconds.
   * @throws {TypeError} If an option or a parameter is unknown, or of the wrong kind.
   */
  override async url(name: string, options: S3UrlOptions = {}): Promise<string> {
    checkOptions(`sign URL for '${name}'`, options, URL_OPTIONS);
    options.signal?.throwIfAborted();
    return await this.#backend.url(this.#urlKey(name), options);
  }

  /**
   * Makes a URL like {@linkcode S3Storage.url}, but synchronously: for pages with thousands of links.
   *
   * @param name The file, which need not exist.
   * @param options How the URL is made.
   * @returns The URL.
   * @throws {ConfigurationError} As `url`; also if the credentials are not loaded yet (the first `url` or any request loads
   * them), or the signer for CloudFront is asynchronous.
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
   *   querystringWindow: 3600, // the same URL for an hour, so that browsers cache the file
   * });
   * const page = ["a.jpg", "b.jpg"].map((name) => `<img src="${storage.urlSync(name)}">`);
   * assertEquals(page.length, 2);
   * ```
   */
  urlSync(name: string, options: S3UrlOptions = {}): string {
    checkOptions(`sign URL for '${name}'`, options, URL_OPTIONS);
    const { client, urls } = this.#backend;
    const key = this.#urlKey(name);
    const credentials = urls.needsCredentials ? client.credentialsSync() : undefined;
    const url = urls.url(key, this.#backend.versioned(key, options), credentials);
    if (typeof url === "string") return url;
    url.catch(() => {}); // prevent an unhandled rejection
    throw new ConfigurationError("The URL signer is asynchronous: use url() instead of urlSync()");
  }

  /**
   * Signs a form with which a browser uploads a file directly to the bucket. Sends no request.
   *
   * @param name The file. S3 replaces `${filename}` in it by the name that the browser sends: if users choose the name,
   * make it safe with {@linkcode S3Storage.getValidName}.
   * @param options What may be uploaded.
   * @returns The URL and the fields of the form, for `presignedPostForm` of `@storages/s3/signing`.
   * @throws {ConfigurationError} If no credentials are configured, or the setting `signatureVersion` is `"s3"`.
   * @throws {RangeError} If it would expire after less than 1 or more than 604800 seconds.
   * @throws {TypeError} If an option is unknown, or a field or a condition is malformed.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { assertEquals } from "@std/assert";
   *
   * const storage = new S3Storage({ bucketName: "media", accessKey: "AKIDEXAMPLE", secretKey: "secret" });
   * const post = await storage.presignedPost("avatars/7.png", {
   *   expiresIn: 300,
   *   fields: { "Content-Type": "image/png" },
   *   conditions: [["content-length-range", 1, 1024 ** 2]],
   * });
   * assertEquals([post.url, post.fields.key], ["https://media.s3.amazonaws.com/", "avatars/7.png"]);
   * ```
   */
  async presignedPost(name: string, options: PostOptions = {}): Promise<PresignedPost> {
    checkOptions(`sign form for '${name}'`, options, POST_OPTIONS);
    options.signal?.throwIfAborted();
    const { key } = this.#backend.writableTarget(this.keyOf(name), {});
    return await this.#backend.urls.post(key, options, await this.#backend.client.credentials(options.signal));
  }

  /**
   * Creates a multipart upload, and signs a URL for each part, so that a browser can upload a large file directly. End the
   * upload with {@linkcode S3Storage.completeMultipartUpload} or {@linkcode S3Storage.abortMultipartUpload}. Otherwise its
   * parts use space until a lifecycle rule of the bucket deletes them (AbortIncompleteMultipartUpload).
   *
   * The URLs do not limit the size of a part; S3's own limit is 5 GiB. Pass `size` again on completion to check it.
   *
   * @param name The file. It becomes visible when the upload is completed.
   * @param options The file's size, and how it is written.
   * @returns The upload's id, the part size, and the URL to PUT each part to, without a `Content-Type`.
   * @throws {TypeError} If neither or both of `size` and `parts` are given, or a header cannot carry an option's value.
   * @throws {RangeError} If `size`, `parts` or `partSize` is out of range.
   * @throws {ConfigurationError} If the URLs would expire too early or too late.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
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
    const target = this.#backend.target(key, options); // checks the parameters
    const { headers } = this.#backend.writeParameters(key, {
      ...options,
      // Parts are stored as others send them, without compression.
      contentEncoding: options.contentEncoding ?? this.#backend.parametersOf(key).ContentEncoding ?? "",
      onExisting: "replace",
      fallbackContentType: guessContentType(name) ?? DEFAULT_CONTENT_TYPE,
    });
    const { createDirectUpload } = await directUploads();
    const upload = await createDirectUpload(client, urls, target, headers, options);
    return { name: key.slice(this.location.length), ...upload };
  }

  /**
   * Completes a multipart upload, which publishes the file as a whole.
   *
   * @param name The file that the upload was created for.
   * @param uploadId The id of the upload.
   * @param etags The `ETag` of the response to each part, in order. By default S3 is asked for the parts that it has: for
   * browsers, which cannot read ETags unless the bucket's CORS rules expose them.
   * @param options Which size the file must have, and what happens if a file of that name exists.
   * @throws {IntegrityError} If a part is missing, or the size differs. Without `etags`, a missing last part is only noticed
   * if `size` is given.
   * @throws {NotFoundError} If no such upload of that name exists. If it was already completed as this file, with the same
   * parts, the call succeeds.
   * @throws {AlreadyExistsError} If the name is taken, and may not be overwritten. The upload stays open.
   * @throws {NotSupportedError} If the file may not overwrite, and the service ignores `If-None-Match` on completion.
   * @throws {TypeError} If an ETag is not a string, or is empty.
   * @throws {RangeError} If `size` is out of range, or `etags` is empty or longer than 10,000.
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
    const { size, onExisting = this.fileOverwrite ? "replace" : "refuse" } = options;
    const overwrite = onExisting === "replace";
    await (await directUploads()).completeDirectUpload(this.#backend.client, target, etags, size, overwrite);
  }

  /**
   * Aborts a multipart upload, and deletes its uploaded parts. A part that is still being sent may be stored afterwards:
   * then abort the upload once more.
   *
   * @param name The file that the upload was created for.
   * @param uploadId The id of the upload.
   * @throws {NotFoundError} If no such upload of that name exists, or it has ended.
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
   * Aborts all multipart uploads below the storage's `location` that were created long ago and never ended, and so frees the
   * space of their parts. Browsers that left, killed processes and lost responses leave such uploads behind. Only their age
   * distinguishes them from uploads in progress.
   *
   * IAM permissions: `s3:ListBucketMultipartUploads` for the bucket, `s3:AbortMultipartUpload` for its objects.
   *
   * @param options The minimum age of an upload.
   * @returns The aborted uploads.
   * @throws {AggregateError} Of one error for each upload that could not be aborted, after all others were.
   * @throws {RangeError} If `olderThanSeconds` is not a number of 0 or more.
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
   * await storage.createMultipartUpload("film.mp4", { parts: 3 }); // for a browser that never returned
   *
   * assertEquals(await storage.abortIncompleteUploads(), []); // younger than a day
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
   * The parameters for writing and reading an object: `objectParameters` by default. Override it to choose them by name.
   * Each parameter is sent with the requests that accept it. Listings always use `objectParameters`.
   *
   * @param _name The file's name, without the location.
   */
  getObjectParameters(_name: string): ObjectParameters {
    return this.#backend.sharedObjectParameters();
  }

  /**
   * Renames a file like {@linkcode Storage.move}.
   *
   * @throws {ConfigurationError} If `VersionId` is configured: a move would delete another version than it reads.
   */
  override async move(from: string, to: string, options: CopyOptions & S3WriteOptions = {}): Promise<string> {
    this.#backend.writableTarget(this.keyOf(from), {}); // fails before anything is sent
    return await super.move(from, to, options);
  }

  /** The key for a URL. On a custom domain the empty name is the location itself. */
  #urlKey(name: string): string {
    return name === "" && this.#backend.urls.hasFrontPage ? this.location : this.keyOf(name);
  }
}

/** The settings and the client of storages that are made from others, by the options of their constructors. */
const DERIVATIONS = new WeakMap<S3StorageOptions, Derivation>();

/** The settings without the secret SSECustomerKey. */
function withoutCustomerKey(settings: Settings): Settings {
  const { objectParameters } = settings;
  if (objectParameters.SSECustomerKey === undefined) return settings;
  return Object.freeze({
    ...settings,
    objectParameters: Object.freeze({ ...objectParameters, SSECustomerKey: "******" }),
  });
}

/** Loaded on demand: most programs do not use them. */
const directUploads = (): Promise<typeof import("./direct_uploads.ts")> => import("./direct_uploads.ts");

/** The settings of a class and of the classes that it extends, the nearest first. */
function classSettings(of: { settings: S3StorageOptions }): S3StorageOptions[] {
  const found: S3StorageOptions[] = [];
  for (let one = of; one !== Storage as unknown; one = Object.getPrototypeOf(one)) {
    if (Object.hasOwn(one, "settings")) found.push(one.settings);
  }
  return found;
}
