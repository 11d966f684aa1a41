import type { ByteSource } from "../../../../src/storage/contract/bytes.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { BinaryFile } from "../../../../src/storage/files/binary_file.ts";
import { TextFile } from "../../../../src/storage/files/text_file.ts";
import { patternBytes, SeededRandom } from "../../random.ts";
import { CountingSource } from "../byte_source.ts";

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

Deno.test("a file has its attributes without reading", () => {
  const source = new CountingSource(utf8("abc"));
  const file = new BinaryFile("a.txt", source);
  assertEquals([file.name, file.size, file.position, file.closed, file.stat.etag], ["a.txt", 3, 0, false, '"e"']);
  assertEquals(source.starts, []);
});

Deno.test("a binary file reads in steps, and returns nothing at its end", async () => {
  const source = new CountingSource(utf8("storage contents"));
  const file = new BinaryFile("a.txt", source);
  assertEquals(await file.read(7), utf8("storage"));
  assertEquals(file.position, 7);
  assertEquals(await file.read(0), utf8(""));
  assertEquals(await file.read(100), utf8(" contents"));
  assertEquals([await file.read(5), await file.read(), await file.bytes()], [utf8(""), utf8(""), utf8("")]);
  assertEquals(source.starts, [0]);
});

Deno.test("all methods of reading advance the same position", async () => {
  const file = new BinaryFile("a.txt", new CountingSource(utf8('ab{"a":1}'), [1, 4]));
  assertEquals(await file.read(2), utf8("ab"));
  assertEquals(await file.json(), { a: 1 });
  assertEquals([file.position, await file.text()], [9, ""]);
  await file.seek(1);
  const blob = await file.blob();
  assertEquals([await blob.text(), blob.type], ['b{"a":1}', "text/plain"]);
});

Deno.test("json() ignores a byte order mark", async () => {
  assertEquals(await new TextFile("a.txt", new CountingSource(utf8("\ufeff[1]"))).json(), [1]);
});

Deno.test("readable continues where reading stopped, also within a chunk", async () => {
  const source = new CountingSource(utf8("storage contents"), [5]);
  const file = new TextFile("a.txt", source);
  assertEquals(await file.read(7), "storage");
  assertEquals(await new Response(file.readable).text(), " contents");
  assertEquals([file.closed, source.closed, source.starts], [true, 1, [0]]);
});

Deno.test("cancelling readable releases the source", async () => {
  const source = new CountingSource(patternBytes(100), [10]);
  const file = new BinaryFile("a.txt", source);
  const reader = file.readable.getReader();
  await reader.read();
  await reader.cancel();
  assertEquals([file.closed, source.closed, source.cancelled], [true, 1, 1]);
});

Deno.test("seek() sends no request; the next read requests the bytes from there on", async () => {
  const source = new CountingSource(utf8("storage contents"));
  const file = new BinaryFile("a.txt", source);
  await file.seek(8);
  assertEquals(source.starts, []);
  assertEquals(await file.read(3), utf8("con"));
  await file.seek(11);
  assertEquals(await file.read(2), utf8("te"));
  await file.seek(0);
  assertEquals(await file.read(2), utf8("st"));
  assertEquals([source.starts, source.cancelled], [[8, 0], 1]);
});

Deno.test("a read beyond the end returns nothing, and sends no request", async () => {
  const source = new CountingSource(utf8("abc"));
  const file = new BinaryFile("a.txt", source);
  for (const position of [3, 4, 1000]) {
    await file.seek(position);
    assertEquals([await file.read(), await file.read(5), file.position], [utf8(""), utf8(""), position]);
  }
  assertEquals(source.starts, []);
});

for (const wrong of [-1, 1.5, NaN, Infinity, "1", null, 2 ** 53]) {
  Deno.test(`read() and seek() refuse ${Deno.inspect(wrong)}`, async () => {
    for (
      const file of [
        new BinaryFile("a.txt", new CountingSource(utf8("a"))),
        new TextFile("a.txt", new CountingSource(utf8("a"))),
      ]
    ) {
      await assertRejects(() => file.read(wrong as number), RangeError, "must be an integer of 0 or more");
      await assertRejects(() => file.seek(wrong as number), RangeError, "must be an integer of 0 or more");
    }
  });
}

Deno.test("a closed file cannot be read, and may be closed twice", async () => {
  const source = new CountingSource(patternBytes(50));
  const file = new TextFile("a.txt", source);
  await file.read(1);
  await file.close();
  await file.close();
  assertEquals([file.closed, source.closed, source.cancelled], [true, 1, 1]);
  for (
    const call of [() => file.read(), () => file.read(1), () => file.text(), () => file.seek(0), () => file.bytes()]
  ) {
    await assertRejects(call, TypeError, "Cannot read 'a.txt': the file is closed");
  }
  assertThrows(() => file.readable, TypeError, "the file is closed");
});

Deno.test("await using closes a file", async () => {
  const source = new CountingSource(patternBytes(50));
  {
    await using file = new BinaryFile("a.txt", source);
    await file.read(1);
  }
  assertEquals([source.closed, source.cancelled], [1, 1]);
});

