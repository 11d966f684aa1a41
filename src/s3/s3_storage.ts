import { checkKeyProtected } from "../client/customer_key.ts";
import { bucketAddress, checkAddress } from "../client/endpoint.ts";
import { S3Client } from "../client/s3_client.ts";
import { credentialsFromSettings } from "../credentials/from_settings.ts";
import { ConfigurationError } from "../errors.ts";
import { checkOptions } from "../kit/values/options.ts";
import { machine } from "../runtime/detect.ts";
import { checkVersion } from "../runtime/versions.ts";
import type { NamedSettings } from "../settings/named_settings.ts";
import type { CannedAcl } from "../settings/canned_acl.ts";
import { type ObjectParameters, OPTIONS, type S3StorageOptions } from "../settings/options.ts";
import { resolveSettings, type Settings } from "../settings/resolve.ts";
import { optionsFromEnv, optionsFromSettings, parseOption } from "../settings/sources.ts";
import { parseStorageUrl } from "../settings/storage_url.ts";
import type { PresignedPost } from "../signing/presign/presigned_post.ts";
import { URL_OPTIONS } from "../storage/checks/option_names.ts";
import type { CopyOptions } from "../storage/contract/options.ts";
import { derivedStorage } from "../storage/derived_storage.ts";
import { Storage } from "../storage/storage.ts";
import { type Derivation, derive } from "./derived_settings.ts";
import { type FileAccess, onDemand, type RunOperation } from "./file_access.ts";
import { parameterHeaders } from "./object_parameters.ts";
import { POST_OPTIONS, type PostOptions } from "./object_urls.ts";
import type { FileAcl } from "./objects/acl.ts";
import type { RestoreOptions, RestoreState } from "./objects/archive.ts";
import type { StorageRequest } from "./objects/custom_request.ts";
import { type FileVersions, fileVersions } from "./objects/file_versions.ts";
import type { VersionOptions } from "./objects/versioned_file.ts";
import { S3Backend } from "./s3_backend.ts";
import type { S3CallOptions, S3WriteOptions } from "./s3_options.ts";
import { type MultipartUploads, multipartUploads } from "./uploads/multipart_uploads.ts";
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
   * import { S3Storage, type S3StorageOptions } from "@storages/s3";
   * import { assertEquals } from "@std/assert";
   *
   * class MediaStorage extends S3Storage {
   *   static override settings: S3StorageOptions = {
   *     bucketName: "my-media-bucket",
   *     location: "media",
   *     customDomain: "cdn.example.com",
   *   };
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
   * @throws {ConfigurationError} If a setting is missing, unknown, malformed or in conflict with another, or if the version of
   * Deno, Bun or Node is too old.
   */
  constructor(options: S3StorageOptions = {}) {
    checkVersion();
    const derivation = DERIVATIONS.get(options);
    const settings = derivation?.settings ?? resolveSettings([options, ...classSettings(new.target)]);
    checkAddress(settings);
    const { objectParameters } = settings;
    parameterHeaders(objectParameters);
    if (objectParameters.SSECustomerKey !== undefined) {
      checkKeyProtected(bucketAddress(settings, settings.regionName, settings.bucketName).origin);
    }
    if (settings.maxMemorySize > 0) machine.checkTempFiles("maxMemorySize");
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
    named: NamedSettings,
  ): T {
    return new this(optionsFromSettings(named, classSettings(this)));
  }

  /**
   * Creates a storage from an environment: the `env` of a Worker, `process.env`, `Bun.env`, `Deno.env`, or any object with
   * variables by name. It is read instead of the environment of the process, also for credentials. Variables that no option
   * has, and bindings such as other buckets, are ignored; a name that is probably misspelt is warned of on the console, once.
   * The settings of the class take precedence.
   *
   * Values are texts, as in every environment; in the `env` of a Worker they may also be numbers, booleans and JSON.
   *
   * @param env The environment.
   * @param options Options that take precedence, such as those that no variable can have.
   * @returns A storage of the class that this is called on.
   * @throws {ConfigurationError} If a setting is missing, malformed or in conflict with another, or if a setting is a binding.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { assertEquals } from "@std/assert";
   *
   * const env = { AWS_STORAGE_BUCKET_NAME: "media", AWS_S3_REGION_NAME: "eu-west-1", AWS_QUERYSTRING_AUTH: "false", PORT: "80" };
   * const storage = S3Storage.fromEnv(env, { location: "uploads" });
   * assertEquals(await storage.url("a.txt"), "https://media.s3.eu-west-1.amazonaws.com/uploads/a.txt");
   * ```
   */
  static fromEnv<T extends S3Storage>(
    this: new (options?: S3StorageOptions) => T,
    env: object,
    options?: S3StorageOptions,
  ): T {
    return new this({ ...optionsFromEnv(env), ...options });
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
    const { fileOverwrite, gzip, maxMemorySize } = this; // a subclass may have overridden the fields
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const changes: S3StorageOptions = { fileOverwrite, gzip, maxMemorySize, ...given };
    const own = {};
    DERIVATIONS.set(own, derive(this.#backend.client, this.#backend.sharedObjectParameters(), changes));
    return derivedStorage(this, S3Storage, own);
  }

  /**
   * Makes a URL to a file. It is signed, so that anyone who has it may do one operation until it expires; if
   * `querystringAuth` is false, it is the plain URL of a public file. Sends no request to S3; credentials that are not
   * loaded yet are loaded.
   *
   * @param name The file, which need not exist. On a custom domain `""` is the location itself.
   * @param options How the URL is made.
   * @returns The URL.
   * @throws {ConfigurationError} If no credentials are configured.
   * @throws {NotSupportedError} If `downloadName` is given, and the URL is not signed for S3.
   * @throws {RangeError} If it would expire after less than 1 second, or after more than 604800 with a signature of version
   * 4 that S3 checks.
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
    const url = urls.url(key, this.#backend.urlOptions(key, options), credentials);
    if (typeof url === "string") return url;
    url.catch(() => {}); // prevent an unhandled rejection
    throw new ConfigurationError("The URL signer is asynchronous: use url() instead of urlSync()");
  }

  /**
   * Signs a form with which a browser uploads a file directly to the bucket. Sends no request to S3;
   * credentials that are not loaded yet are loaded.
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
    const target = this.#backend.writableTarget(this.keyOf(name), {});
    return await this.#backend.urls.post(target, options, await this.#backend.client.credentials(options.signal));
  }

  /**
   * Multipart uploads: create one for a browser, complete or abort it, list those that never ended.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * const { uploadId, urls } = await storage.uploads.create("a.txt", { size: 16 });
   * await fetch(new Request(urls[0]!, { method: "PUT", body: "storage contents" }));
   * await storage.uploads.complete("a.txt", uploadId, { size: 16 });
   * assertEquals(await storage.readText("a.txt"), "storage contents");
   * ```
   */
  get uploads(): MultipartUploads {
    return multipartUploads(onDemand(this.#access(), () => import("./uploads/operations.ts")));
  }

  /**
   * The versions of files, in a bucket that keeps versions: list, restore and delete them.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"], versioning: ["media"] }); // instead of a real server
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * await storage.save("a.txt", "first");
   * await storage.save("a.txt", "second");
   *
   * const [, first] = await Array.fromAsync(storage.versions.list("a.txt"));
   * await storage.versions.restore("a.txt", first!.versionId);
   * assertEquals(await storage.readText("a.txt"), "first");
   * ```
   */
  get versions(): FileVersions {
    return fileVersions(this.#run);
  }

  /**
   * Reads the tags of a file. Tags can change without writing the file again, and rules of the bucket and of IAM can refer to
   * them.
   *
   * IAM permission: `s3:GetObjectTagging`; with a version `s3:GetObjectVersionTagging`.
   *
   * @param name The file.
   * @param options Which version.
   * @returns Values by names; empty without tags.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {NotSupportedError} If the service has no tags.
   * @throws {TypeError} If an option is unknown or malformed.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * await storage.save("a.txt", "hello");
   * await storage.setTags("a.txt", { ...await storage.getTags("a.txt"), stage: "live" });
   * assertEquals(await storage.getTags("a.txt"), { stage: "live" });
   * ```
   */
  async getTags(name: string, options?: VersionOptions): Promise<Record<string, string>> {
    return await this.#run("getTags", name, options);
  }

  /**
   * Replaces the tags of a file; `{}` removes all.
   *
   * IAM permission: `s3:PutObjectTagging`, and `s3:DeleteObjectTagging` to remove all; with a version
   * `s3:PutObjectVersionTagging` and `s3:DeleteObjectVersionTagging`.
   *
   * @param name The file.
   * @param tags Values by names. S3 allows 10 tags, 128 characters in a name and 256 in a value: letters, digits, spaces and
   * `+ - = . _ : / @`.
   * @param options Which version.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {RangeError} If there are too many tags, or one is too long.
   * @throws {TypeError} If the tags are not an object of texts, or an option is unknown or malformed.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * await storage.save("a.txt", "hello");
   * await storage.setTags("a.txt", { stage: "live", team: "web" });
   * await storage.setTags("a.txt", {});
   * assertEquals(await storage.getTags("a.txt"), {});
   * ```
   */
  async setTags(name: string, tags: Readonly<Record<string, string>>, options?: VersionOptions): Promise<void> {
    await this.#run("setTags", name, tags, options);
  }

  /**
   * Reads who may use a file.
   *
   * IAM permission: `s3:GetObjectAcl`; with a version `s3:GetObjectVersionAcl`.
   *
   * @param name The file.
   * @param options Which version.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {TypeError} If an option is unknown or malformed.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * await storage.save("a.txt", "hello");
   * const { cannedAcl, grants } = await storage.getAcl("a.txt");
   * assertEquals([cannedAcl, grants[0]?.permission], ["private", "FULL_CONTROL"]);
   * ```
   */
  async getAcl(name: string, options?: VersionOptions): Promise<FileAcl> {
    return await this.#run("getAcl", name, options);
  }

  /**
   * Changes who may use a file, without writing it again. Buckets made on AWS since 2023 refuse ACLs, unless their setting
   * "Object Ownership" allows them.
   *
   * IAM permission: `s3:PutObjectAcl`; with a version `s3:PutObjectVersionAcl`.
   *
   * @param name The file.
   * @param acl A canned ACL, such as `"public-read"`.
   * @param options Which version.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {TypeError} If the ACL is misspelt, or an option is unknown or malformed.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * await storage.save("a.txt", "hello");
   * await storage.setAcl("a.txt", "public-read");
   * assertEquals((await storage.getAcl("a.txt")).cannedAcl, "public-read");
   * ```
   */
  async setAcl(name: string, acl: CannedAcl, options?: VersionOptions): Promise<void> {
    await this.#run("setAcl", name, acl, options);
  }

  /**
   * Makes an archived file readable for some days, in minutes to days. Call it again, or read `restore` of `stat`, to see
   * whether the file can be read. A file that is already restored is kept for the days given now.
   *
   * IAM permission: `s3:RestoreObject`.
   *
   * @param name The file.
   * @param options For how many days, and how fast.
   * @returns Whether the restoration has begun, had begun before, or is complete.
   * @throws {NotFoundError} If the file does not exist.
   * @throws {NotSupportedError} If the file is not archived.
   * @throws {RangeError} If `days` is not an integer of 1 or more.
   * @throws {TypeError} If `tier` is not one of the three, or an option is unknown or malformed.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
   * const storage = new S3Storage({
   *   bucketName: "media",
   *   accessKey: "testkey",
   *   secretKey: "testsecret",
   *   objectParameters: { StorageClass: "GLACIER" },
   *   fetch,
   * });
   * await storage.save("2020.csv", "a,b");
   * assertEquals(await storage.restoreArchived("2020.csv", { days: 7 }), "started");
   * assertEquals(await storage.restoreArchived("2020.csv", { days: 7 }), "ongoing");
   * assertEquals((await storage.stat("2020.csv")).restore, { ongoing: true, expiresAt: undefined });
   * ```
   */
  async restoreArchived(name: string, options?: RestoreOptions): Promise<RestoreState> {
    return await this.#run("restoreArchived", name, options);
  }

  /**
   * Sends a request to any operation of S3, for the bucket or one of its objects: for what this class has no method for. It is
   * signed, and retried as all others: a `POST` or a conditional write only if the service certainly did not act on it. It
   * never goes to another host or bucket.
   *
   * A body that is not a Blob is sent with its `Content-MD5`, which many operations require, unless the headers have a
   * checksum. The configured `RequestPayer` and `ExpectedBucketOwner` are sent, other parameters are not.
   *
   * @param request The operation. With neither `name` nor `key` it is one of the bucket: `DELETE` then deletes the bucket.
   * @returns The response, whose status is one of success. Its body arrives as it is read: read it, or cancel it. S3 reports
   * some failures of copies and of completed uploads in a document with status 200.
   * @throws {StorageError} For every other status, typed as for all calls, with `s3Code`, `status` and `response`.
   * @throws {TypeError} If the request is malformed, or has a header or a parameter that the storage sets itself.
   * @throws {SuspiciousNameError} If `name` cannot be a file's.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertStringIncludes } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * const status = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
   * await storage.request({ method: "PUT", query: { versioning: "" }, body: status });
   * const response = await storage.request({ method: "GET", query: { versioning: "" } });
   * assertStringIncludes(await response.text(), "Enabled");
   * ```
   */
  async request(request: StorageRequest): Promise<Response> {
    return await this.#run("sendCustomRequest", request);
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

  /** Runs an operation on stored objects. */
  get #run(): RunOperation<typeof import("./objects/operations.ts")> {
    return onDemand(this.#access(), () => import("./objects/operations.ts"));
  }

  /** What operations in other files need. */
  #access(): FileAccess {
    const { location, fileOverwrite } = this;
    return { backend: this.#backend, location, fileOverwrite, keyOf: (name) => this.keyOf(name) };
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

/** The settings of a class and of the classes that it extends, the nearest first. */
function classSettings(of: { settings: S3StorageOptions }): S3StorageOptions[] {
  const found: S3StorageOptions[] = [];
  for (let one = of; one !== Storage as unknown; one = Object.getPrototypeOf(one)) {
    if (Object.hasOwn(one, "settings")) found.push(one.settings);
  }
  return found;
}
