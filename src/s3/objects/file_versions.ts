import type { CallOptions } from "../../storage/contract/options.ts";
import type { SavedFile } from "../../storage/contract/saved_file.ts";
import type { RunOperation } from "../file_access.ts";
import type { FileVersion, ListVersionsOptions } from "./version_operations.ts";

/**
 * The versions of the files of an S3Storage, in a bucket that keeps versions. `storage.versions` returns this object. To read
 * a version, pass its id: `storage.open(name, "rb", { versionId })`.
 *
 * @example
 * ```ts
 * import { type FileVersions, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"], versioning: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * await storage.save("a.txt", "first");
 * await storage.save("a.txt", "second");
 *
 * const versions: FileVersions = storage.versions;
 * const [, first] = await Array.fromAsync(versions.list("a.txt"));
 * await versions.restore("a.txt", first!.versionId);
 * assertEquals(await storage.readText("a.txt"), "first");
 * ```
 */
export interface FileVersions {
  /**
   * Lists the versions of a file, the newest first, or with `recursive` those of all files in a folder. A deletion without a
   * version id adds a version too: a delete marker.
   *
   * IAM permission: `s3:ListBucketVersions` for the bucket.
   *
   * @param name The file; with `recursive` the folder, `""` for the storage's location.
   * @param options Whether the name is that of a folder.
   * @returns The versions, read page by page; nothing if the file does not exist. In a bucket without versions each file has one,
   * whose id is `null`, as a text.
   * @throws {TypeError} If an option is unknown.
   * @throws {NotSupportedError} If the service has no versions.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"], versioning: ["media"] }); // instead of a real server
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * await storage.save("docs/a.txt", "first");
   * await storage.delete("docs/a.txt");
   *
   * const versions = await Array.fromAsync(storage.versions.list("docs", { recursive: true }));
   * assertEquals(versions.map(({ name, isDeleteMarker, size }) => [name, isDeleteMarker, size]), [
   *   ["docs/a.txt", true, 0],
   *   ["docs/a.txt", false, 5],
   * ]);
   * ```
   */
  list(name: string, options?: ListVersionsOptions): AsyncIterable<FileVersion>;

  /**
   * Makes a version the newest one again: the service copies it, with its attributes, over the current file. The versions in
   * between stay. A deleted file exists again.
   *
   * The copy has the storage class and the ACL of the version, as with `copy`, unless the storage configures others.
   *
   * IAM permissions: `s3:GetObjectVersion` and `s3:PutObject`; `s3:GetObjectVersionAcl` to keep the ACL,
   * `s3:GetObjectVersionTagging` and `s3:PutObjectTagging` to keep tags.
   *
   * @param name The file.
   * @param versionId The id of the version.
   * @returns The new version of the file.
   * @throws {NotFoundError} If the version does not exist, or is a delete marker.
   * @throws {ArchivedError} If it is archived: restore it first, by `restoreArchived`.
   * @throws {TypeError} If the id is not a text, or an option is unknown.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"], versioning: ["media"] }); // instead of a real server
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * const { versionId } = await storage.save("a.txt", "first", { details: true });
   * await storage.delete("a.txt");
   *
   * const restored = await storage.versions.restore("a.txt", versionId!);
   * assertEquals([restored.size, await storage.readText("a.txt")], [5, "first"]);
   * ```
   */
  restore(name: string, versionId: string, options?: CallOptions): Promise<SavedFile>;

  /**
   * Deletes a version for good. If it is the newest one, the version before it becomes the newest; deleting a delete marker
   * makes the file exist again. A version that does not exist counts as deleted.
   *
   * IAM permission: `s3:DeleteObjectVersion`.
   *
   * @param name The file.
   * @param versionId The id of the version.
   * @throws {TypeError} If the id is not a text, or an option is unknown.
   *
   * @example
   * ```ts
   * import { S3Storage } from "@storages/s3";
   * import { createS3Server } from "@storages/s3/testing";
   * import { assertEquals } from "@std/assert";
   *
   * const { fetch } = createS3Server({ buckets: ["media"], versioning: ["media"] }); // instead of a real server
   * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
   * await storage.save("a.txt", "first");
   * const { versionId } = await storage.save("a.txt", "second", { details: true });
   * await storage.versions.delete("a.txt", versionId!);
   * assertEquals(await storage.readText("a.txt"), "first");
   * ```
   */
  delete(name: string, versionId: string, options?: CallOptions): Promise<void>;
}

/** The versions of a storage. */
export function fileVersions(run: RunOperation<typeof import("./operations.ts")>): FileVersions {
  return {
    list: async function* (name, options): AsyncGenerator<FileVersion> {
      yield* await run("listVersions", name, options);
    },
    restore: (...args) => run("restoreVersion", ...args),
    delete: (...args) => run("deleteVersion", ...args),
  };
}
