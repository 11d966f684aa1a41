import { isStorageError } from "../../errors.ts";
import { child, childrenNamed, childText, type XmlElement } from "../../kit/text/xml.ts";
import type { ObjectTarget } from "./objects.ts";
import type { RequestHeaders } from "../request.ts";
import { isTransient } from "../retry.ts";
import type { S3Client } from "../s3_client.ts";

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
    const { document } = await client.sendForXml({
      operation: "GetObjectAcl",
      method: "GET",
      ...input,
      query: { acl: "", versionId: input.parameters?.versionId },
      headers: input.parameters?.all,
    }, "AccessControlPolicy");
    return aclHeaders(document);
  } catch (error) {
    if (!isStorageError(error) || isTransient(error)) throw error;
    return {};
  }
}

function aclHeaders(document: XmlElement): RequestHeaders {
  const owner = child(document, "Owner");
  const ownerId = (owner && childText(owner, "ID")) || undefined; // some services send empty ids, or none
  const list = child(document, "AccessControlList");
  const grants = (list === undefined ? [] : childrenNamed(list, "Grant")).map((grant) => {
    const grantee = child(grant, "Grantee");
    const permission = childText(grant, "Permission") ?? "";
    const of = (name: string): string | undefined => (grantee && childText(grantee, name)) || undefined;
    return { permission, id: of("ID"), uri: of("URI") };
  });
  const others = grants.filter(({ permission, id, uri }) => {
    return permission !== "FULL_CONTROL" || id !== ownerId || uri !== undefined;
  });
  const canned = CANNED[others.map(({ permission, id, uri }) => `${permission} ${uri ?? id}`).sort().join(", ")];
  if (canned !== undefined) return canned === "private" ? {} : { "x-amz-acl": canned };
  const headers: Record<string, string> = {};
  for (const { permission, id, uri } of grants) {
    const header = GRANT_HEADERS[permission];
    // Such a grantee cannot be part of a header.
    if (header === undefined || !/^[!#-~]+$/.test(uri ?? id ?? "")) continue;
    const grantee = uri === undefined ? `id="${id}"` : `uri="${uri}"`;
    headers[header] = headers[header] === undefined ? grantee : `${headers[header]}, ${grantee}`;
  }
  return headers;
}
