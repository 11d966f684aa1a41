import type { ObjectTarget, StoredVersion } from "../../client/operations/objects.ts";
import type { RequestHeaders } from "../../client/request.ts";
import type { BodyChecks } from "../../client/upload_checksum.ts";

/** What an object is written with. */
export interface WriteParameters extends BodyChecks {
  /** Headers that describe the object: content type, metadata, ACL and so on. */
  readonly headers: RequestHeaders;
  /** Whether an object of that key may be replaced. */
  readonly overwrite: boolean;
  /** The headers of other conditions on what there is. */
  readonly conditions?: RequestHeaders | undefined;
  /** Whether the caller may remove what was written: see `ObjectWriteOptions` of the storage. */
  readonly identified?: boolean | undefined;
  /** Gives a key that no other writer chooses, where the object may go to another one. */
  readonly uniqueKey?: (() => Promise<string>) | undefined;
  /** Is told how far it has come. */
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** How many bytes there are, where that is known before they are read. */
  readonly total?: number | undefined;
}

/** How content is cut into parts; all in bytes but the last. */
export interface PartPlan {
  readonly multipartThreshold: number;
  readonly partSize: number;
  readonly maxConcurrency: number;
  /** Bytes of a part that wait in memory before a temporary file takes them; 0: all of them. */
  readonly maxMemorySize?: number;
}

/** How far an upload has come: bytes and parts that have arrived, and how many bytes there are, as far as it is known. */
export interface UploadProgress {
  readonly bytes: number;
  readonly parts: number;
  readonly total: number | undefined;
}

/** What is known of an object that was written. */
export interface WrittenVersion extends StoredVersion {
  /** Whether it replaced another one, or may have done so. */
  readonly replaced: boolean;
  /** The mark of the write in the object's metadata, where it has one. */
  readonly writeId?: string | undefined;
}

/**
 * Sends the request that makes an object appear.
 *
 * @param target Where to; its signals are those of this request.
 * @param condition Further headers: the condition that it appears under.
 */
export type SendWrite = (target: ObjectTarget, condition: RequestHeaders) => Promise<StoredVersion>;
