import { copyObject } from "../client/copy_object.ts";
import { deleteObjects } from "../client/delete_objects.ts";
import { bucketAddress } from "../client/endpoint.ts";
import { listObjects } from "../client/list_objects.ts";
import { headObject, type ObjectTarget } from "../client/objects.ts";
import { S3Client } from "../client/s3_client.ts";
import type { Credentials } from "../credentials/provider.ts";
import { credentialsFromSettings } from "../credentials/from_settings.ts";
import { ConfigurationError } from "../errors.ts";
import { checkTempFiles } from "../runtime/temp_file.ts";
import { REGION_NAME } from "../settings/checks.ts";
import type { ObjectParameters, S3StorageOptions } from "../settings/options.ts";
import { resolveSettings, type Settings } from "../settings/resolve.ts";
import { optionsFromSettings } from "../settings/sources.ts";
import type { PresignedPost } from "../signing/presigned_post.ts";
import type { ListedKey, ObjectWriteOptions, StoredName } from "../storage/backend.ts";
import { compressing } from "../storage/on_demand.ts";
import type { FileStat } from "../storage/entry.ts";
import type { CallOptions, ReadOptions, UrlOptions } from "../storage/options.ts";
import type { ByteSource } from "../storage/read_file.ts";
import { Storage } from "../storage/storage.ts";
import { type ByteSink, writeAll, WriteFile } from "../storage/write_file.ts";
import { ObjectWriter, writeWhole } from "../transfer/object_writer.ts";
import type { WriteParameters } from "../transfer/put.ts";
import { parameterHeaders } from "./object_parameters.ts";
import { explainMissing, fileStat, openObjectSource } from "./object_source.ts";
import { ObjectUrls, type PostOptions } from "./object_urls.ts";

/** Whether content is stored as gzip. */
interface Compression {
  readonly gzip: boolean;
}

