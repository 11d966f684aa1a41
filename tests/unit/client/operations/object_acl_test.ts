import { assertEquals, assertRejects } from "@std/assert";
import { readAcl } from "../../../../src/client/operations/object_acl.ts";
import { StorageError } from "../../../../src/errors.ts";
import { clientOn, errorAnswer, scripted, withoutWaiting, xmlAnswer } from "../../transport.ts";

const TARGET = { bucket: "bucket", key: "a" };
const EVERYONE = "<URI>http://acs.amazonaws.com/groups/global/AllUsers</URI>";
const OWNER = grant("<ID>owner</ID>", "FULL_CONTROL");

function grant(grantee: string, permission: string): string {
  return `<Grant><Grantee>${grantee}</Grantee><Permission>${permission}</Permission></Grant>`;
}

function aclOf(grants: string): Promise<unknown> {
  const list = `<AccessControlList>${grants}</AccessControlList>`;
  const policy = `<AccessControlPolicy><Owner><ID>owner</ID></Owner>${list}</AccessControlPolicy>`;
  return readAcl(clientOn(scripted(xmlAnswer(policy))), TARGET);
}

Deno.test("readAcl() returns canned ACLs, and no headers for a private object", async () => {
  assertEquals(await aclOf(OWNER), {});
  assertEquals(await aclOf(OWNER + grant(EVERYONE, "READ")), { "x-amz-acl": "public-read" });
  assertEquals(await aclOf(grant(EVERYONE, "WRITE") + grant(EVERYONE, "READ") + OWNER), {
    "x-amz-acl": "public-read-write",
  });
});

Deno.test("readAcl() returns grants that no canned ACL represents, except those that a header cannot contain", async () => {
  const grants = OWNER + grant("<ID>ada</ID>", "READ") + grant("<ID>bob</ID>", "READ") +
    grant('<ID>e"ve</ID>', "READ") + grant("<ID>eve</ID>", "UNKNOWN");
  assertEquals(await aclOf(grants), {
    "x-amz-grant-full-control": 'id="owner"',
    "x-amz-grant-read": 'id="ada", id="bob"',
  });
});

Deno.test("readAcl() returns no headers where the ACL cannot be read, and throws transient errors", async () => {
  for (const [status, code] of [[403, "AccessDenied"], [501, "NotImplemented"]] as const) {
    assertEquals(await readAcl(clientOn(scripted(errorAnswer(status, code))), TARGET), {});
  }
  const failing = clientOn(scripted(errorAnswer(503, "SlowDown")));
  await assertRejects(() => withoutWaiting(() => readAcl(failing, TARGET)), StorageError);
});
