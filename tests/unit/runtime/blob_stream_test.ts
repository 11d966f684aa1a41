import { assertEquals } from "@std/assert";
import { blobStream } from "../../../src/runtime/blob_stream.ts";
import { patternBytes } from "../random.ts";

Deno.test("blobStream() has the bytes of a slice, also read piece by piece as on Bun", async () => {
  const bytes = patternBytes(1_000_000);
  const read = async (): Promise<Uint8Array> =>
    new Uint8Array(await new Response(blobStream(new Blob([bytes]).slice(3, 800_000))).arrayBuffer());
  assertEquals(await read(), bytes.subarray(3, 800_000));
  Object.assign(globalThis, { Bun: { version: "1" } });
  try {
    assertEquals(await read(), bytes.subarray(3, 800_000));
  } finally {
    Reflect.deleteProperty(globalThis, "Bun");
  }
});
