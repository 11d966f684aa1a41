import { assertEquals, assertRejects } from "@std/assert";
import { IntegrityError } from "../../../../src/errors.ts";
import { beginByteCheck } from "../../../../src/transfer/read/byte_check.ts";

const TARGET = { bucket: "b", key: "k" };
const BYTES = new TextEncoder().encode("123456789");

Deno.test("beginByteCheck() accepts bytes with the reported checksum, in any chunks", async () => {
  for (const cut of [0, 1, 9]) {
    const check = beginByteCheck({ algorithm: "CRC32", value: "y/Q5Jg==" }, TARGET)!;
    check.update(BYTES.subarray(0, cut));
    check.update(BYTES.subarray(cut));
    await check.finish();
  }
});

Deno.test("beginByteCheck() throws an error with both checksums for other bytes", async () => {
  const check = beginByteCheck({ algorithm: "CRC32", value: "y/Q5Jg==" }, TARGET)!;
  check.update(BYTES.subarray(1));
  const error = await assertRejects(async () => await check.finish(), IntegrityError);
  assertEquals(
    error.message.replace(/CRC32 \S{8},/, "CRC32 …,"),
    "Checksum mismatch while reading b/k: received CRC32 …, stored CRC32 y/Q5Jg==",
  );
  assertEquals([error.operation, error.bucket, error.key], ["GetObject", "b", "k"]);
});
