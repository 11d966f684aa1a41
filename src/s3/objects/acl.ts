import { cannedAclOf, getObjectAcl, putObjectAcl } from "../../client/operations/object_acl.ts";
import { formatValue } from "../../kit/values/format_value.ts";
import { checkOptions } from "../../kit/values/options.ts";
import { type CannedAcl, checkAcl } from "../../settings/canned_acl.ts";
import type { FileAccess } from "../file_access.ts";
import { ofFile, VERSION_OPTIONS, type VersionOptions, versionTarget } from "./versioned_file.ts";

/**
 * Who may use a file: its access control list.
 *
 * @example
 * ```ts
 * import { type FileAcl, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * await storage.save("a.txt", "hello");
 * const acl: FileAcl = await storage.getAcl("a.txt");
 * assertEquals([acl.cannedAcl, acl.grants.length], ["private", 1]);
 * ```
 */
export interface FileAcl {
  /** The canonical id of the account that owns the file; `undefined` if the service does not report it. */
  readonly owner: string | undefined;
  /** The permissions, also those of the owner. */
  readonly grants: readonly FileGrant[];
  /** The canned ACL with these grants, for `setAcl`; `undefined` if there is none. */
  readonly cannedAcl: string | undefined;
}

/**
 * A permission of a {@linkcode FileAcl}.
 *
 * @example
 * ```ts
 * import type { FileGrant } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const isPublic = ({ uri }: FileGrant) => uri?.endsWith("/AllUsers") === true;
 * assertEquals(isPublic({ permission: "READ", id: "1234", uri: undefined }), false);
 * ```
 */
export interface FileGrant {
  /** `READ`, `WRITE`, `READ_ACP`, `WRITE_ACP` or `FULL_CONTROL`. */
  readonly permission: string;
  /** The canonical id of the account that has the permission; `undefined` for a group. */
  readonly id: string | undefined;
  /** The URI of the group that has the permission, such as `http://acs.amazonaws.com/groups/global/AllUsers`. */
  readonly uri: string | undefined;
}

/** Reads the ACL of a file. */
export async function getAcl(files: FileAccess, name: string, options: VersionOptions = {}): Promise<FileAcl> {
  const action = `read the ACL of '${name}'`;
  checkOptions(action, options, VERSION_OPTIONS);
  const target = versionTarget(files, action, name, options, "reads");
  const acl = await ofFile(target, () => getObjectAcl(files.backend.client, target));
  return { owner: acl.ownerId, grants: acl.grants, cannedAcl: cannedAclOf(acl) };
}

/** Replaces the ACL of a file by a canned one. */
export async function setAcl(
  files: FileAccess,
  name: string,
  acl: CannedAcl,
  options: VersionOptions = {},
): Promise<void> {
  const action = `set the ACL of '${name}'`;
  checkOptions(action, options, VERSION_OPTIONS);
  const what = `Cannot ${action}: the ACL`;
  if (typeof acl !== "string" || !/^[a-z-]+$/.test(acl)) {
    throw new TypeError(`${what} must be a canned ACL such as "public-read", got ${formatValue(acl)}`);
  }
  checkAcl(what, acl, TypeError);
  const target = versionTarget(files, action, name, options, "changes");
  await ofFile(target, () => putObjectAcl(files.backend.client, { ...target, acl }));
}
