import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { deleteObjects, isXmlText } from "../../../../src/client/operations/delete_objects.ts";
import { clientOn, scripted, xmlAnswer } from "../../transport.ts";

Deno.test("deleteObjects() sends keys that XML escapes, with an MD5, and returns the errors of single keys", async () => {
  const transport = scripted(xmlAnswer(
    "<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code><Message>No</Message></Error>" +
      "<Error><Key>c</Key><Code>NoSuchKey</Code><Message>No</Message></Error></DeleteResult>",
  ));
  const failures = await deleteObjects(clientOn(transport), { bucket: "bucket", keys: ["<a&\n\"'>", "b", "c"] });
  assertEquals(failures.map(({ code, key, s3Code, operation }) => [code, key, s3Code, operation]), [
    ["PermissionDenied", "b", "AccessDenied", "DeleteObjects"],
  ]);
  const [request] = transport.requests as [Request];
  assertEquals([request.method, new URL(request.url).search], ["POST", "?delete="]);
  assertEquals(request.headers.get("content-md5")?.length, 24);
  const body = await request.text();
  assertStringIncludes(body, "<Quiet>true</Quiet>");
  assertStringIncludes(body, "<Key>b</Key>");
  assert(!body.includes("<a&"));
});

Deno.test("isXmlText() says which keys XML can represent", () => {
  for (const key of ["a", "é😀", "\t\n\r", "\u0085", "\u2028"]) assert(isXmlText(key), JSON.stringify(key));
  for (const key of ["\u0000", "a\u0008", "\u001f", "\ufffe", "\uffff"]) assert(!isXmlText(key), JSON.stringify(key));
});
