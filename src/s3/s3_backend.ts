import type { CopyInput } from "../client/operations/copy_object.ts";
import { deleteObject, headObject, type ObjectTarget } from "../client/operations/objects.ts";
import type { SharedParameters } from "../client/request.ts";
import { S3Client } from "../client/s3_client.ts";
import type { RefreshableProvider } from "../aws/credentials.ts";
import { ConfigurationError } from "../errors.ts";
import { isRecord } from "../kit/values/record.ts";
import type { ObjectParameters } from "../settings/options.ts";
import type { Settings } from "../settings/resolve.ts";
import type {
  BackendCapabilities,
  ListedKey,
  ObjectCopyOptions,
  ObjectDeleteOptions,
  ObjectListOptions,
  ObjectReadOptions,
  ObjectWriteOptions,
  StorageBackend,
} from "../storage/contract/backend.ts";
import type { ByteSink, ByteSource } from "../storage/contract/bytes.ts";
import type { ObjectStat } from "../storage/contract/entry.ts";
import type { CallOptions, UrlOptions } from "../storage/contract/options.ts";
import type { WrittenObject } from "../storage/contract/saved_file.ts";
import { compressing, lazySink } from "../storage/files/lazy.ts";
import type { WriteParameters } from "../transfer/write/write_parameters.ts";
import { writeWhole } from "../transfer/write/write_whole.ts";
import { parameterHeaders, sharedParameters, uploadChecksum } from "./object_parameters.ts";
import { explainMissing, openObjectSource } from "./object_source.ts";
import { objectUri } from "./object_uri.ts";
import { ObjectUrls } from "./object_urls.ts";

/** Whether content is stored as gzip. */
interface Compression {
  readonly gzip: boolean;
}

/** Parameters that describe an object's content, which a copy keeps. */
const COPIED = /^(Content.*|CacheControl|Expires|Metadata|Tagging)$/;

/** Objects in a bucket, by requests to S3. */
export class S3Backend implements StorageBackend {
  readonly capabilities: BackendCapabilities = { conditionalWrites: true, serverSideCopy: true, urls: true };
  readonly client: S3Client;
  readonly urls: ObjectUrls;
  /** The parameters of one object, by its key. */
  parametersOf: (key: string) => ObjectParameters;
  readonly #bucket: string;
  readonly #objectParameters: ObjectParameters;
  /** The headers of `#objectParameters`, which are frozen. */
  #sharedParameters: SharedParameters | undefined;

  /** @param settings Settings that may be shown: their objectParameters hide the customer's key. */
  constructor(settings: Settings, objectParameters: ObjectParameters, provider: RefreshableProvider) {
    this.client = new S3Client(settings, provider);
    this.urls = new ObjectUrls(this.client);
    this.#objectParameters = objectParameters;
    this.parametersOf = () => objectParameters;
    this.#bucket = settings.bucketName;
  }

  /** The parameters of all objects. A method, as logs show properties and getters: SSECustomerKey is a secret. */
  sharedObjectParameters(): ObjectParameters {
    return this.#objectParameters;
  }

  /** Opens an object with one request; with a second one if it is gzip and the caller decompresses. */
  async read(key: string, options: ObjectReadOptions): Promise<ByteSource> {
    try {
      return await openObjectSource(this.client, this.target(key, options), options);
    } catch (error) {
      throw explainMissing(error, key);
    }
  }

