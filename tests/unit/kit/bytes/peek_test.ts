import { assertEquals, assertRejects } from "@std/assert";
import { peek } from "../../../../src/kit/bytes/peek.ts";
import { chunkedStream, patternBytes } from "../../random.ts";

Deno.test("peek() returns the first bytes and loses none, for any chunks and lengths", async () => {
  for (const length of [0, 1, 2, 3, 50]) {
    for (const sizes of [[1], [2], [3], [100], [1, 5]]) {
      const { head, stream } = await peek(chunkedStream(patternBytes(length), sizes), 2);
      assertEquals(head, patternBytes(length).slice(0, 2));
      assertEquals(new Uint8Array(await new Response(stream).arrayBuffer()), patternBytes(length));
    }
  }
});

Deno.test("peek() passes on cancelling and the error of the source", async () => {
  let reason: unknown;
  const source = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(5)),
    cancel: (given) => void (reason = given),
  });
  const { stream } = await peek(source, 2);
  await stream.cancel("enough");
  assertEquals(reason, "enough");
  const failing = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("cut")) });
  await assertRejects(() => peek(failing, 2), Error, "cut");
});
