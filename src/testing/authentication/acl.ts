import { child, childrenNamed, childText, parseXml, type XmlElement } from "../../kit/text/xml.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";

const CANNED_ACLS = [
  "private",
  "public-read",
  "public-read-write",
  "authenticated-read",
  "aws-exec-read",
  "bucket-owner-read",
  "bucket-owner-full-control",
] as const;

/** A canned ACL, the only kind of ACL that this server supports. */
export type CannedAcl = (typeof CANNED_ACLS)[number];

/** The account that owns all buckets and objects. */
export const OWNER = {
  ID: "2f0c7e9a41d85b36f1a2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718",
  DisplayName: "owner",
} as const;

const ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";

/** Parses a canned ACL; "private" by default. */
export function parseCannedAcl(value: string | null | undefined): CannedAcl {
  if (value === null || value === undefined) return "private";
  const known = CANNED_ACLS.find((acl) => acl === value);
  if (known === undefined) throw invalidArgument("Invalid Argument", "x-amz-acl", value);
  return known;
}

/** Refuses grants to single accounts, which this server does not support. */
export function refuseGrants(headers: Headers): void {
  for (const name of headers.keys()) {
    if (name.startsWith("x-amz-grant-")) throw new S3ServerError("NotImplemented", undefined, { Header: name });
  }
}

/** Whether an ACL allows everyone to read or write. */
export function isPublic(acl: CannedAcl, permission: "READ" | "WRITE"): boolean {
  return acl === "public-read-write" || (permission === "READ" && acl === "public-read");
}

/** The ACL that PutObjectAcl or PutBucketAcl sets, by header or by document. */
export function readAcl(headers: Headers, body: Uint8Array): CannedAcl {
  refuseGrants(headers);
  const header = headers.get("x-amz-acl");
  return header !== null || body.length === 0 ? parseCannedAcl(header) : parseAclDocument(body);
}

/** The response to GetObjectAcl and GetBucketAcl. */
export function aclResponse(acl: CannedAcl): Response {
  return new Response(aclDocument(acl), { headers: { "content-type": "application/xml" } });
}

/** Written by hand, as `xmlDocument` does not write attributes such as `xsi:type`. */
function aclDocument(acl: CannedAcl): string {
  const owner = `<ID>${OWNER.ID}</ID><DisplayName>${OWNER.DisplayName}</DisplayName>`;
  const grants = [grant("CanonicalUser", owner, "FULL_CONTROL")];
  if (isPublic(acl, "READ")) grants.push(grant("Group", `<URI>${ALL_USERS}</URI>`, "READ"));
  if (isPublic(acl, "WRITE")) grants.push(grant("Group", `<URI>${ALL_USERS}</URI>`, "WRITE"));
  if (acl === "authenticated-read") grants.push(grant("Group", `<URI>${AUTHENTICATED_USERS}</URI>`, "READ"));
  return `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner>${owner}</Owner>` +
    `<AccessControlList>${grants.join("")}</AccessControlList></AccessControlPolicy>`;
}

/** Reads an ACL document; only grants that a canned ACL can express are supported. */
function parseAclDocument(bytes: Uint8Array): CannedAcl {
  let root: XmlElement;
  try {
    root = parseXml(new TextDecoder().decode(bytes));
  } catch {
    throw new S3ServerError("MalformedACLError");
  }
  const list = child(root, "AccessControlList");
  if (root.name !== "AccessControlPolicy" || list === undefined) throw new S3ServerError("MalformedACLError");
  const open = new Set<string>();
  for (const element of childrenNamed(list, "Grant")) {
    const grantee = child(element, "Grantee");
    const uri = grantee && childText(grantee, "URI"), id = grantee && childText(grantee, "ID");
    const permission = childText(element, "Permission") ?? "";
    if (uri !== undefined) open.add(`${uri} ${permission}`);
    else if (id !== OWNER.ID) throw new S3ServerError("NotImplemented");
  }
  if (open.has(`${ALL_USERS} WRITE`)) return "public-read-write";
  if (open.has(`${ALL_USERS} READ`)) return "public-read";
  return open.has(`${AUTHENTICATED_USERS} READ`) ? "authenticated-read" : "private";
}

function grant(type: string, grantee: string, permission: string): string {
  return `<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="${type}">${grantee}</Grantee>` +
    `<Permission>${permission}</Permission></Grant>`;
}