  /** Stores an object whose bytes are complete, without copying them unless they are compressed. */
  async put(
    key: string,
    body: Uint8Array<ArrayBuffer> | Blob,
    options: ObjectWriteOptions,
  ): Promise<WrittenObject | void> {
    const parameters = this.writeParameters(key, options);
    if (parameters.gzip) {
      const { writeAll, WriteFile } = await import("../storage/files/write_file.ts"); // few storages compress
      const file = new WriteFile(key, this.#sink(key, options, parameters), options.signal);
      return await writeAll(file, body instanceof Blob ? body.stream() : [body]);
    }
    const plan = this.client.settings.transferConfig;
    return await writeWhole(this.client, this.target(key, options), parameters, plan, body);
  }

  /** Opens an object to write: in one request, or in parts once it is large. */
  write(key: string, options: ObjectWriteOptions): ByteSink {
    return this.#sink(key, options, this.writeParameters(key, options));
  }

  async head(key: string, options: CallOptions): Promise<ObjectStat> {
    try {
      return await headObject(this.client, this.target(key, options));
    } catch (error) {
      throw explainMissing(error, key);
    }
  }

  /** Deletes one object by a request of its own, more by one request together. */
  async delete(keys: readonly string[], options: ObjectDeleteOptions): Promise<void> {
    const [first, second] = keys;
    if (first === undefined) return;
    for (const key of keys) this.#refuseVersion(key);
    const target = this.target(first, options);
    if (options.expected !== undefined) {
      // Loaded on demand: most deletions have no condition.
      const { deleteExpected } = await import("../transfer/write/delete_expected.ts");
      return await deleteExpected(this.client, target, options.expected);
    }
    if (second === undefined) return await deleteObject(this.client, target);
    // Loaded on demand: on an edge most deletions are of one object.
    const { deleteObjects } = await import("../client/operations/delete_objects.ts");
    const failures = await deleteObjects(this.client, { ...target, keys });
    if (failures.length > 0) throw new AggregateError(failures, `${failures.length} files could not be deleted`);
  }

  /** Lists objects in the order of their keys' bytes, at most a thousand to a request. */
  async *list(prefix: string, options: ObjectListOptions): AsyncGenerator<ListedKey> {
    const { listKeys } = await import("./list_keys.ts"); // most storages list nothing
    const target = { bucket: this.#bucket, headers: parameterHeaders(this.#objectParameters, "all") };
    yield* listKeys(this.client, target, prefix, options);
  }

  /** Copies an object in the bucket. Its bytes pass through this process only if the service has no safe copy. */
  async copy(
    from: string,
    to: string,
    { signal, onExisting, ifMatch, deletesSource }: ObjectCopyOptions,
  ): Promise<void> {
    const overwrite = onExisting === "replace";
    if (deletesSource) this.#refuseVersion(from);
    const own: ObjectParameters = Object.fromEntries(
      Object.entries(this.#parametersOf(to)).filter(([name]) => !COPIED.test(name)),
    );
    const copy: CopyInput = {
      ...this.writableTarget(to, { signal }),
      source: this.target(from, { signal }),
      headers: parameterHeaders({ ...own, ACL: own.ACL ?? this.client.settings.defaultAcl }),
    };
    try {
      // Loaded on demand: few programs copy.
      await (await import("../transfer/copy/copy.ts")).copy(this.client, copy, { overwrite, ifMatch });
    } catch (error) {
      throw explainMissing(error, from);
    }
  }

  async url(key: string, options: UrlOptions): Promise<string> {
    const { signal } = options;
    const credentials = this.urls.needsCredentials ? await this.client.credentials(signal) : undefined;
    return await this.urls.url(key, this.versioned(key, options), credentials);
  }

  /** Endpoint, bucket and key: `s3://amazonaws.com/media/a.txt`. */
  uri(key: string): string {
    return objectUri(this.client.settings, this.#bucket, key);
  }

  /** The options of a URL, with the version that is configured to be read. */
  versioned(key: string, options: UrlOptions): UrlOptions {
    const { VersionId } = this.#parametersOf(key);
    if (VersionId === undefined || options.parameters?.VersionId !== undefined) return options;
    const { method = "GET" } = options;
    if (method !== "GET" && method !== "HEAD") refuseVersion({ VersionId });
    return { ...options, parameters: { ...options.parameters, VersionId } };
  }

  /** Where requests for an object go, and the headers of its parameters. */
  target(key: string, { signal }: CallOptions): ObjectTarget {
    const configured = this.#parametersOf(key);
    const parameters = configured === this.#objectParameters
      ? this.#sharedParameters ??= sharedParameters(configured)
      : sharedParameters(configured);
    return { bucket: this.#bucket, key, signal, parameters };
  }

  /** @throws {ConfigurationError} If one version of the object is configured to be read. */
  writableTarget(key: string, options: CallOptions): ObjectTarget {
    this.#refuseVersion(key);
    return this.target(key, options);
  }

  /** The caller's options come before the configured parameters, and those before the content's own. */
  writeParameters(key: string, options: ObjectWriteOptions): WriteParameters & Compression {
    const { gzip, gzipContentTypes, defaultAcl } = this.client.settings;
    const configured = this.#parametersOf(key);
    const type = options.contentType || configured.ContentType || options.fallbackContentType;
    const encoding = options.contentEncoding ?? configured.ContentEncoding ?? options.fallbackContentEncoding;
    const compresses = gzip && encoding === undefined && gzipContentTypes.includes(type);
    const parameters: ObjectParameters = {
      ...configured,
      ACL: configured.ACL ?? defaultAcl,
      ContentType: type,
      ContentEncoding: compresses ? "gzip" : encoding || undefined,
      // An empty text means no header. Not all runtimes send a header without a value, which would then be signed.
      CacheControl: (options.cacheControl ?? configured.CacheControl) || undefined,
      ContentDisposition: (options.contentDisposition ?? configured.ContentDisposition) || undefined,
      ContentLanguage: (options.contentLanguage ?? configured.ContentLanguage) || undefined,
      Metadata: { ...configured.Metadata, ...options.metadata },
    };
    refuseVersion(parameters);
    return {
      headers: parameterHeaders({ ...parameters, ChecksumAlgorithm: undefined }),
      checksumAlgorithm: uploadChecksum(this.client.settings, parameters),
      contentMd5: parameters.ContentMD5,
      onProgress: options.onProgress,
      conditions: (options.ifMatch ?? options.ifNoneMatch) === undefined
        ? undefined
        : { "if-match": options.ifMatch, "if-none-match": options.ifNoneMatch },
      overwrite: options.onExisting === "replace",
      identified: options.identified,
      uniqueKey: options.uniqueKey,
      gzip: compresses,
    };
  }

  #sink(key: string, options: ObjectWriteOptions, parameters: WriteParameters & Compression): ByteSink {
    const { transferConfig, maxMemorySize } = this.client.settings;
    const plan = { ...transferConfig, maxMemorySize };
    const target = this.target(key, options);
    const writer = lazySink(async () => {
      const { ObjectWriter } = await import("../transfer/write/object_writer.ts");
      return new ObjectWriter(this.client, target, parameters, plan);
    });
    return parameters.gzip ? compressing(writer) : writer;
  }

  /** Checks the result of an override: otherwise lost parameters, such as those of encryption, would go unnoticed. */
  #parametersOf(key: string): ObjectParameters {
    const parameters: unknown = this.parametersOf(key);
    if (isRecord(parameters) && !(parameters instanceof Promise)) return parameters;
    throw new ConfigurationError(`getObjectParameters('${key}') must return an object, not a promise`);
  }

  #refuseVersion(key: string): void {
    refuseVersion(this.#parametersOf(key));
  }
}

/** @throws {ConfigurationError} If the parameters are those of one version of an object. */
function refuseVersion({ VersionId }: ObjectParameters): void {
  if (VersionId === undefined) return;
  throw new ConfigurationError(
    "Cannot write, delete or move files: objectParameters.VersionId is for reading only",
  );
}
