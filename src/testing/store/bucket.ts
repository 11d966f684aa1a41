import type { Acl } from "../authentication/acl.ts";
import { S3ServerError } from "../protocol/errors.ts";
import { SortedKeys } from "./sorted_keys.ts";
import type { DeleteMarker, NewObject, StoredObject, StoredVersion, Upload } from "./stored_object.ts";
import { NULL_VERSION, type VersionIds } from "./version_ids.ts";

/** The versioning of a bucket on which it was ever enabled or suspended. */
export type Versioning = "Enabled" | "Suspended";

/** A bucket: the versions of every key, and the sorted keys. */
export class Bucket {
  readonly name: string;
  readonly created: Date;
  acl: Acl;
  /** `undefined` until versioning is enabled or suspended for the first time. */
  versioning: Versioning | undefined;
  readonly uploads = new Map<string, Upload>();
  /** The versions of each key, the newest first. */
  readonly #versions = new Map<string, StoredVersion[]>();
  readonly #currentKeys = new SortedKeys();
  readonly #allKeys = new SortedKeys();
  readonly #ids: VersionIds;
  /** Where the deleted null version of a key was in the order of versions, for a marker that names it. */
  readonly #formerNulls = new Map<string, number>();

  constructor(name: string, created: Date, acl: Acl, ids: VersionIds) {
    this.name = name;
    this.created = created;
    this.acl = acl;
    this.#ids = ids;
  }

  /** The sorted keys of the current objects. */
  get keys(): readonly string[] {
    return this.#currentKeys.list;
  }

  /** The sorted keys of all versions and delete markers. */
  get versionedKeys(): readonly string[] {
    return this.#allKeys.list;
  }

  /** The versions of a key, the newest first. */
  versions(key: string): readonly StoredVersion[] {
    return this.#versions.get(key) ?? [];
  }

  /** The current object, or `undefined` if there is none or a delete marker is current. */
  find(key: string): StoredObject | undefined {
    const [current] = this.versions(key);
    return current === undefined || current.isDeleteMarker ? undefined : current;
  }

  /** The current object of a listed key. */
  get(key: string): StoredObject {
    const object = this.find(key);
    if (object === undefined) throw new S3ServerError("NoSuchKey", undefined, { Key: key });
    return object;
  }

  findVersion(key: string, versionId: string): StoredVersion | undefined {
    return this.versions(key).find((version) => version.versionId === versionId);
  }

  /** The versions of a key that are older than the one with an id, which may have been deleted. */
  versionsAfter(key: string, versionId: string): readonly StoredVersion[] | undefined {
    const sequence = this.findVersion(key, versionId)?.sequence ??
      (versionId === NULL_VERSION ? this.#formerNulls.get(key) : this.#ids.sequenceOf(versionId));
    return sequence === undefined ? undefined : this.versions(key).filter((version) => version.sequence < sequence);
  }

  /** Whether a version id was ever issued. */
  knowsVersionId(versionId: string): boolean {
    return this.#ids.isKnown(versionId);
  }

  /**
   * Stores a new version, which replaces the null version unless versioning is enabled.
   *
   * @returns The version id to report: none unless versioning is enabled.
   */
  put(object: NewObject): string | undefined {
    const place = this.#newPlace();
    this.#add({ ...object, ...place, isDeleteMarker: false, restore: undefined });
    return this.versioning === "Enabled" ? place.versionId : undefined;
  }

  /** Replaces a version by one with other attributes, such as tags. */
  update(object: StoredObject): void {
    const versions = this.#versions.get(object.key) ?? [];
    const index = versions.findIndex((version) => version.versionId === object.versionId);
    if (index !== -1) versions[index] = object;
  }

  /** Deletes the current object. In a versioned bucket that stores a delete marker, even for a missing object. */
  delete(key: string, now: Date): DeleteMarker | undefined {
    if (this.versioning === undefined) {
      this.deleteVersion(key, NULL_VERSION);
      return undefined;
    }
    const marker: DeleteMarker = { ...this.#newPlace(), key, lastModified: now, isDeleteMarker: true };
    this.#add(marker);
    return marker;
  }

  /** Deletes a version or a delete marker. */
  deleteVersion(key: string, versionId: string): StoredVersion | undefined {
    const versions = this.#versions.get(key) ?? [];
    const index = versions.findIndex((version) => version.versionId === versionId);
    if (index === -1) return undefined;
    const [removed] = versions.splice(index, 1);
    if (versionId === NULL_VERSION) this.#formerNulls.set(key, removed!.sequence);
    if (versions.length === 0) this.#versions.delete(key);
    this.#sort(key);
    return removed;
  }

  getUpload(uploadId: string, key: string): Upload {
    const upload = this.uploads.get(uploadId);
    if (upload === undefined || upload.key !== key) {
      throw new S3ServerError("NoSuchUpload", undefined, { UploadId: uploadId });
    }
    return upload;
  }

  #newPlace(): { readonly versionId: string; readonly sequence: number } {
    const sequence = this.#ids.nextSequence();
    return { versionId: this.versioning === "Enabled" ? this.#ids.issue(sequence) : NULL_VERSION, sequence };
  }

  #add(version: StoredVersion): void {
    const others = this.versions(version.key).filter((other) => other.versionId !== version.versionId);
    this.#versions.set(version.key, [version, ...others]);
    this.#sort(version.key);
  }

  #sort(key: string): void {
    this.#currentKeys.set(key, this.find(key) !== undefined);
    this.#allKeys.set(key, this.#versions.has(key));
  }
}
