import { isStorageError } from "../errors.ts";
import { child, childrenNamed, childText, type XmlElement } from "../kit/xml.ts";
import type { ObjectTarget } from "./objects.ts";
import type { RequestHeaders } from "./request.ts";
import type { S3Client } from "./s3_client.ts";

const GROUPS = "http://acs.amazonaws.com/groups/global";

/** Canned ACLs by what they grant beside the owner's full control. Source: the S3 user guide, "Canned ACL". */
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

/** Failures that pass; any other says that the ACL cannot be read. */
const PASSING: readonly string[] = ["Connection", "Timeout", "Throttled"];

/**
 * The headers that give another object the ACL of this one. None where it is private, where the service has no ACLs, and
 * where the credentials may not read it (s3:GetObjectAcl).
 */
export async function readAcl(client: S3Client, input: ObjectTarget): Promise<RequestHeaders> {
  try {
    const { document } = await client.sendForXml({
      operation: "GetObjectAcl",
      method: "GET",
      ...input,
      query: { acl: "", versionId: input.parameters?.versionId },
      headers: input.parameters?.all,
    }, "AccessControlPolicy");
    return aclHeaders(document);
  } catch (error) {
    if (!isStorageError(error) || PASSING.includes(error.code)) throw error;
    return {};
  }
}

function aclHeaders(document: XmlElement): RequestHeaders {
  const ownerId = child(document, "Owner") && childText(child(document, "Owner")!, "ID");
  const list = child(document, "AccessControlList");
  const grants = (list === undefined ? [] : childrenNamed(list, "Grant")).map((grant) => {
    const grantee = child(grant, "Grantee");
    const permission = childText(grant, "Permission") ?? "";
    return { permission, id: grantee && childText(grantee, "ID"), uri: grantee && childText(grantee, "URI") };
  });
  const others = grants.filter(({ permission, id }) => permission !== "FULL_CONTROL" || id !== ownerId);
  const canned = CANNED[others.map(({ permission, id, uri }) => `${permission} ${uri ?? id}`).sort().join(", ")];
  if (canned !== undefined) return canned === "private" ? {} : { "x-amz-acl": canned };
  const headers: Record<string, string> = {};
  for (const { permission, id, uri } of grants) {
    const header = GRANT_HEADERS[permission];
    if (header === undefined) continue;
    const grantee = uri === undefined ? `id="${id}"` : `uri="${uri}"`;
    headers[header] = headers[header] === undefined ? grantee : `${headers[header]}, ${grantee}`;
  }
  return headers;
}
