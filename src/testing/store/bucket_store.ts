import { compareUtf8 } from "../../kit/text/utf8_order.ts";
import type { CannedAcl } from "../authentication/acl.ts";
import type { Checksum, ChecksumAlgorithm, ChecksumType } from "../payload/checksums.ts";
import { S3ServerError } from "../protocol/errors.ts";
import { partitionPoint } from "./partition_point.ts";

/** The attributes of an object. */
export interface ObjectAttributes {
  /** Headers that reads return unchanged, such as `content-type` and `cache-control`; names in lower case. */
  readonly systemHeaders: ReadonlyMap<string, string>;
  /** The `x-amz-meta-…` headers, by lower-case name without that prefix. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly storageClass: string;
  readonly acl: CannedAcl;
  readonly tags: ReadonlyMap<string, string>;
}

/** A stored object. It is immutable: a write replaces it. */
export interface StoredObject extends ObjectAttributes {
  readonly key: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Without quotes. */
  readonly etag: string;
  readonly lastModified: Date;
  readonly checksum: Checksum | undefined;
  /** The sizes of the parts of a multipart object. */
  readonly partSizes: readonly number[] | undefined;
}

/** One part of an upload. */
export interface StoredPart {
  readonly partNumber: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly etag: string;
  readonly lastModified: Date;
  readonly checksum: Checksum | undefined;
}

/** A multipart upload that was neither completed nor aborted. */
export interface Upload {
  readonly uploadId: string;
  readonly key: string;
  readonly initiated: Date;
  readonly attributes: ObjectAttributes;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType } | undefined;
  readonly parts: Map<number, StoredPart>;
}

/** A bucket: its objects by key, and the sorted keys. */
export class Bucket {
  readonly name: string;
  readonly created: Date;
  acl: CannedAcl;
  readonly uploads = new Map<string, Upload>();
  readonly #objects = new Map<string, StoredObject>();
  /** Sorted at every write, so that a page of a listing takes time for its own length only. */
  readonly #keys: string[] = [];

  constructor(name: string, created: Date, acl: CannedAcl) {
    this.name = name;
    this.created = created;
    this.acl = acl;
  }

  get keys(): readonly string[] {
    return this.#keys;
  }

  find(key: string): StoredObject | undefined {
    return this.#objects.get(key);
  }

  get(key: string): StoredObject {
    const object = this.#objects.get(key);
    if (object === undefined) throw new S3ServerError("NoSuchKey", undefined, { Key: key });
    return object;
  }

  put(object: StoredObject): void {
    if (!this.#objects.has(object.key)) this.#keys.splice(this.#place(object.key), 0, object.key);
    this.#objects.set(object.key, object);
  }

  delete(key: string): void {
    if (this.#objects.delete(key)) this.#keys.splice(this.#place(key), 1);
  }

  getUpload(uploadId: string, key: string): Upload {
    const upload = this.uploads.get(uploadId);
    if (upload === undefined || upload.key !== key) {
      throw new S3ServerError("NoSuchUpload", undefined, { UploadId: uploadId });
    }
    return upload;
  }

  #place(key: string): number {
    return partitionPoint(this.#keys, (candidate) => compareUtf8(candidate, key) < 0);
  }
}

/** The buckets of a server. */
export class BucketStore {
  readonly #buckets = new Map<string, Bucket>();

  get all(): readonly Bucket[] {
    return [...this.#buckets.values()].sort((a, b) => compareUtf8(a.name, b.name));
  }

  find(name: string): Bucket | undefined {
    return this.#buckets.get(name);
  }

  get(name: string): Bucket {
    const bucket = this.#buckets.get(name);
    if (bucket === undefined) throw new S3ServerError("NoSuchBucket", undefined, { BucketName: name });
    return bucket;
  }

  create(name: string, created: Date, acl: CannedAcl): void {
    if (!isBucketName(name)) throw new S3ServerError("InvalidBucketName", undefined, { BucketName: name });
    if (this.#buckets.has(name)) {
      throw new S3ServerError("BucketAlreadyOwnedByYou", undefined, { BucketName: name });
    }
    this.#buckets.set(name, new Bucket(name, created, acl));
  }

  delete(name: string): void {
    if (this.get(name).keys.length > 0) throw new S3ServerError("BucketNotEmpty", undefined, { BucketName: name });
    this.#buckets.delete(name);
  }
}

/** Whether a bucket name is valid: 3 to 63 lower-case letters, digits, dots and hyphens, not an IP address. */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes("..") && !/^\d+\.\d+\.\d+\.\d+$/.test(name);
}
