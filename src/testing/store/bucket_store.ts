import { compareUtf8 } from "../../kit/text/utf8_order.ts";
import type { Acl } from "../authentication/acl.ts";
import { S3ServerError } from "../protocol/errors.ts";
import { Bucket } from "./bucket.ts";
import { VersionIds } from "./version_ids.ts";

/** The buckets of a server. */
export class BucketStore {
  readonly #buckets = new Map<string, Bucket>();
  readonly #versionIds = new VersionIds();

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

  create(name: string, created: Date, acl: Acl): Bucket {
    if (!isBucketName(name)) throw new S3ServerError("InvalidBucketName", undefined, { BucketName: name });
    if (this.#buckets.has(name)) {
      throw new S3ServerError("BucketAlreadyOwnedByYou", undefined, { BucketName: name });
    }
    const bucket = new Bucket(name, created, acl, this.#versionIds);
    this.#buckets.set(name, bucket);
    return bucket;
  }

  delete(name: string): void {
    const bucket = this.get(name);
    if (bucket.versionedKeys.length > 0) {
      throw new S3ServerError(
        "BucketNotEmpty",
        bucket.versioning && "The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
        { BucketName: name },
      );
    }
    this.#buckets.delete(name);
  }
}

/** Whether a bucket name is valid: 3 to 63 lower-case letters, digits, dots and hyphens, not an IP address. */
export function isBucketName(name: string): boolean {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes("..") && !/^\d+\.\d+\.\d+\.\d+$/.test(name);
}
