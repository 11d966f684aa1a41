import type { ByteSource } from "../../../src/storage/contract/bytes.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { BinaryFile } from "../../../src/storage/files/binary_file.ts";
import { CountingSource } from "./byte_source.ts";

/** A stream of ten bytes: four arrive immediately, the others never. */
class StallingSource extends CountingSource implements ByteSource {
  constructor() {
    super(new Uint8Array(10));
  }

  override open(): Promise<ReadableStream<Uint8Array>> {
    return Promise.resolve(
      new ReadableStream({
        start: (controller) => controller.enqueue(new Uint8Array(4)),
        cancel: () => void this.cancelled++,
      }),
    );
  }
}

for (
  const [what, read] of [
    ["bytes", (file: BinaryFile): Promise<unknown> => file.bytes()],
    ["a stream of it", (file: BinaryFile): Promise<unknown> => new Response(file.readable).text()],
  ] as const
) {
  Deno.test(`closing a file while ${what} is read fails the read`, async () => {
    const file = new BinaryFile("a.txt", new StallingSource());
    const reading = read(file);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await file.close();
    await assertRejects(() => reading, TypeError, "the file is closed");
  });
}

Deno.test("a stream that arrives after the file was closed is cancelled", async () => {
  const source = new CountingSource(new Uint8Array(10));
  let arrive = (): void => {};
  const arriving = new Promise<void>((resolve) => arrive = resolve);
  const late: ByteSource = {
    stat: source.stat,
    open: async (start) => {
      await arriving;
      return await source.open(start);
    },
    close: () => source.close(),
  };
  const file = new BinaryFile("a.txt", late);
  const reading = file.read(2);
  await Promise.resolve();
  await file.close();
  arrive();
  await assertRejects(() => reading, TypeError, "the file is closed");
  assertEquals(source.cancelled, 1);
});
