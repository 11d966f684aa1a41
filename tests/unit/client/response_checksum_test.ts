import { assertEquals } from "@std/assert";
import { reportedChecksum, usesChecksums } from "../../../src/client/response_checksum.ts";

Deno.test("reportedChecksum() finds the checksum of the whole object", () => {
  assertEquals(reportedChecksum(new Headers({ "x-amz-checksum-crc32c": "AAAAAA==" })), {
    algorithm: "CRC32C",
    value: "AAAAAA==",
  });
  assertEquals(reportedChecksum(new Headers()), undefined);
});

Deno.test("reportedChecksum() ignores checksums of parts", () => {
  const composite = { "x-amz-checksum-sha256": "abc=", "x-amz-checksum-type": "COMPOSITE" };
  assertEquals(reportedChecksum(new Headers(composite)), undefined);
  assertEquals(reportedChecksum(new Headers({ "x-amz-checksum-sha256": "abc=-3" })), undefined);
});

Deno.test("usesChecksums() follows the setting, and is true on AWS by default", () => {
  const [aws, other] = [{ endpointUrl: undefined }, { endpointUrl: new URL("https://s3.example.com") }];
  assertEquals([usesChecksums(undefined, aws), usesChecksums(undefined, other)], [true, false]);
  for (const settings of [aws, other]) {
    assertEquals(usesChecksums("when_supported", settings), true);
    assertEquals(usesChecksums("when_required", settings), false);
  }
});
