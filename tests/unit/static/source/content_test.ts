import { assertEquals } from "@std/assert";
import { contentOf, readContent } from "../../../../src/static/source/content.ts";

Deno.test("readContent() keeps small files in memory, and hashes larger ones as a stream", async () => {
  const blob = new Blob(["png\n"]);
  const file = { name: "a.png", size: blob.size, stream: () => blob.stream() };
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const whole = await readContent(file, 4);
  assertEquals(whole, await contentOf(bytes));
  const { md5, size, bytes: none, stream } = await readContent(file, 3);
  assertEquals([md5, size, none], [whole.md5, 4, undefined]);
  assertEquals(await new Response(await stream!()).text(), "png\n");
});
