import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { PermissionDeniedError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";

/** Copies an object in a "bucket", and returns the request. */
async function copyRequest(bucketName: string): Promise<Request> {
  const requests: Request[] = [];
  const storage = new S3Storage({
    bucketName,
    regionName: "us-east-1",
    accessKey: "id",
    secretKey: "secret",
    fetch: (request) => {
      requests.push(request);
      const xml = "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>";
      const isHead = request.method === "HEAD";
      return Promise.resolve(new Response(isHead ? null : xml, isHead ? { headers: { "content-length": "1" } } : {}));
    },
  });
  await storage.copy("a b.txt", "c.txt");
  return requests.at(-1)!;
}

for (
  const [arn, host, scope] of [
    ["arn:aws:s3:eu-west-1:123456789012:accesspoint/reports", "s3-accesspoint.eu-west-1", "eu-west-1/s3"],
    [
      "arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/reports",
      "s3-object-lambda.eu-west-1",
      "eu-west-1/s3-object-lambda",
    ],
  ] as const
) {
  Deno.test(`requests to ${arn} go to its own host, signed for its region and service`, async () => {
    const request = await copyRequest(arn);
    assertEquals(request.url, `https://reports-123456789012.${host}.amazonaws.com/c.txt`);
    assertStringIncludes(request.headers.get("authorization")!, `/${scope}/aws4_request`);
    const source = `${encodeURIComponent(arn).replaceAll("%2F", "/")}/object/a%20b.txt`;
    assertEquals(request.headers.get("x-amz-copy-source"), source);
  });
}

Deno.test("requests to a bucket are signed for the configured region, and a copy names bucket and key", async () => {
  const request = await copyRequest("media");
  assertEquals(request.url, "https://media.s3.amazonaws.com/c.txt");
  assertStringIncludes(request.headers.get("authorization")!, "/us-east-1/s3/aws4_request");
  assertEquals(request.headers.get("x-amz-copy-source"), "/media/a%20b.txt");
});

Deno.test("a rejected request to an access point is not retried for the region of its ARN", async () => {
  let requests = 0;
  const storage = new S3Storage({
    bucketName: "arn:aws:s3:eu-west-1:123456789012:accesspoint/reports",
    accessKey: "id",
    secretKey: "secret",
    fetch: () => {
      requests++;
      const headers = { "x-amz-bucket-region": "eu-west-1" };
      return Promise.resolve(new Response("<Error><Code>AccessDenied</Code></Error>", { status: 403, headers }));
    },
  });
  await assertRejects(() => storage.save("a.txt", "x"), PermissionDeniedError);
  assertEquals(requests, 1);
});
