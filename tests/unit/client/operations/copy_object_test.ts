import { assertEquals, assertRejects } from "@std/assert";
import { copyObject, sourceHeaders } from "../../../../src/client/operations/copy_object.ts";
import { ServiceError } from "../../../../src/errors.ts";
import { clientOn, errorAnswer, networkError, scripted, withoutWaiting, xmlAnswer } from "../../transport.ts";

const INPUT = { bucket: "bucket", key: "b", source: { key: "a b/ñ+" } };

Deno.test("copyObject() sends the source and the headers, with conditions", async () => {
  const transport = scripted(xmlAnswer("<CopyObjectResult/>"));
  const condition = { "x-amz-copy-source-if-match": '"e"' };
  await copyObject(clientOn(transport), { ...INPUT, headers: { "content-type": "text/plain" }, condition });
  const [request] = transport.requests as [Request];
  assertEquals([request.method, new URL(request.url).pathname], ["PUT", "/b"]);
  const names = ["x-amz-copy-source", "x-amz-copy-source-if-match", "content-type"];
  assertEquals(names.map((name) => request.headers.get(name)), ["/bucket/a%20b/%C3%B1%2B", '"e"', "text/plain"]);
});

Deno.test("copyObject() retries a lost response only without if-none-match", async () => {
  for (const [condition, attempts] of [[{}, 2], [{ "if-none-match": "*" }, 1]] as const) {
    const transport = scripted(networkError(), xmlAnswer("<CopyObjectResult/>"));
    const copying = withoutWaiting(() => copyObject(clientOn(transport), { ...INPUT, condition }));
    await copying.catch(() => {});
    assertEquals(transport.requests.length, attempts);
  }
});

Deno.test("copyObject() throws for an error document with status 200", async () => {
  const transport = scripted(errorAnswer(200, "InvalidArgument"));
  await assertRejects(() => copyObject(clientOn(transport), INPUT), ServiceError, "CopyObject of bucket/b failed");
});

Deno.test("sourceHeaders() name the version, the access point and the SSE-C key of the source", () => {
  const key = { "x-amz-server-side-encryption-customer-key": "k" };
  const parameters = { all: {}, part: { ...key, "x-amz-request-payer": "requester" }, read: {}, versionId: "v+1" };
  assertEquals(sourceHeaders("bucket", { key: "a", parameters }), {
    "x-amz-copy-source": "/bucket/a?versionId=v%2B1",
    "x-amz-copy-source-server-side-encryption-customer-key": "k",
  });
  const arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/ap";
  assertEquals(sourceHeaders(arn, { key: "a b" }), {
    "x-amz-copy-source": "arn%3Aaws%3As3%3Aeu-west-1%3A123456789012%3Aaccesspoint/ap/object/a%20b",
  });
});
