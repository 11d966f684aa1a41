import { deleteObject, headObject, type ObjectTarget } from "../client/operations/objects.ts";
import type { SharedParameters } from "../client/request.ts";
import type { S3Client } from "../client/s3_client.ts";
import { ConfigurationError, isStorageError } from "../errors.ts";
import { isPromise } from "../kit/async/is_promise.ts";
import { quotedETags } from "../kit/text/etag.ts";
import { isRecord } from "../kit/values/record.ts";
import type { ObjectParameters } from "../settings/options.ts";
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
import type { CallOptions } from "../storage/contract/options.ts";
import type { WrittenObject } from "../storage/contract/saved_file.ts";
import { lazySink } from "../storage/files/lazy.ts";
import type { WriteParameters } from "../transfer/write/write_parameters.ts";
import { writeWhole } from "../transfer/write/write_whole.ts";
import type { ObjectCopy } from "./copy_objects.ts";
import { parameterHeaders, sharedParameters, uploadChecksum } from "./object_parameters.ts";
import { explainMissing } from "./objects/missing_object.ts";
import { objectUri } from "./object_uri.ts";
import { ObjectUrls } from "./object_urls.ts";
import {
  type AnyCallOptions,
  S3_CALL_OPTIONS,
  type S3DeleteOptions,
  type S3HeadOptions,
  type S3ReadOptions,
  type S3WriteOptions,
  withCallOptions,
  withCallPlan,
} from "./s3_options.ts";
import type { S3UrlOptions } from "./url_parameters.ts";

/** Whether content is stored as gzip. */
interface Compression {
  readonly gzip: boolean;
}

/** Loaded on demand: few programs copy. */
const copying = (): Promise<typeof import("./copy_objects.ts")> => import("./copy_objects.ts");

/** Loaded on demand: some programs only write, or sign URLs. */
let sources: typeof import("./object_source.ts") | undefined;

/** Objects in a bucket, by requests to S3. */
export class S3Backend implements StorageBackend {
  readonly capabilities: BackendCapabilities;
  readonly client: S3Client;
  readonly urls: ObjectUrls;
  /** The parameters of one object, by its key. */
  parametersOf: (key: string) => ObjectParameters;
  readonly #bucket: string;
  readonly #objectParameters: ObjectParameters;
  /** The headers of `#objectParameters`, which are frozen. */
  #sharedParameters: SharedParameters | undefined;
  /** The headers of `#objectParameters` that every write sends. */
  #sharedHeaders: Readonly<Record<string, string>> | undefined;

  /** @param client Its settings may be shown: their objectParameters hide the customer's key. */
  constructor(client: S3Client, objectParameters: ObjectParameters) {
    this.client = client;
    this.capabilities = {
      conditionalWrites: true,
      serverSideCopy: true,
      urls: true,
      rangeSize: client.settings.transferConfig.partSize,
      options: S3_CALL_OPTIONS,
    };
    this.urls = new ObjectUrls(this.client);
    this.#objectParameters = objectParameters;
    this.parametersOf = () => objectParameters;
    this.#bucket = client.settings.bucketName;
  }

  /** The parameters of all objects. A method, as logs show properties and getters: SSECustomerKey is a secret. */
  sharedObjectParameters(): ObjectParameters {
    return this.#objectParameters;
  }

  /** Opens an object with one request; with a second one if it is gzip and the caller decompresses. */
  async read(key: string, options: ObjectReadOptions & S3ReadOptions): Promise<ByteSource> {
    try {
      sources ??= await import("./object_source.ts"); // kept, as to import it again takes longer than other steps of a read
      return await sources.openObjectSource(this.client, this.target(key, options), options);
    } catch (error) {
      if (options.decompress && isStorageError(error, "NotSupported")) {
        return (await import("./transcoded_source.ts")).openTranscoded(this.client, this.target(key, options));
      }
      throw explainMissing(error, key);
    }
  }

