import type { ObjectTarget, StoredVersion } from "../../client/operations/objects.ts";
import type { RequestHeaders } from "../../client/request.ts";
import type { BodyChecks } from "../../client/upload_checksum.ts";

/** The parameters of a write. */
export interface WriteParameters extends BodyChecks {
  /** Headers that describe the object, such as the content type, metadata and ACL. */
  readonly headers: RequestHeaders;
  /** Whether an object with the same key may be replaced. */
  readonly overwrite: boolean;
  /** Headers with other conditions on the existing object. */
  readonly conditions?: RequestHeaders | undefined;
  /** Whether the caller may delete the object again: see `ObjectWriteOptions` of the storage. */
  readonly identified?: boolean | undefined;
  /** Creates a key that no other writer chooses, if the object may be stored under another key. */
  readonly uniqueKey?: (() => Promise<string>) | undefined;
  /** Called with the progress. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** The number of bytes, if it is known in advance. */
  readonly total?: number | undefined;
}

/** How content is split into parts; sizes are in bytes. */
export interface PartPlan {
  readonly multipartThreshold: number;
  readonly partSize: number;
  readonly maxConcurrency: number;
  /** The bytes of a part that are kept in memory, before a temporary file is used; 0 for all of them. */
  readonly maxMemorySize?: number;
}

/** The progress of an upload: bytes and parts that were sent, and the number of all bytes, if it is known. */
export interface UploadProgress {
  readonly bytes: number;
  readonly parts: number;
  readonly total: number | undefined;
}

/** An object that was written. */
export interface WrittenVersion extends PublishedVersion {
  /** The number of its bytes. */
  readonly size: number;
}

/** The version of an object that was published. */
export interface PublishedVersion extends StoredVersion {
  /** Whether it replaced another object, or may have done so. */
  readonly replaced: boolean;
  /** The mark of the write in the object's metadata, if it has one. */
  readonly writeId?: string | undefined;
}

/**
 * Sends the request that publishes an object.
 *
 * @param target The target, with the signals of this request.
 * @param condition Further headers with the condition.
 */
export type SendWrite = (target: ObjectTarget, condition: RequestHeaders) => Promise<StoredVersion>;
