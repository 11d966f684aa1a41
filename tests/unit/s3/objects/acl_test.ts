import { assertEquals, assertRejects } from "@std/assert";
import { NotFoundError } from "../../../../src/errors.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { s3On } from "../../storage/storages.ts";
import { scripted, xmlAnswer } from "../../transport.ts";

const ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers";

Deno.test("setAcl() changes the ACL of a file, which getAcl() reads", async () => {
  const storage = s3On(createS3Server({ buckets: ["media"] }));
  await storage.save("a.txt", "hello");
  assertEquals((await storage.getAcl("a.txt")).cannedAcl, "private");
  for (const acl of ["public-read", "public-read-write", "authenticated-read", "private"] as const) {
    await storage.setAcl("a.txt", acl);
    assertEquals((await storage.getAcl("a.txt")).cannedAcl, acl);
  }
  await storage.setAcl("a.txt", "public-read");
  const { owner, grants } = await storage.getAcl("a.txt");
  assertEquals(grants, [
    { permission: "FULL_CONTROL", id: owner, uri: undefined },
    { permission: "READ", id: undefined, uri: ALL_USERS },
  ]);
});

Deno.test("setAcl() and getAcl() are about one version if its id is given", async () => {
  const storage = s3On(createS3Server({ buckets: ["media"], versioning: ["media"] }));
  const { versionId } = await storage.save("a.txt", "first", { details: true });
  await storage.save("a.txt", "second");
  await storage.setAcl("a.txt", "public-read", { versionId });
  assertEquals((await storage.getAcl("a.txt")).cannedAcl, "private");
  assertEquals((await storage.getAcl("a.txt", { versionId })).cannedAcl, "public-read");
});

Deno.test("getAcl() returns grants that no canned ACL has, and an owner without an id", async () => {
  const grant = (grantee: string): string =>
    `<Grant><Grantee>${grantee}</Grantee><Permission>READ_ACP</Permission></Grant>`;
  const acl = (owner: string): string =>
    `<AccessControlPolicy>${owner}<AccessControlList>${grant("<ID>42</ID>")}</AccessControlList></AccessControlPolicy>`;
  for (const owner of ["", "<Owner><ID></ID></Owner>"]) {
    assertEquals(await s3On(scripted(xmlAnswer(acl(owner)))).getAcl("a.txt"), {
      owner: undefined,
      grants: [{ permission: "READ_ACP", id: "42", uri: undefined }],
      cannedAcl: undefined,
    });
  }
});

Deno.test("getAcl() and setAcl() report a missing file", async () => {
  const storage = s3On(createS3Server({ buckets: ["media"] }));
  await assertRejects(() => storage.getAcl("a.txt"), NotFoundError, "File does not exist: a.txt");
  await assertRejects(() => storage.setAcl("a.txt", "private"), NotFoundError, "File does not exist: a.txt");
});

Deno.test("setAcl() refuses misspelt words before any request, and leaves those of other services to them", async () => {
  const transport = scripted(xmlAnswer(""));
  const storage = s3On(transport);
  for (const acl of ["public", "public-reed", "Public-Read", "", "a\nb"]) {
    await assertRejects(
      () => storage.setAcl("a.txt", acl),
      TypeError,
      "Cannot set the ACL of 'a.txt': the ACL must be a canned ACL",
      acl,
    );
  }
  await assertRejects(() => storage.setAcl("a.txt", "public-reed"), TypeError, "Did you mean public-read?");
  assertEquals(transport.requests.length, 0);
  for (const acl of ["project-private", "public-read-delivered"]) {
    await storage.setAcl("a.txt", acl);
    assertEquals(transport.requests.at(-1)!.headers.get("x-amz-acl"), acl);
  }
});
