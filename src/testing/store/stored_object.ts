import type { Acl } from "../authentication/acl.ts";
import type { Checksum, ChecksumAlgorithm, ChecksumType } from "../payload/checksums.ts";

/** The attributes of an object. */
export interface ObjectAttributes {
  /** Headers that reads return unchanged, such as `content-type` and `cache-control`; names in lower case. */
  readonly systemHeaders: ReadonlyMap<string, string>;
  /** The `x-amz-meta-…` headers, by lower-case name without that prefix. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly storageClass: string;
  readonly acl: Acl;
  readonly tags: ReadonlyMap<string, string>;
}

/** An object to store, which has no version yet. */
export interface NewObject extends ObjectAttributes {
  readonly key: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Without quotes. */
  readonly etag: string;
  readonly lastModified: Date;
  readonly checksum: Checksum | undefined;
  /** The sizes of the parts of a multipart object. */
  readonly partSizes: readonly number[] | undefined;
}

/** What every version has. */
interface VersionOf {
  readonly key: string;
  /** `null` for what was written while versioning was not enabled. */
  readonly versionId: string;
  /** The order in which the versions of a server were written. */
  readonly sequence: number;
  readonly lastModified: Date;
}

/** A stored object. It is immutable: a write replaces it. */
export interface StoredObject extends NewObject, VersionOf {
  readonly isDeleteMarker: false;
  readonly restore: Restore | undefined;
}

/** The version that a deletion without a version id stores in a versioned bucket. */
export interface DeleteMarker extends VersionOf {
  readonly isDeleteMarker: true;
}

/** One entry in the history of a key. */
export type StoredVersion = StoredObject | DeleteMarker;

/** The restoration of an archived object. */
export interface Restore {
  readonly days: number;
  /** The time until which the object is readable, or `undefined` while the restoration is in progress. */
  readonly expires: Date | undefined;
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
