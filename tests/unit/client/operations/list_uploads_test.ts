import { assertEquals, assertRejects } from "@std/assert";
import { listUploads } from "../../../../src/client/operations/list_uploads.ts";
import { ServiceError } from "../../../../src/errors.ts";
import { clientOn, scripted } from "../../transport.ts";

function page(content: string): Response {
  return new Response(`<ListMultipartUploadsResult>${content}</ListMultipartUploadsResult>`, {
    headers: { date: "Sat, 31 Jan 2026 12:00:10 GMT" },
  });
}

function upload(key: string, uploadId: string): string {
  return `<Upload><Key>${key}</Key><UploadId>${uploadId}</UploadId><Initiated>2026-01-31T12:00:00.999Z</Initiated></Upload>`;
}

Deno.test("listUploads() yields the uploads of all pages, with their age by the service's clock", async () => {
  const next =
    "<IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker><NextUploadIdMarker>1</NextUploadIdMarker>";
  const transport = scripted(page(upload("a", "1") + next), page(upload("a", "2")));
  const uploads = await Array.fromAsync(listUploads(clientOn(transport), { bucket: "bucket", prefix: "a" }));
  const initiated = new Date("2026-01-31T12:00:00.999Z");
  assertEquals(uploads, ["1", "2"].map((uploadId) => ({ key: "a", uploadId, initiated, ageSeconds: 10 })));
  assertEquals(transport.requests.map(({ url }) => new URL(url).search), [
    "?uploads=&prefix=a",
    "?uploads=&prefix=a&key-marker=a&upload-id-marker=1",
  ]);
});

Deno.test("listUploads() throws for an upload without a key or an id: to abort it would delete an object", async () => {
  const cases = [
    ["<Upload><Key>a</Key></Upload>", "missing UploadId"],
    ["<Upload><Key>a</Key><UploadId> </UploadId></Upload>", "missing UploadId"],
    ["<Upload><UploadId>1</UploadId></Upload>", "missing key"],
  ] as const;
  for (const [content, problem] of cases) {
    const listed = listUploads(clientOn(scripted(page(content))), { bucket: "bucket", prefix: "" });
    const message = `Invalid response to ListMultipartUploads: ${problem}`;
    await assertRejects(() => Array.fromAsync(listed), ServiceError, message);
  }
});
