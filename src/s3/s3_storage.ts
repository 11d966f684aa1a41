import type { CopyInput } from "../client/operations/copy_object.ts";
import { checkKeyProtected } from "../client/customer_key.ts";
import { bucketAddress, checkAddress } from "../client/endpoint.ts";
import { deleteObject, headObject, type ObjectTarget } from "../client/operations/objects.ts";
import type { SharedParameters } from "../client/request.ts";
import { S3Client } from "../client/s3_client.ts";
import { credentialsFromSettings } from "../credentials/from_settings.ts";
import { ConfigurationError } from "../errors.ts";
import { checkTempFiles } from "../runtime/files/temp_file.ts";
import { isRecord } from "../kit/values/record.ts";
import { type ObjectParameters, OPTIONS, type S3StorageOptions } from "../settings/options.ts";
import { resolveSettings, type Settings } from "../settings/resolve.ts";
import { optionsFromSettings, parseOption } from "../settings/sources.ts";
import { parseStorageUrl } from "../settings/storage_url.ts";
import type { PresignedPost } from "../signing/presign/presigned_post.ts";
import type {
  ListedKey,
  ObjectCopyOptions,
  ObjectDeleteOptions,
  ObjectWriteOptions,
  StoredName,
} from "../storage/contract/backend.ts";
import type { WrittenObject } from "../storage/contract/saved_file.ts";
import { DEFAULT_CONTENT_TYPE, guessContentType } from "../storage/content/content_type.ts";
import type { FileStat } from "../storage/contract/entry.ts";
import { checkFileName } from "../storage/contract/names.ts";
import { checkDescription, compressing, lazySink } from "../storage/files/lazy.ts";
import type { CallOptions, CopyOptions, ReadOptions, UrlOptions } from "../storage/contract/options.ts";
import type { BinaryFile } from "../storage/files/binary_file.ts";
import type { ByteSource } from "../storage/files/read_file.ts";
import { Storage } from "../storage/storage.ts";
import { type ByteSink, writeAll, WriteFile } from "../storage/files/write_file.ts";
import { writeWhole } from "../transfer/write/write_whole.ts";
import type { WriteParameters } from "../transfer/write/write_parameters.ts";
import type { CompleteOptions, MultipartUpload, MultipartUploadOptions } from "./direct_uploads.ts";
import type { DownloadOptions } from "./download_options.ts";
import { parameterHeaders, sharedParameters, uploadChecksum } from "./object_parameters.ts";
import { explainMissing, fileStat, openObjectSource } from "./object_source.ts";
import type { IncompleteUpload, IncompleteUploadOptions } from "./incomplete_uploads.ts";
import { objectUri } from "./object_uri.ts";
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
  /** As they were given: those of the settings hide the key that is among them. */
  readonly #objectParameters: ObjectParameters;
  /** What they add to requests: they are frozen, so that it stays the same. */
  #sharedParameters: SharedParameters | undefined;
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
    if (settings.objectParameters.SSECustomerKey !== undefined) {
      checkKeyProtected(bucketAddress(settings, settings.regionName, settings.bucketName).origin);
    }
    if (settings.maxMemorySize > 0) checkTempFiles("maxMemorySize");
    super(settings);
    this.settings = withoutCustomerKey(settings);
    this.bucketName = settings.bucketName;
    this.#objectParameters = settings.objectParameters;
    this.#client = new S3Client(this.settings, credentialsFromSettings(settings));
    this.#urls = new ObjectUrls(this.#client);
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
    const credentials = this.#urls.needsCredentials ? await this.#client.credentials(options.signal) : undefined;
    const { key, how } = this.#urlOf(name, options);
    return await this.#urls.url(key, how, credentials);
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
    const credentials = this.#urls.needsCredentials ? this.#client.credentialsSync() : undefined;
    const { key, how } = this.#urlOf(name, options);
    const url = this.#urls.url(key, how, credentials);
    if (typeof url === "string") return url;
    url.catch(() => {}); // nobody is going to hear of it
    throw new ConfigurationError("The signer of URLs takes its time: use url() instead of urlSync()");
  }

  /**
   * Identifies the object that a name stands for, by endpoint, bucket and key: `s3://amazonaws.com/media/a.txt`. All
   * hosts of an AWS partition count as one, and addressing style, scheme, region and credentials do not count.
   *
   * @throws {SuspiciousNameError} If the name cannot be a file's.
   */
  override uri(name: string): string {
    return objectUri(this.settings, this.bucketName, this.fileOf(name).key);
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
    const { partSize, downloadConcurrency } = this.settings.transferConfig;
    const wanted: DownloadOptions = {
      ...options,
      partSize: options.partSize ?? partSize,
      maxConcurrency: options.maxConcurrency ?? downloadConcurrency,
    };
    return await this.open(name, "rb", wanted); // what else is wanted finds its way to openObject
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
    const { key } = this.#writable(this.fileOf(name), options);
    return await this.#urls.post(key, options, await this.#client.credentials(options.signal));
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
    const file = this.fileOf(name);
    await checkDescription("upload", name, options);
    const fallbackContentType = guessContentType(name) ?? DEFAULT_CONTENT_TYPE;
    // What others send is stored as it comes: nobody compresses it.
    const contentEncoding = options.contentEncoding ?? this.#parametersOf(file).ContentEncoding ?? "";
    const wanted = { ...options, contentEncoding, overwrite: true, fallbackContentType };
    const { headers } = this.#writeParameters(file, wanted);
    const { createDirectUpload } = await directUploads();
    const target = this.#target(file, options);
    return { name: file.name, ...await createDirectUpload(this.#client, this.#urls, target, headers, options) };
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
    const target = { ...this.#writable(this.fileOf(name), options), uploadId };
    const { size, overwrite = this.fileOverwrite } = options;
    await (await directUploads()).completeDirectUpload(this.#client, target, etags, size, overwrite);
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
    await (await directUploads()).abortDirectUpload(this.#client, {
      ...this.#target(this.fileOf(name), options),
      uploadId,
    });
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
    const parameters = sharedParameters(this.#objectParameters);
    const target = { bucket: this.bucketName, key: this.location, signal: options.signal, parameters };
    return await abortIncomplete(this.#client, target, options);
  }

  /**
   * The parameters that an object is written and read with: `objectParameters` for all of them. Override it to decide by
   * name. Each of them goes along with the requests that take it; with listings go those of `objectParameters`.
   *
   * @param _name The file's name, without the location.
   */
  getObjectParameters(_name: string): ObjectParameters {
    return this.#objectParameters;
  }

  /** Opens an object's bytes with one request; with a second one, where they are gzip and it matters. */
  protected override async openObject(file: StoredName, options: ReadOptions): Promise<ByteSource> {
    try {
      return await openObjectSource(this.#client, file, this.#target(file, options), options);
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
  ): Promise<WrittenObject | void> {
    const parameters = this.#writeParameters(file, options);
    if (parameters.gzip) {
      const target = new WriteFile(file.name, this.#sink(file, options, parameters), options.signal);
      return await writeAll(target, body instanceof Blob ? body.stream() : [body]);
    }
    const plan = this.#client.settings.transferConfig;
    return await writeWhole(this.#client, this.#target(file, options), parameters, plan, body);
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
  protected override async deleteObjects(files: readonly StoredName[], options: ObjectDeleteOptions): Promise<void> {
    const [first, second] = files;
    if (first === undefined) return;
    for (const file of files) refuseVersion(this.#parametersOf(file));
    const target = this.#target(first, options);
    if (options.expected !== undefined) {
      // Loaded on demand: most are removed whatever they are.
      return await (await import("../transfer/write/remove_expected.ts")).removeExpected(
        this.#client,
        target,
        options.expected,
      );
    }
    if (second === undefined) return await deleteObject(this.#client, target);
    // Loaded on demand: an edge mostly removes one.
    const { deleteObjects } = await import("../client/operations/delete_objects.ts");
    const failures = await deleteObjects(this.#client, { ...target, keys: files.map(({ key }) => key) });
    if (failures.length > 0) throw new AggregateError(failures, "Some objects were not removed");
  }

  /** Lists objects, a thousand to a request. */
  protected override async *listObjects(
    prefix: string,
    recursive: boolean,
    options: CallOptions,
  ): AsyncGenerator<ListedKey> {
    const { listPages } = await import("../client/operations/list_objects.ts"); // most storages list nothing
    const pages = listPages(this.#client, {
      bucket: this.bucketName,
      prefix,
      ...(recursive ? {} : { delimiter: "/" }),
      headers: parameterHeaders(this.#objectParameters, "all"),
      signal: options.signal,
    });
    for await (const page of pages) {
      for (const object of page.objects) yield { kind: "file", ...object };
      for (const key of page.prefixes) yield { kind: "directory", key };
    }
  }

  /** Copies an object within the bucket; its bytes come this way only where the service has no safe way of its own. */
  protected override async copyObject(from: StoredName, to: StoredName, options: ObjectCopyOptions): Promise<void> {
    const target = this.#writable(to, options);
    const configured = this.#parametersOf(to);
    const own: ObjectParameters = Object.fromEntries(
      Object.entries(configured).filter(([name]) => !COPIED.test(name)),
    );
    const { overwrite, ifMatch } = options;
    const copy: CopyInput = {
      ...target,
      source: this.#target(from, options),
      headers: parameterHeaders({ ...own, ACL: own.ACL ?? this.#client.settings.defaultAcl }),
    };
    try {
      // Loaded on demand: few copy.
      await (await import("../transfer/copy/copy.ts")).copy(this.#client, copy, { overwrite, ifMatch });
    } catch (error) {
      throw explainMissing(error, from);
    }
  }

  /**
   * Renames a file, as {@linkcode Storage.move} says.
   *
   * @throws {ConfigurationError} If one version of the file is configured to be read: moving would remove another.
   */
  override async move(from: string, to: string, options: CopyOptions = {}): Promise<void> {
    refuseVersion(this.#parametersOf(this.fileOf(from)));
    await super.move(from, to, options);
  }

  /** The key of a URL, and what it is for: it leads to the version that is read, where one is configured. */
  #urlOf(name: string, options: UrlOptions): { readonly key: string; readonly how: UrlOptions } {
    const isFrontPage = name === "" && this.#urls.hasFrontPage;
    const file = isFrontPage ? { name, key: this.location } : this.fileOf(name);
    const { VersionId } = isFrontPage ? this.#objectParameters : this.#parametersOf(file);
    if (VersionId === undefined || options.parameters?.VersionId !== undefined) return { key: file.key, how: options };
    const { method = "GET" } = options;
    if (method !== "GET" && method !== "HEAD") refuseVersion({ VersionId });
    return { key: file.key, how: { ...options, parameters: { ...options.parameters, VersionId } } };
  }

  /** What an override gives may be wrong: parameters that got lost, such as those of encryption, nobody would notice. */
  #parametersOf({ name }: StoredName): ObjectParameters {
    const parameters: unknown = this.getObjectParameters(name);
    if (isRecord(parameters) && !(parameters instanceof Promise)) return parameters;
    throw new ConfigurationError(`getObjectParameters must return an object, at once: it did not for "${name}"`);
  }

  #target(file: StoredName, options: CallOptions): ObjectTarget {
    const configured = this.#parametersOf(file);
    const parameters = configured === this.#objectParameters
      ? this.#sharedParameters ??= sharedParameters(configured)
      : sharedParameters(configured);
    return { bucket: this.bucketName, key: file.key, signal: options.signal, parameters };
  }

  /** @throws {ConfigurationError} If one version of the file is configured to be read. */
  #writable(file: StoredName, options: CallOptions): ObjectTarget {
    refuseVersion(this.#parametersOf(file));
    return this.#target(file, options);
  }

  #sink(file: StoredName, options: ObjectWriteOptions, parameters: WriteParameters & Compression): ByteSink {
    const { transferConfig, maxMemorySize } = this.#client.settings;
    const plan = { ...transferConfig, maxMemorySize };
    const target = this.#target(file, options);
    const writer = lazySink(async () => {
      const { ObjectWriter } = await import("../transfer/write/object_writer.ts");
      return new ObjectWriter(this.#client, target, parameters, plan);
    });
    return parameters.gzip ? compressing(writer) : writer;
  }

  /** The caller's wishes come before the configured parameters, and those before what the content says of itself. */
  #writeParameters(file: StoredName, options: ObjectWriteOptions): WriteParameters & Compression {
    const { gzip, gzipContentTypes, defaultAcl } = this.#client.settings;
    const { uniqueName } = options;
    const configured = this.#parametersOf(file);
    const type = options.contentType || configured.ContentType || options.fallbackContentType;
    const encoding = options.contentEncoding ?? configured.ContentEncoding ?? options.fallbackContentEncoding;
    const compresses = gzip && encoding === undefined && gzipContentTypes.includes(type);
    const parameters: ObjectParameters = {
      ...configured,
      ACL: configured.ACL ?? defaultAcl,
      ContentType: type,
      ContentEncoding: compresses ? "gzip" : encoding || undefined,
      // An empty text asks for none. Not all runtimes send a header without a value, which would then be signed.
      CacheControl: (options.cacheControl ?? configured.CacheControl) || undefined,
      ContentDisposition: (options.contentDisposition ?? configured.ContentDisposition) || undefined,
      ContentLanguage: (options.contentLanguage ?? configured.ContentLanguage) || undefined,
      Metadata: { ...configured.Metadata, ...options.metadata },
    };
    refuseVersion(parameters);
    return {
      headers: parameterHeaders({ ...parameters, ChecksumAlgorithm: undefined }),
      checksumAlgorithm: uploadChecksum(this.#client.settings, parameters),
      contentMd5: parameters.ContentMD5,
      onProgress: options.onProgress,
      conditions: (options.ifMatch ?? options.ifNoneMatch) === undefined
        ? undefined
        : { "if-match": options.ifMatch, "if-none-match": options.ifNoneMatch },
      overwrite: options.overwrite,
      identified: options.identified,
      uniqueKey: uniqueName && (async () => (await uniqueName()).key),
      gzip: compresses,
    };
  }
}

/** @throws {ConfigurationError} If the parameters are those of one version of an object. */
function refuseVersion({ VersionId }: ObjectParameters): void {
  if (VersionId === undefined) return;
  throw new ConfigurationError(
    "objectParameters.VersionId is for reading: a storage that reads one version cannot write, remove or move files",
  );
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
