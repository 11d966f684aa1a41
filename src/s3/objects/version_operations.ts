import { listVersionPages } from "../../client/operations/list_versions.ts";
import { deleteObject } from "../../client/operations/objects.ts";
import { checkOptions } from "../../kit/values/options.ts";
import { isName, resolveKey } from "../../storage/contract/names.ts";
import { CALL_OPTIONS } from "../../storage/checks/option_names.ts";
import type { CallOptions, OmittedReason } from "../../storage/contract/options.ts";
import type { FileAccess } from "../file_access.ts";
import { parameterHeaders } from "../object_parameters.ts";
import { checkVersionId } from "./versioned_file.ts";

/**
 * A version of a file, or a delete marker: the version that a deletion adds.
 *
 * @example
 * ```ts
 * import { type FileVersion, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"], versioning: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * const { versionId } = await storage.save("a.txt", "first", { details: true });
 * const versions: FileVersion[] = await Array.fromAsync(storage.versions.list("a.txt"));
 * assertEquals(versions.map((version) => [version.versionId, version.isLatest]), [[versionId, true]]);
 * ```
 */
export interface FileVersion {
  /** The name of the file, without the storage's location. */
  readonly name: string;
  /** The id of the version: `null`, as a text, if it was stored while the bucket kept no versions. */
  readonly versionId: string;
  /** Whether it is the newest version. */
  readonly isLatest: boolean;
  /** Whether it marks a deletion, and has no content. */
  readonly isDeleteMarker: boolean;
  /** The number of stored bytes; 0 for a delete marker. */
  readonly size: number;
  /** The entity tag, in quotes; `undefined` for a delete marker. */
  readonly etag: string | undefined;
  /** When it was written. */
  readonly modifiedTime: Date;
  /** The storage class, unless it is the standard one. */
  readonly storageClass: string | undefined;
}

/**
 * Which versions are listed.
 *
 * @example
 * ```ts
 * import { type ListVersionsOptions, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * const options: ListVersionsOptions = { recursive: true };
 * assertEquals(await Array.fromAsync(storage.versions.list("", options)), []);
 * ```
 */
export interface ListVersionsOptions extends CallOptions {
  /**
   * Whether the name is that of a folder, and the versions of all files in it and in the folders below are listed.
   * @default {false}
   */
  readonly recursive?: boolean | undefined;
  /** Called for each object of a folder that is omitted, as `storage.list` does, with its name and the reason. */
  readonly onOmitted?: ((name: string, reason: OmittedReason) => void) | undefined;
}

export const LIST_OPTIONS = [...CALL_OPTIONS, "recursive", "onOmitted"] as const satisfies readonly (
  keyof ListVersionsOptions
)[];

/** Lists the versions of a file, or of all files in a folder. */
export async function* listVersions(
  { backend, location, keyOf }: FileAccess,
  name: string,
  options: ListVersionsOptions = {},
): AsyncGenerator<FileVersion> {
  checkOptions(`list the versions of '${name}'`, options, LIST_OPTIONS);
  const { recursive, onOmitted, signal } = options;
  const prefix = recursive ? folderKey(location, name) : keyOf(name);
  const headers = parameterHeaders(backend.sharedObjectParameters(), "all");
  const { client } = backend;
  const { bucketName: bucket } = client.settings;
  for await (const page of listVersionPages(client, { bucket, prefix, headers, signal })) {
    for (const { key, ...version } of page) {
      const name = key.slice(location.length);
      if (!recursive && key !== prefix) continue;
      // A name that a call normalizes would be that of another file.
      if (isName(name) && !key.endsWith("/")) yield { name, ...version };
      else onOmitted?.(name, isName(name) ? "marker" : "name");
    }
    // Longer keys that begin like the file's come after it.
    if (!recursive && page.some(({ key }) => key !== prefix)) return;
  }
}

/** The key of a folder: empty, or with a trailing slash. */
function folderKey(location: string, name: string): string {
  const key = resolveKey(location, name);
  return key === "" || key.endsWith("/") ? key : `${key}/`;
}

/** Deletes a version for good. */
export async function deleteVersion(
  { backend, keyOf }: FileAccess,
  name: string,
  versionId: string,
  options: CallOptions = {},
): Promise<void> {
  const action = `delete a version of '${name}'`;
  checkOptions(action, options, CALL_OPTIONS);
  checkVersionId(action, versionId);
  const { signal } = options;
  signal?.throwIfAborted();
  await deleteObject(backend.client, { ...backend.target(keyOf(name), { signal }), versionId });
}
