import { isStorageError } from "../../errors.ts";
import { child, childrenNamed, childText } from "../../kit/text/xml.ts";
import type { VersionTarget } from "./object_tagging.ts";
import type { ObjectTarget } from "./objects.ts";
import type { RequestHeaders } from "../request.ts";
import { isTransient } from "../recovery/transient.ts";
import type { S3Client } from "../s3_client.ts";

/** The owner of an object, and who else may use it. */
export interface AccessControlList {
  readonly ownerId: string | undefined;
  readonly grants: readonly {
    readonly permission: string;
    /** The canonical id of an account. */
    readonly id: string | undefined;
    /** The URI of a group. */
    readonly uri: string | undefined;
  }[];
}

const GROUPS = "http://acs.amazonaws.com/groups/global";

/** Canned ACLs by their grants beside the owner's full control. Source: the S3 user guide, "Canned ACL". */
const CANNED: Readonly<Record<string, string>> = {
  "": "private",
  [`READ ${GROUPS}/AllUsers`]: "public-read",
  [`READ ${GROUPS}/AllUsers, WRITE ${GROUPS}/AllUsers`]: "public-read-write",
  [`READ ${GROUPS}/AuthenticatedUsers`]: "authenticated-read",
};

const GRANT_HEADERS: Readonly<Record<string, string>> = {
  FULL_CONTROL: "x-amz-grant-full-control",
  READ: "x-amz-grant-read",
  READ_ACP: "x-amz-grant-read-acp",
  WRITE_ACP: "x-amz-grant-write-acp",
};

/**
 * Returns the headers that give another object the ACL of this one: none if it is private, the service has no ACLs, or the
 * credentials may not read it (s3:GetObjectAcl).
 */
export async function readAcl(client: S3Client, input: ObjectTarget): Promise<RequestHeaders> {
  try {
    return aclHeaders(await getObjectAcl(client, { ...input, versionId: input.parameters?.versionId }));
  } catch (error) {
    if (!isStorageError(error) || isTransient(error)) throw error;
    return {};
  }
}

/** Reads the ACL of an object. */
export async function getObjectAcl(client: S3Client, input: VersionTarget): Promise<AccessControlList> {
  const { versionId, ...target } = input;
  const { document } = await client.sendForXml({
    operation: "GetObjectAcl",
    method: "GET",
    ...target,
    query: { acl: "", versionId },
    headers: target.parameters?.all,
  }, "AccessControlPolicy");
  const owner = child(document, "Owner");
  const list = child(document, "AccessControlList");
  return {
    ownerId: (owner && childText(owner, "ID")) || undefined, // some services send empty ids, or none
    grants: (list === undefined ? [] : childrenNamed(list, "Grant")).map((grant) => {
      const grantee = child(grant, "Grantee");
      const of = (name: string): string | undefined => (grantee && childText(grantee, name)) || undefined;
      return { permission: childText(grant, "Permission") ?? "", id: of("ID"), uri: of("URI") };
    }),
  };
}

/** Replaces the ACL of an object by a canned one. */
export async function putObjectAcl(
  client: S3Client,
  input: VersionTarget & { readonly acl: string },
): Promise<void> {
  const { versionId, acl, ...target } = input;
  await client.send({
    operation: "PutObjectAcl",
    method: "PUT",
    ...target,
    query: { acl: "", versionId },
    headers: { ...target.parameters?.all, "x-amz-acl": acl },
  });
}

/** The canned ACL with the same grants; `undefined` if there is none. */
export function cannedAclOf({ ownerId, grants }: AccessControlList): string | undefined {
  const others = grants.filter(({ permission, id, uri }) => {
    return permission !== "FULL_CONTROL" || id !== ownerId || uri !== undefined;
  });
  return CANNED[others.map(({ permission, id, uri }) => `${permission} ${uri ?? id}`).sort().join(", ")];
}

function aclHeaders(acl: AccessControlList): RequestHeaders {
  const canned = cannedAclOf(acl);
  if (canned !== undefined) return canned === "private" ? {} : { "x-amz-acl": canned };
  const headers: Record<string, string> = {};
  for (const { permission, id, uri } of acl.grants) {
    const header = GRANT_HEADERS[permission];
    // Such a grantee cannot be part of a header.
    if (header === undefined || !/^[!#-~]+$/.test(uri ?? id ?? "")) continue;
    const grantee = uri === undefined ? `id="${id}"` : `uri="${uri}"`;
    headers[header] = headers[header] === undefined ? grantee : `${headers[header]}, ${grantee}`;
  }
  return headers;
}
