import { assertEquals } from "@std/assert";
import { OCTET_STRING, SEQUENCE, writeDer, writeUnsigned } from "../../../src/cloudfront/der.ts";

Deno.test("writeDer() writes the tag, the shortest length and the contents", () => {
  assertEquals(writeDer(SEQUENCE, Uint8Array.of(1), Uint8Array.of(2)), Uint8Array.of(0x30, 2, 1, 2));
  assertEquals(writeDer(OCTET_STRING, new Uint8Array(0x80)).subarray(0, 3), Uint8Array.of(4, 0x81, 0x80));
  assertEquals(writeDer(OCTET_STRING, new Uint8Array(0x1234)).subarray(0, 4), Uint8Array.of(4, 0x82, 0x12, 0x34));
});

Deno.test("writeUnsigned() drops leading zeros, and adds one before a set sign bit", () => {
  assertEquals(writeUnsigned(Uint8Array.of(0, 0, 1)), Uint8Array.of(2, 1, 1));
  assertEquals(writeUnsigned(Uint8Array.of(0x80)), Uint8Array.of(2, 2, 0, 0x80));
  assertEquals(writeUnsigned(Uint8Array.of(0, 0)), Uint8Array.of(2, 1, 0));
});
