import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { encodeHex } from "../../../../src/kit/bytes/bytes.ts";
import { md5 } from "../../../../src/kit/bytes/md5.ts";
import { SeededRandom } from "../../random.ts";

Deno.test("md5() equals that of the runtime, at every length around a block", () => {
  const random = new SeededRandom(5);
  for (const length of [...Array(200).keys(), 4095, 4096, 100_000]) {
    const bytes = random.bytes(length);
    assertEquals(encodeHex(md5(bytes)), createHash("md5").update(bytes).digest("hex"), `${length} bytes`);
  }
});
