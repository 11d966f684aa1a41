import { assertEquals } from "@std/assert";
import { signedQuery } from "../../../../src/signing/presign/signed_query_v2.ts";

Deno.test("signedQuery() keeps the signed parameters, sorted by name, without = for empty values", () => {
  assertEquals(signedQuery([["uploadId", "a b"], ["partNumber", "1"], ["prefix", "x"]]), "?partNumber=1&uploadId=a b");
  assertEquals(signedQuery([["versions", ""], ["acl", ""]]), "?acl&versions");
  assertEquals(signedQuery([["response-content-type", "text/html"]]), "?response-content-type=text/html");
});

Deno.test("signedQuery() is empty without signed parameters", () => {
  assertEquals(signedQuery([]), "");
  assertEquals(signedQuery([["list-type", "2"], ["ACL", ""]]), "");
});
