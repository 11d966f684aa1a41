import { child, childrenNamed, childText, parseXml, type XmlElement } from "../../kit/text/xml.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";

/** The account that owns all buckets and objects. */
export const OWNER = {
  ID: "2f0c7e9a41d85b36f1a2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718",
  DisplayName: "owner",
} as const;

const ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const GROUPS: ReadonlySet<string> = new Set([
  ALL_USERS,
  AUTHENTICATED_USERS,
  "http://acs.amazonaws.com/groups/s3/LogDelivery",
]);

const PERMISSIONS: ReadonlySet<string> = new Set(["FULL_CONTROL", "READ", "WRITE", "READ_ACP", "WRITE_ACP"]);

/** The most grants that an ACL may have. */
const MAX_GRANTS = 100;

/** One entry of an ACL. */
export interface Grant {
  /** The URI of a group, or `owner`: there is one account only. */
  readonly grantee: string;
  readonly permission: string;
}

/** The ACL of a bucket or an object. */
export interface Acl {
  /** The canned ACL that it is, or `custom`. */
  readonly name: string;
  readonly grants: readonly Grant[];
}

const FULL_CONTROL: Grant = { grantee: "owner", permission: "FULL_CONTROL" };

/** The canned ACLs: what each grants besides full control of the owner. */
const CANNED: Readonly<Record<string, readonly Grant[]>> = {
  "private": [],
  "public-read": [{ grantee: ALL_USERS, permission: "READ" }],
  "public-read-write": [{ grantee: ALL_USERS, permission: "READ" }, { grantee: ALL_USERS, permission: "WRITE" }],
  "authenticated-read": [{ grantee: AUTHENTICATED_USERS, permission: "READ" }],
  "aws-exec-read": [],
  "bucket-owner-read": [],
  "bucket-owner-full-control": [],
};

/** Parses a canned ACL; "private" by default. */
export function parseCannedAcl(value: string | null | undefined): Acl {
  const name = value ?? "private";
  const grants = Object.hasOwn(CANNED, name) ? CANNED[name] : undefined;
  if (grants === undefined) throw invalidArgument("Invalid Argument", "x-amz-acl", name);
  return { name, grants: [FULL_CONTROL, ...grants] };
}

/** Refuses grants in headers, which this server does not support. */
export function refuseGrants(headers: Headers): void {
  for (const name of headers.keys()) {
    if (name.startsWith("x-amz-grant-")) throw new S3ServerError("NotImplemented", undefined, { Header: name });
  }
}

/** Whether an ACL allows everyone to read or write. */
export function isPublic(acl: Acl, permission: "READ" | "WRITE"): boolean {
  return acl.grants.some((grant) =>
    grant.grantee === ALL_USERS && (grant.permission === permission || grant.permission === "FULL_CONTROL")
  );
}

/** The ACL that PutObjectAcl or PutBucketAcl sets, by header or by document. */
export function readAcl(headers: Headers, body: Uint8Array): Acl {
  refuseGrants(headers);
  const header = headers.get("x-amz-acl");
  if (header !== null && body.length > 0) throw new S3ServerError("UnexpectedContent");
  if (header !== null) return parseCannedAcl(header);
  if (body.length > 0) return parseAclDocument(body);
  throw new S3ServerError("MissingSecurityHeader", undefined, { MissingHeaderName: "x-amz-acl" });
}

/** The response to GetObjectAcl and GetBucketAcl. */
export function aclResponse(acl: Acl, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(aclDocument(acl), { headers: { "content-type": "application/xml", ...headers } });
}

/** Written by hand, as `xmlDocument` does not write attributes such as `xsi:type`. */
function aclDocument(acl: Acl): string {
  const owner = `<ID>${OWNER.ID}</ID><DisplayName>${OWNER.DisplayName}</DisplayName>`;
  const grants = acl.grants.map(({ grantee, permission }) => {
    const [type, content] = grantee === "owner" ? ["CanonicalUser", owner] : ["Group", `<URI>${grantee}</URI>`];
    return `<Grant><Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="${type}">${content}</Grantee>` +
      `<Permission>${permission}</Permission></Grant>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<AccessControlPolicy xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Owner>${owner}</Owner>` +
    `<AccessControlList>${grants.join("")}</AccessControlList></AccessControlPolicy>`;
}

/** Reads an ACL document, which names the owner and may grant to the owner and to groups. */
function parseAclDocument(bytes: Uint8Array): Acl {
  let root: XmlElement;
  try {
    root = parseXml(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new S3ServerError("MalformedACLError");
  }
  const list = child(root, "AccessControlList"), owner = child(root, "Owner");
  if (root.name !== "AccessControlPolicy" || list === undefined || owner === undefined) {
    throw new S3ServerError("MalformedACLError");
  }
  // An ACL cannot change the owner.
  if (childText(owner, "ID") !== OWNER.ID) throw new S3ServerError("AccessDenied");
  const elements = childrenNamed(list, "Grant");
  if (elements.length > MAX_GRANTS) throw new S3ServerError("MalformedACLError");
  const grants = elements.map(parseGrant);
  return { name: cannedName(grants) ?? "custom", grants };
}

function parseGrant(element: XmlElement): Grant {
  const grantee = child(element, "Grantee"), permission = childText(element, "Permission")?.trim() ?? "";
  if (grantee === undefined || !PERMISSIONS.has(permission)) throw new S3ServerError("MalformedACLError");
  const uri = childText(grantee, "URI")?.trim(), id = childText(grantee, "ID")?.trim();
  if (child(grantee, "EmailAddress") !== undefined) throw new S3ServerError("UnresolvableGrantByEmailAddress");
  if (uri === undefined) {
    if (id === undefined) throw new S3ServerError("MalformedACLError");
    if (id !== OWNER.ID) throw invalidArgument("Invalid id", "CanonicalUser/ID", id);
    return { grantee: "owner", permission };
  }
  if (!GROUPS.has(uri)) throw invalidArgument("Invalid group uri", "Group/URI", uri);
  return { grantee: uri, permission };
}

/** The name of the canned ACL with the same grants, in any order. */
function cannedName(grants: readonly Grant[]): string | undefined {
  const sorted = (list: readonly Grant[]): string =>
    list.map(({ grantee, permission }) => `${grantee} ${permission}`).sort().join("\n");
  const wanted = sorted(grants);
  return Object.keys(CANNED).find((name) => sorted(parseCannedAcl(name).grants) === wanted);
}
