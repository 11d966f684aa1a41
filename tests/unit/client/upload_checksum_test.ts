import { assertEquals } from "@std/assert";
import { checksumHeader, checksumHeaders } from "../../../src/client/upload_checksum.ts";

const BODY = new TextEncoder().encode("123456789");

Deno.test("checksumHeaders() returns no headers by default", async () => {
  assertEquals(await checksumHeaders({ body: BODY }), {});
});

Deno.test("checksumHeaders() returns the checksum and the MD5 of bytes and Blobs", async () => {
  for (const body of [BODY, new Blob([BODY])]) {
    assertEquals(await checksumHeaders({ body, checksumAlgorithm: "CRC32", contentMd5: true }), {
      "x-amz-checksum-crc32": "y/Q5Jg==",
      "content-md5": "JfnnlDI7RTiF9RgfG2JNCw==",
    });
  }
});

Deno.test("checksumHeader() is in lower case", () => {
  assertEquals(checksumHeader("CRC64NVME"), "x-amz-checksum-crc64nvme");
});