  /** Stores an object whose bytes are complete, without copying them unless they are compressed. */
  async put(
    key: string,
    body: Uint8Array<ArrayBuffer> | Blob,
    options: ObjectWriteOptions & S3WriteOptions,
  ): Promise<WrittenObject | void> {
    const parameters = this.writeParameters(key, options);
    if (parameters.gzip) {
      const { writeAll, WriteFile } = await import("../storage/files/write_file.ts"); // few storages compress
      const file = new WriteFile(key, this.#sink(key, options, parameters), options.signal);
      return await writeAll(file, body instanceof Blob ? body : [body]);
    }
    const plan = withCallPlan(this.client.settings.transferConfig, options, key);
    return await writeWhole(this.client, this.target(key, options), parameters, plan, body);
  }

  /** Opens an object to write: in one request, or in parts once it is large. */
  write(key: string, options: ObjectWriteOptions & S3WriteOptions): ByteSink {
    return this.#sink(key, options, this.writeParameters(key, options));
  }

  async head(key: string, options: CallOptions & S3HeadOptions): Promise<ObjectStat> {
    try {
      return await headObject(this.client, this.target(key, options));
    } catch (error) {
      throw explainMissing(error, key);
    }
  }

  /** Deletes one object by a request of its own, more by one request together. */
  async delete(keys: readonly string[], options: ObjectDeleteOptions & S3DeleteOptions): Promise<void> {
    const [first, second] = keys;
    if (first === undefined) return;
    for (const key of keys) this.#refuseVersion(key);
    const target = this.target(first, options, "delete");
    if (options.expected !== undefined) {
      // Loaded on demand: most deletions have no condition.
      const { deleteExpected } = await import("../transfer/write/delete_expected.ts");
      return await deleteExpected(this.client, target, options.expected);
    }
    if (second === undefined) return await deleteObject(this.client, { ...target, versionId: options.versionId });
    // Loaded on demand: on an edge most deletions are of one object.
    const { deleteAll } = await import("../client/operations/delete_objects.ts");
    await deleteAll(this.client, { ...target, keys });
  }

  /** Lists objects in the order of their keys' bytes, at most a thousand to a request. */
  async *list(prefix: string, options: ObjectListOptions): AsyncGenerator<ListedKey> {
    const { listKeys } = await import("./list_keys.ts"); // most storages list nothing
    const target = { bucket: this.#bucket, headers: parameterHeaders(this.#objectParameters, "all") };
    yield* listKeys(this.client, target, prefix, options);
  }

  /** Copies an object in the bucket. Its bytes pass through this process only if the service has no safe copy. */
  async copy(from: string, to: string, options: ObjectCopyOptions & S3WriteOptions): Promise<void> {
    if (options.deletesSource) this.#refuseVersion(from);
    const objects = this.#copyOf(this, from, to, options);
    try {
      await (await copying()).copyObjects(this.client, objects, options);
    } catch (error) {
      throw explainMissing(error, from);
    }
  }

  /** Copies an object of another bucket or region on the same service, with the credentials of this backend. */
  async copyFrom(
    source: StorageBackend,
    from: string,
    to: string,
    options: ObjectCopyOptions & S3WriteOptions,
  ): Promise<boolean> {
    if (!(source instanceof S3Backend)) return false;
    const objects = this.#copyOf(source, from, to, options);
    try {
      return await (await copying()).copyBetween(source, this, objects, options);
    } catch (error) {
      throw explainMissing(error, from);
    }
  }

  #copyOf(source: S3Backend, from: string, to: string, options: ObjectCopyOptions): Omit<ObjectCopy, "sourceClient"> {
    const { signal } = options;
    const configured = this.#parametersOf(to);
    refuseVersion(configured);
    return { source: source.target(from, { signal }), target: this.target(to, options, "copy to"), configured };
  }

  async url(key: string, options: S3UrlOptions): Promise<string> {
    const { signal } = options;
    const credentials = this.urls.needsCredentials ? await this.client.credentials(signal) : undefined;
    return await this.urls.url(key, this.urlOptions(key, options), credentials);
  }

  /** Endpoint, bucket and key: `s3://amazonaws.com/media/a.txt`. */
  uri(key: string): string {
    return objectUri(this.client.settings, this.#bucket, key);
  }

  /** The options of a URL, with the version that is configured to be read, and the payer. */
  urlOptions(key: string, options: S3UrlOptions): S3UrlOptions {
    const { VersionId, RequestPayer } = this.#parametersOf(key);
    if ((VersionId ?? RequestPayer) === undefined) return options;
    const { method = "GET", parameters: given } = options;
    if (method !== "GET" && method !== "HEAD" && given?.VersionId === undefined) refuseVersion({ VersionId });
    const payer = this.urls.needsCredentials && RequestPayer ? RequestPayer : undefined;
    const parameters = {
      ...given,
      VersionId: given?.VersionId ?? VersionId,
      RequestPayer: given?.RequestPayer ?? payer,
    };
    return { ...options, parameters };
  }

  /** Where requests for an object go, and the headers of its parameters. */
  target(key: string, options: CallOptions & AnyCallOptions, action = "read"): ObjectTarget {
    const { signal } = options;
    const own = withCallOptions(this.#parametersOf(key), options, action, key);
    const parameters = own === this.#objectParameters
      ? this.#sharedParameters ??= sharedParameters(own)
      : sharedParameters(own);
    return { bucket: this.#bucket, key, signal, parameters };
  }

  /** @throws {ConfigurationError} If one version of the object is configured to be read. */
  writableTarget(key: string, options: CallOptions): ObjectTarget {
    this.#refuseVersion(key);
    return this.target(key, options);
  }

  /** The caller's options come before the configured parameters, and those before the content's own. */
  writeParameters(key: string, options: ObjectWriteOptions & S3WriteOptions): WriteParameters & Compression {
    const { gzip, gzipContentTypes } = this.client.settings;
    const configured = withCallOptions(this.#parametersOf(key), options, "write", key);
    const given = options.contentType || configured.ContentType;
    const type = given || options.fallbackContentType;
    const encoding = options.contentEncoding ?? configured.ContentEncoding ?? options.fallbackContentEncoding;
    // The list has types without a charset; a type that was given must be in it exactly.
    const compresses = gzip && encoding === undefined &&
      (gzipContentTypes.includes(type) || !given && gzipContentTypes.includes(type.replace(/; charset=utf-8$/, "")));
    const description: ObjectParameters = {
      ContentType: type,
      ContentEncoding: compresses ? "gzip" : encoding,
      CacheControl: options.cacheControl ?? configured.CacheControl,
      ContentDisposition: options.contentDisposition ?? configured.ContentDisposition,
      ContentLanguage: options.contentLanguage ?? configured.ContentLanguage,
      Metadata: { ...configured.Metadata, ...options.metadata },
    };
    refuseVersion(configured);
    return {
      headers: Object.assign(parameterHeaders(description), this.#writeHeadersOf(configured, description)),
      checksumAlgorithm: uploadChecksum(this.client.settings, configured),
      contentMd5: configured.ContentMD5,
      onProgress: options.onProgress,
      conditions: (options.ifMatch ?? options.ifNoneMatch) === undefined ? undefined : {
        "if-match": options.ifMatch && quotedETags(options.ifMatch),
        "if-none-match": options.ifNoneMatch,
      },
      overwrite: options.onExisting === "replace",
      identified: options.identified,
      uniqueKey: options.uniqueKey,
      gzip: compresses,
    };
  }

  /** The headers of the parameters that do not describe the content; converted once for the same, frozen parameters. */
  #writeHeadersOf(configured: ObjectParameters, description: ObjectParameters): Readonly<Record<string, string>> {
    if (configured === this.#objectParameters && this.#sharedHeaders !== undefined) return this.#sharedHeaders;
    const { ChecksumAlgorithm: _, ...own }: Record<string, unknown> = { ...configured };
    own.ACL ??= this.client.settings.defaultAcl;
    for (const name in description) delete own[name];
    const headers = parameterHeaders(own);
    if (configured === this.#objectParameters) this.#sharedHeaders = headers;
    return headers;
  }

  #sink(
    key: string,
    options: ObjectWriteOptions & S3WriteOptions,
    parameters: WriteParameters & Compression,
  ): ByteSink {
    const { transferConfig, maxMemorySize } = this.client.settings;
    const plan = withCallPlan({ ...transferConfig, maxMemorySize }, options, key);
    const target = this.target(key, options);
    return lazySink(async () => {
      const { ObjectWriter } = await import("../transfer/write/object_writer.ts");
      const writer = new ObjectWriter(this.client, target, parameters, plan);
      return parameters.gzip ? (await import("../storage/files/gzip.ts")).gzipSink(writer) : writer;
    });
  }

  /** Checks the result of an override: otherwise lost parameters, such as those of encryption, would go unnoticed. */
  #parametersOf(key: string): ObjectParameters {
    const parameters: unknown = this.parametersOf(key);
    if (isRecord(parameters) && !isPromise(parameters)) return parameters;
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
