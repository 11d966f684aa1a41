import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { toFileUrl } from "@std/path";
import { fileWriter } from "../../../../src/runtime/files/save_file.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "storages-save-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();
}

function streamOf(...texts: string[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(texts).pipeThrough(new TextEncoderStream());
}

Deno.test("fileWriter() writes to a path and to a file URL, and returns the size", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a b%41#?.txt`;
    for (const target of [path, toFileUrl(path)]) {
      assertEquals(await fileWriter(target)(streamOf("one", "", "two")), 6);
      assertEquals([await Deno.readTextFile(path), await namesIn(folder)], ["onetwo", ["a b%41#?.txt"]]);
    }
  }));

Deno.test("fileWriter() leaves the old file, and no other one, if the stream fails", () =>
  inFolder(async (folder) => {
    const path = `${folder}/a.txt`;
    await Deno.writeTextFile(path, "old");
    const failing = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(10)),
      pull: (controller) => controller.error(new RangeError("broken")),
    });
    await assertRejects(() => fileWriter(path)(failing), RangeError, "broken");
    assertEquals([await Deno.readTextFile(path), await namesIn(folder)], ["old", ["a.txt"]]);
  }));

Deno.test("fileWriter() refuses a URL that is not a file URL", () => {
  assertThrows(() => fileWriter(new URL("https://example.com/a")), TypeError, "file");
});
