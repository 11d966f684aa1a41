import { assertEquals, assertThrows } from "@std/assert";
import { ConfigurationError, S3Storage } from "../../../mod.ts";
import { type CannedAcl, checkAcl } from "../../../src/settings/canned_acl.ts";

for (
  const [acl, meant] of [
    ["public", "public-read or public-read-write"],
    ["publicRead", "public-read"],
    ["public_read", "public-read"],
    ["Public-Read", "public-read"],
    ["public-reed", "public-read"],
    ["PRIVATE", "private"],
    ["privat", "private"],
    ["bucket-owner", "bucket-owner-read"],
    ["bucket-owner-full-controll", "bucket-owner-full-control"],
  ] as const
) {
  Deno.test(`the canned ACL ${acl} is refused with ${meant} as advice`, () => {
    const options = { bucketName: "b", accessKey: "id", secretKey: "secret" };
    const end = `must be a canned ACL such as "private", got "${acl}". Did you mean ${meant}?`;
    assertEquals(
      assertThrows(() => new S3Storage({ ...options, defaultAcl: acl }), ConfigurationError).message,
      `defaultAcl ${end}`,
    );
    assertEquals(
      assertThrows(() => new S3Storage({ ...options, objectParameters: { ACL: acl } }), ConfigurationError).message,
      `objectParameters.ACL ${end}`,
    );
  });
}

Deno.test("canned ACLs of S3 and of other services are accepted", () => {
  const known: CannedAcl[] = [
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
    "project-private",
  ];
  for (const acl of [...known, "default", "public-read-delivered", "log-delivery-write", undefined]) {
    checkAcl("acl", acl);
  }
});