/** Parameters that describe an object's content, which a copy takes along. */
const COPIED = /^(Content.*|CacheControl|Expires|Metadata|Tagging)$/;

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

  /** Every setting as it was decided, frozen; what is secret shows as `******`. */
  readonly settings: Settings;
  /** The bucket. */
  readonly bucketName: string;
  readonly #client: S3Client;
  readonly #urls: ObjectUrls;

  /**
   * Decides and checks every setting; sends nothing.
   *
   * @param options The settings; what is left out is taken from the class, the environment and the AWS files.
   * @throws {ConfigurationError} If a setting is missing, unknown, malformed or in conflict with another.
   */
  constructor(options: S3StorageOptions = {}) {
    const settings = resolveSettings([options, ...classSettings(new.target)]);
    checkAddress(settings);
    parameterHeaders(settings.objectParameters);
    if (settings.maxMemorySize > 0) checkTempFiles("maxMemorySize");
    super(settings);
    this.settings = settings;
    this.bucketName = settings.bucketName;
    this.#client = new S3Client(settings, credentialsFromSettings(settings));
    this.#urls = new ObjectUrls(settings);
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
   * A URL that lets anyone who has it do one thing with the file, for as long as it is valid; or, where
   * `querystringAuth` is false, the plain URL of a public file. Makes no request.
   *
   * @param name The file. Whether there is one is not looked at.
   * @param options What the URL is for.
   * @returns The URL.
   * @throws {ConfigurationError} If it would expire after less than 1 or more than 604800 seconds, a parameter is
   * unknown, or there are no credentials to sign with.
   */
  override async url(name: string, options: UrlOptions = {}): Promise<string> {
    options.signal?.throwIfAborted();
    const credentials = this.#urls.needsCredentials ? await this.#client.credentials(options.signal) : undefined;
    return await this.#url(name, options, () => credentials!);
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
    const url = this.#url(name, options, () => this.#client.credentialsSync());
    if (typeof url === "string") return url;
    url.catch(() => {}); // nobody is going to hear of it
    throw new ConfigurationError("The signer of URLs takes its time: use url() instead of urlSync()");
  }

  /**
   * Signs a form by which a browser uploads a file straight into the bucket, within the conditions. Makes no request.
   *
   * @param name The file; `${filename}` in it stands for the name that the browser sends.
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
    const { key } = this.fileOf(name);
    return this.#urls.post(key, options, this.#region, await this.#client.credentials(options.signal));
  }

  /**
   * The parameters that an object is written with: `objectParameters` for all of them. Override it to decide by name.
   *
   * @param _name The file's name, without the location.
   */
  getObjectParameters(_name: string): ObjectParameters {
    return this.#client.settings.objectParameters;
  }

  /** Opens an object's bytes with one request; with a second one, where they are gzip and it matters. */
  protected override async openObject(file: StoredName, options: ReadOptions): Promise<ByteSource> {
    try {
      return await openObjectSource(this.#client, file, this.#target(file, options), options.decompress);
    } catch (error) {
      throw explainMissing(error, file);
    }
  }

  /** Opens an object to write: in one request, or in parts once it grows. */
  protected override createObject(file: StoredName, options: ObjectWriteOptions): ByteSink {
    return this.#sink(file, options, this.#writeParameters(file, options));
  }

  /** Stores an object whose bytes are all there, without copying them unless they are compressed. */
  protected override async putObject(
    file: StoredName,
    body: Uint8Array<ArrayBuffer> | Blob,
    options: ObjectWriteOptions,
  ): Promise<void> {
    const parameters = this.#writeParameters(file, options);
    if (parameters.gzip) {
      const target = new WriteFile(file.name, this.#sink(file, options, parameters), options.signal);
      return await writeAll(target, body instanceof Blob ? body.stream() : [body]);
    }
    const plan = this.#client.settings.transferConfig;
    await writeWhole(this.#client, this.#target(file, options), parameters, plan, body);
  }

  /** What S3 knows of an object, by a HEAD request. */
  protected override async statObject(file: StoredName, options: CallOptions): Promise<FileStat> {
    try {
      return fileStat(file, await headObject(this.#client, this.#target(file, options)));
    } catch (error) {
      throw explainMissing(error, file);
    }
  }

  /** Removes objects: one by its own request, more in one request together. */
  protected override async deleteObjects(files: readonly StoredName[], options: CallOptions): Promise<void> {
    const keys = files.map(({ key }) => key);
    const failures = await deleteObjects(this.#client, { bucket: this.bucketName, keys, signal: options.signal });
    if (failures.length === 0) return;
    throw files.length === 1 ? failures[0] : new AggregateError(failures, "Some objects were not removed");
  }

  /** Lists objects, a thousand to a request. */
  protected override async *listObjects(
    prefix: string,
    recursive: boolean,
    options: CallOptions,
  ): AsyncGenerator<ListedKey> {
    let continuationToken: string | undefined;
    do {
      const page = await listObjects(this.#client, {
        bucket: this.bucketName,
        prefix,
        ...(recursive ? {} : { delimiter: "/" }),
        continuationToken,
        signal: options.signal,
      });
      for (const object of page.objects) yield { kind: "file", ...object };
      for (const key of page.prefixes) yield { kind: "directory", key };
      continuationToken = page.continuationToken;
    } while (continuationToken !== undefined);
  }

  /** Copies an object within the bucket; its bytes do not come this way. */
  protected override async copyObject(from: StoredName, to: StoredName, options: CallOptions): Promise<void> {
    const configured = Object.entries(this.getObjectParameters(to.name));
    const own: ObjectParameters = Object.fromEntries(configured.filter(([name]) => !COPIED.test(name)));
    try {
      await copyObject(this.#client, {
        ...this.#target(to, options),
        sourceKey: from.key,
        // How an object is kept and who may read it is what S3 does not copy.
        headers: parameterHeaders({ ...own, ACL: own.ACL ?? this.#client.settings.defaultAcl }),
      });
    } catch (error) {
      throw explainMissing(error, from);
    }
  }

  get #region(): string {
    return this.#client.regionOf(this.bucketName);
  }

  #url(name: string, options: UrlOptions, credentials: () => Credentials): string | Promise<string> {
    return this.#urls.url(this.fileOf(name).key, options, { region: this.#region, credentials });
  }

  #target(file: StoredName, options: CallOptions): ObjectTarget {
    return { bucket: this.bucketName, key: file.key, signal: options.signal };
  }

  #sink(file: StoredName, options: ObjectWriteOptions, parameters: WriteParameters & Compression): ByteSink {
    const { transferConfig, maxMemorySize } = this.#client.settings;
    const plan = { ...transferConfig, maxMemorySize };
    const writer = new ObjectWriter(this.#client, this.#target(file, options), parameters, plan);
    return parameters.gzip ? compressing(writer) : writer;
  }

  /** The caller's wishes come before the configured parameters, and those before what the content says of itself. */
  #writeParameters(file: StoredName, options: ObjectWriteOptions): WriteParameters & Compression {
    const { gzip, gzipContentTypes, defaultAcl } = this.#client.settings;
    const configured = this.getObjectParameters(file.name);
    const type = options.contentType ?? configured.ContentType ?? options.fallbackContentType;
    const encoding = options.contentEncoding ?? configured.ContentEncoding ?? options.fallbackContentEncoding;
    const compresses = gzip && encoding === undefined && gzipContentTypes.includes(type);
    const parameters: ObjectParameters = {
      ...configured,
      ACL: configured.ACL ?? defaultAcl,
      ContentType: type,
      ContentEncoding: compresses ? "gzip" : encoding || undefined,
      CacheControl: options.cacheControl ?? configured.CacheControl,
      ContentDisposition: options.contentDisposition ?? configured.ContentDisposition,
      ContentLanguage: options.contentLanguage ?? configured.ContentLanguage,
      Metadata: { ...configured.Metadata, ...options.metadata },
    };
    return { headers: parameterHeaders(parameters), overwrite: options.overwrite, gzip: compresses };
  }
}

/** The settings of a class and of those it extends, the nearest first. */
function classSettings(of: { settings: S3StorageOptions }): S3StorageOptions[] {
  const found: S3StorageOptions[] = [];
  for (let one = of; one !== S3Storage; one = Object.getPrototypeOf(one)) {
    if (Object.hasOwn(one, "settings")) found.push(one.settings);
  }
  return found;
}

/** @throws {ConfigurationError} If bucket, region and endpoint do not make a host's name together. */
function checkAddress(settings: Settings): void {
  const { bucketName, regionName } = settings;
  const origin = REGION_NAME.test(regionName) ? bucketAddress(settings, regionName, bucketName).origin : regionName;
  if (URL.canParse(origin) && new URL(origin).origin === origin) return;
  throw new ConfigurationError(
    `bucketName, regionName, endpointUrl and addressingStyle make no address: ${origin} is not one`,
  );
}
