import { assertEquals, assertRejects } from "@std/assert";
import { listObjects } from "../../../../src/client/operations/list_objects.ts";
import { ServiceError, StorageError } from "../../../../src/errors.ts";
import { clientOn, scripted, xmlAnswer } from "../../transport.ts";

const PAGE = `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><EncodingType>url</EncodingType>
  <Contents><Key>p/a+b%2Bc%2F%C3%B1</Key><Size>3</Size><ETag>&quot;e&quot;</ETag>
  <LastModified>2026-01-31T12:00:00.000Z</LastModified></Contents>
  <CommonPrefixes><Prefix>p/d+e/</Prefix></CommonPrefixes><IsTruncated>true</IsTruncated>
  <NextContinuationToken>t/+=</NextContinuationToken></ListBucketResult>`;

Deno.test("listObjects() reads a page, decodes its keys, and requests the next page with the token", async () => {
  const transport = scripted(xmlAnswer(PAGE));
  const client = clientOn(transport);
  const page = await listObjects(client, { bucket: "bucket", prefix: "p/", delimiter: "/" });
  assertEquals(page, {
    objects: [{ key: "p/a b+c/ñ", size: 3, etag: '"e"', modifiedTime: new Date("2026-01-31T12:00:00Z") }],
    prefixes: ["p/d e/"],
    continuationToken: "t/+=",
  });
  await listObjects(client, { bucket: "bucket", prefix: "p/", continuationToken: "t/+=" });
  const queries = transport.requests.map(({ url }) => Object.fromEntries(new URL(url).searchParams));
  const always = { "list-type": "2", "encoding-type": "url" };
  assertEquals(queries, [
    { ...always, prefix: "p/", delimiter: "/" },
    { ...always, prefix: "p/", "continuation-token": "t/+=" },
  ]);
});

Deno.test("listObjects() does not decode keys that the service did not encode", async () => {
  const transport = scripted(
    xmlAnswer(
      "<ListBucketResult><Contents><Key>a+b%2B</Key><Size>0</Size></Contents><IsTruncated>false</IsTruncated>" +
        "</ListBucketResult>",
    ),
  );
  const { objects, continuationToken } = await listObjects(clientOn(transport), { bucket: "bucket", prefix: "" });
  assertEquals([objects[0]?.key, continuationToken], ["a+b%2B", undefined]);
});

Deno.test("listObjects() throws if a truncated page has no token", async () => {
  const transport = scripted(xmlAnswer("<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"));
  await assertRejects(() => listObjects(clientOn(transport), { bucket: "bucket", prefix: "" }), ServiceError);
});

Deno.test("listObjects() throws ServiceError for a key that cannot be decoded", async () => {
  const transport = scripted(
    xmlAnswer(
      "<ListBucketResult><EncodingType>url</EncodingType><Contents><Key>%zz</Key></Contents></ListBucketResult>",
    ),
  );
  await assertRejects(() => listObjects(clientOn(transport), { bucket: "bucket", prefix: "" }), StorageError);
});