const TEXT = "aé日😀\r\nb\rc\n\r\r\nz\r";

Deno.test("a text file reads UTF-8 with universal newlines, for every split of its bytes", async () => {
  const expected = "aé日😀\nb\nc\n\n\nz\n";
  const bytes = utf8(TEXT);
  for (let first = 1; first <= bytes.length; first++) {
    for (const sizes of [[first, bytes.length], [1], [first]]) {
      assertEquals(await new TextFile("a.txt", new CountingSource(bytes, sizes)).read(), expected);
      assertEquals(await new TextFile("a.txt", new CountingSource(bytes, sizes)).text(), expected);
    }
  }
});

Deno.test("a text file reads by characters, in any steps and for every split of its bytes", async () => {
  const bytes = utf8(TEXT);
  const characters = [..."aé日😀\nb\nc\n\n\nz\n"];
  for (let cut = 1; cut <= bytes.length; cut++) {
    for (let step = 1; step <= characters.length + 1; step++) {
      const file = new TextFile("a.txt", new CountingSource(bytes, [cut, 1]));
      const parts: string[] = [];
      for (let part = await file.read(step); part !== ""; part = await file.read(step)) parts.push(part);
      assertEquals(parts.join(""), characters.join(""));
      assert(parts.slice(0, -1).every((part) => [...part].length === step), `cut ${cut}, step ${step}`);
      assertEquals(file.position, bytes.length);
    }
  }
});

Deno.test("a text file keeps a byte order mark, as Python does", async () => {
  assertEquals(await new TextFile("a.txt", new CountingSource(utf8("\ufeffa"))).read(), "\ufeffa");
});

for (
  const bytes of [[0xff], [0xc3], [0xc3, 0x41], [0x80], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98], [0xc0, 0x80], [
    0xf8,
    0x88,
    0x80,
    0x80,
  ]]
) {
  Deno.test(`a text file throws a TypeError for [${bytes.map((byte) => byte.toString(16))}], which is not UTF-8`, async () => {
    const content = new Uint8Array([0x61, ...bytes]);
    await assertRejects(() => new TextFile("a.txt", new CountingSource(content, [1])).read(), TypeError);
    await assertRejects(() => new TextFile("a.txt", new CountingSource(content, [9])).read(10), TypeError);
    const file = new TextFile("a.txt", new CountingSource(content));
    assertEquals([await file.read(1), (await file.bytes()).length], ["a", bytes.length]);
  });
}

Deno.test("a binary file agrees with an array in 2,000 random sequences of read, seek and readable", async () => {
  const random = new SeededRandom(12);
  for (let round = 0; round < 2000; round++) {
    const content = patternBytes(random.below(60));
    const source = new CountingSource(content, [1 + random.below(20), 1 + random.below(5)]);
    const file = new BinaryFile("a.txt", source);
    let position = 0;
    for (let step = 0; step < 8; step++) {
      const kind = random.below(10);
      const amount = random.below(30);
      if (kind < 5) {
        const expected = content.slice(position, position + amount);
        assertEquals(await file.read(amount), expected);
        position += expected.length;
      } else if (kind < 8) {
        await file.seek(position = random.below(70));
      } else if (kind < 9) {
        assertEquals(await file.read(), content.slice(position));
        position = Math.max(position, content.length);
      } else {
        assertEquals(new Uint8Array(await new Response(file.readable).arrayBuffer()), content.slice(position));
        break;
      }
      assertEquals(file.position, position);
    }
    await file.close();
    assertEquals(source.closed, 1);
  }
});

/** A source whose first stream fails after some bytes. */
function breakingSource(content: Uint8Array<ArrayBuffer>, after: number): ByteSource & { starts: number[] } {
  const whole = new CountingSource(content, [4]);
  return {
    stat: whole.stat,
    starts: whole.starts,
    close: () => whole.close(),
    open: async (start) => {
      const stream = await whole.open(start);
      if (whole.starts.length > 1) return stream;
      let passed = 0;
      return stream.pipeThrough(
        new TransformStream({
          transform: (chunk, controller) => {
            if (passed >= after) throw new Error("the connection broke");
            passed += chunk.byteLength;
            controller.enqueue(chunk);
          },
        }),
      );
    },
  };
}

Deno.test("after a broken connection the next read resumes where the last one ended", async () => {
  const content = patternBytes(40);
  for (const before of [0, 3, 8]) {
    const source = breakingSource(content, 12);
    const file = new BinaryFile("a.txt", source);
    assertEquals(await file.read(before), content.slice(0, before));
    await assertRejects(() => file.read(), Error, "the connection broke");
    assertEquals(file.position, before);
    assertEquals(await file.read(), content.slice(before));
    assertEquals(source.starts, [0, before]);
  }
});

Deno.test("close() after a broken connection does not fail", async () => {
  const file = new BinaryFile("a.txt", breakingSource(patternBytes(40), 12));
  await assertRejects(() => file.read(), Error, "the connection broke");
  await file.close();
  await file.close();
  const streamed = new BinaryFile("a.txt", breakingSource(patternBytes(40), 12));
  await assertRejects(() => new Response(streamed.readable).arrayBuffer());
  await streamed.close();
});
