import { assertEquals, assertRejects } from "@std/assert";
import { readTagging, uploadPartCopy } from "../../../../src/client/operations/copy_part.ts";
import { ServiceError } from "../../../../src/errors.ts";
import { clientOn, scripted, xmlAnswer } from "../../transport.ts";

const PART = { bucket: "bucket", key: "b", uploadId: "u", source: { key: "a" }, partNumber: 2, etag: '"e"' };

Deno.test("uploadPartCopy() copies a range of the expected version", async () => {
  const result = "<CopyPartResult><ETag>&quot;p&quot;</ETag><ChecksumCRC32>AAAAAA==</ChecksumCRC32></CopyPartResult>";
  const transport = scripted(xmlAnswer(result));
  const input = { ...PART, start: 10, end: 20, checksumAlgorithm: "CRC32" as const };
  assertEquals(await uploadPartCopy(clientOn(transport), input), { partNumber: 2, etag: '"p"', checksum: "AAAAAA==" });
  const [{ headers, url }] = transport.requests as [Request];
  assertEquals(new URL(url).search, "?partNumber=2&uploadId=u");
  assertEquals([headers.get("x-amz-copy-source-range"), headers.get("x-amz-copy-source-if-match")], [
    "bytes=10-19",
    '"e"',
  ]);
});

Deno.test("uploadPartCopy() throws for a response without an ETag", async () => {
  const transport = scripted(xmlAnswer("<CopyPartResult/>"));
  await assertRejects(
    () => uploadPartCopy(clientOn(transport), { ...PART, start: 0, end: 1 }),
    ServiceError,
    "Invalid response to UploadPartCopy: missing ETag",
  );
});

Deno.test("readTagging() returns the tags as a query string", async () => {
  const tags = "<Tag><Key>a b</Key><Value>1&amp;2</Value></Tag><Tag><Key>c</Key><Value/></Tag>";
  const transport = scripted(xmlAnswer(`<Tagging><TagSet>${tags}</TagSet></Tagging>`), xmlAnswer("<Tagging/>"));
  const client = clientOn(transport);
  assertEquals(await readTagging(client, { bucket: "bucket", key: "a" }), "a%20b=1%262&c=");
  assertEquals(await readTagging(client, { bucket: "bucket", key: "a" }), "");
});
