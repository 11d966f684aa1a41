import { assertEquals, assertThrows } from "@std/assert";
import { decodeMetadata } from "../../../../src/storage/mod.ts";

Deno.test("decodeMetadata() decodes the values that S3 encodes, and keeps the others", () => {
  const metadata = {
    title: "=?UTF-8?Q?Gr=C3=BC=C3=9Fe?=",
    plain: "plain text",
    raw: "Grüße",
    odd: "=?x-unknown?Q?a?=",
    __proto: "=?utf-8?B?4oKs?=",
  };
  assertEquals(decodeMetadata(metadata), { ...metadata, title: "Grüße", __proto: "€" });
  assertEquals(decodeMetadata({}), {});
});

Deno.test("decodeMetadata() refuses what is no object of texts", () => {
  for (const metadata of [undefined, null, "a=b", ["a"]]) {
    const decode = (): unknown => decodeMetadata(metadata as never);
    assertThrows(decode, TypeError, "Cannot decode metadata: it must be an object of texts, got");
  }
  const decode = (): unknown => decodeMetadata({ a: 1 } as never);
  assertThrows(decode, TypeError, "Cannot decode metadata: a must be a text, got 1");
});
