import { assertEquals, assertStrictEquals } from "@std/assert";
import { withLength } from "../../../../src/runtime/transport/fixed_length.ts";

Deno.test("withLength() leaves a stream unchanged except on Cloudflare's runtime", () => {
  const body = ReadableStream.from([new Uint8Array(3)]);
  assertStrictEquals(withLength(body, 3), body);
});

Deno.test("withLength() pipes a stream through FixedLengthStream where there is one", async () => {
  const lengths: number[] = [];
  class FixedLengthStream extends TransformStream<Uint8Array, Uint8Array> {
    constructor(length: number) {
      super();
      lengths.push(length);
    }
  }
  Object.assign(globalThis, { FixedLengthStream });
  try {
    const body = withLength(ReadableStream.from([new Uint8Array([1, 2]), new Uint8Array([3])]), 3);
    assertEquals(
      await new Response(body as ReadableStream<Uint8Array<ArrayBuffer>>).bytes(),
      new Uint8Array([1, 2, 3]),
    );
    assertEquals(lengths, [3]);
  } finally {
    Reflect.deleteProperty(globalThis, "FixedLengthStream");
  }
});
