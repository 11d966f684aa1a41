import { assertEquals } from "@std/assert";
import { readChecksum } from "../../../../src/transfer/read/read_checksum.ts";
import { bareAnswer, clientOn, scripted } from "../../transport.ts";

const TARGET = { bucket: "bucket", key: "a" };
const HEADERS = { etag: '"e"', "content-length": "1", "x-amz-checksum-crc32": "AAAAAA==" };

Deno.test("readChecksum() requests the checksum of the expected version", async () => {
  const transport = scripted(bareAnswer(200, HEADERS));
  const client = clientOn(transport);
  assertEquals(await readChecksum(client, TARGET, { etag: '"e"' }), { algorithm: "CRC32", value: "AAAAAA==" });
  assertEquals(await readChecksum(client, TARGET, { etag: '"other"' }), undefined);
  const [{ method, headers }] = transport.requests as [Request];
  assertEquals([method, headers.get("x-amz-checksum-mode")], ["HEAD", "ENABLED"]);
});

Deno.test("readChecksum() sends no request where checksums are not used", async () => {
  const transport = scripted(bareAnswer(200, HEADERS));
  const client = clientOn(transport, { responseChecksumValidation: "when_required" });
  assertEquals(await readChecksum(client, TARGET, { etag: '"e"' }), undefined);
  assertEquals(transport.requests.length, 0);
});
