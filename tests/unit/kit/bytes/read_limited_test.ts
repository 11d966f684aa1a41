import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { readLimited } from "../../../../src/kit/bytes/read_limited.ts";
import { chunkedStream, patternBytes } from "../../random.ts";

const tooLarge = (): Error => new RangeError("more than the limit");

Deno.test("readLimited() reads a stream in any chunks, up to exactly the limit", async () => {
  const bytes = patternBytes(1000);
  for (const sizes of [[1000], [1], [999, 1], [1, 999], [0, 500, 0], [7]]) {
    assertEquals(await readLimited(chunkedStream(bytes, sizes), 1000, tooLarge), bytes);
    await assertRejects(() => readLimited(chunkedStream(bytes, sizes), 999, tooLarge), RangeError);
  }
  assertEquals(await readLimited(chunkedStream(new Uint8Array(0), [1]), 0, tooLarge), new Uint8Array(0));
});

Deno.test("readLimited() cancels an endless stream at the limit with the error", async () => {
  let given = 0;
  let reason: unknown;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new Uint8Array(given++ ? 1024 : 0)),
    cancel: (why) => void (reason = why),
  }, { highWaterMark: 0 });
  const error = await assertRejects(() => readLimited(endless, 10 * 1024, tooLarge), RangeError);
  assertStrictEquals(reason, error);
  assertEquals(given, 12);
});

Deno.test("readLimited() does not change the stream's chunks", async () => {
  const chunks = [new Uint8Array([1, 2]), new Uint8Array([3])];
  const stream = new ReadableStream<Uint8Array>({
    start(controller): void {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });
  assertEquals(await readLimited(stream, 3, tooLarge), new Uint8Array([1, 2, 3]));
  assertEquals(chunks, [new Uint8Array([1, 2]), new Uint8Array([3])]);
});

Deno.test("readLimited() throws the error of the stream", async () => {
  const broken = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error("cut")) });
  await assertRejects(() => readLimited(broken, 3, tooLarge), Error, "cut");
});
