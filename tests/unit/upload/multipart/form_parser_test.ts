import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { type FormEvent, FormParser, type PartLimits } from "../../../../src/upload/multipart/form_parser.ts";
import { MemoryStorage } from "../../../../src/storage/mod.ts";
import { handleUpload, UploadError, type UploadOptions } from "../../../../src/upload/mod.ts";
import { asBytes, BOUNDARY, joined, postForm } from "../forms.ts";

const NO_LIMITS: PartLimits = { maxFiles: Infinity, maxFields: Infinity, maxFieldBytes: Infinity };
const CONTENT_TYPE = `multipart/form-data; boundary=${BOUNDARY}`;
const END = `--${BOUNDARY}--\r\n`;

/** A handwritten part, without a value by default. */
function part(disposition: string, value = ""): string {
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`;
}

/** The status and message of the error for a form in one chunk. */
async function failure(form: string, options: Partial<UploadOptions> = {}): Promise<string> {
  const storage = new MemoryStorage();
  const error = await assertRejects(
    () => handleUpload(storage, postForm([asBytes(form)]), { ...options }),
    UploadError,
  );
  assertEquals(await storage.listdir(), [[], []]);
  return `${error.status} ${error.message}`;
}

/** The events of a form in one chunk, until it ends or fails. */
function* events(form: Uint8Array, limits: Partial<PartLimits> = {}): Generator<FormEvent> {
  const parser = new FormParser(CONTENT_TYPE, { ...NO_LIMITS, ...limits });
  parser.write(form);
  for (let event = parser.next(); event !== undefined; event = parser.next()) yield event;
  parser.end();
  for (let event = parser.next(); event !== undefined; event = parser.next()) yield event;
}

Deno.test("handleUpload() applies each limit within one chunk of 100,000 tiny parts", async () => {
  const many = (text: string): string => text.repeat(100_000) + END;
  assertEquals(await failure(many(part('name="a"'))), "413 The form has more than 1000 fields");
  assertEquals(await failure(many(part('name="a"')), { maxFields: 0 }), "413 The form has more than 0 fields");
  assertEquals(await failure(many(part('name="a"; filename=""'))), "413 The form has more than 1000 fields");
  assertEquals(await failure(many(part('name="a"; filename="a.txt"'))), "413 The form has more than 100 files");
  assertEquals(
    await failure(many(part('name="a"')), { maxFields: 1e6, maxFieldBytes: 5000 }),
    "413 The fields of the form have more than 5000 bytes in total",
  );
  assertEquals(
    await failure(many(part('name="a"', "value")), { maxFields: 1e6, maxFieldBytes: 5000 }),
    "413 The fields of the form have more than 5000 bytes in total",
  );
  const headers = `--${BOUNDARY}\r\nContent-Disposition: form-data; name=a\r\n${"X-A: b\r\n".repeat(100_000)}\r\n\r\n`;
  assertEquals(await failure(headers + END), "400 Malformed form: a part has more than 100 headers");
  const longHeader = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${"a".repeat(100_000)}"\r\n\r\n\r\n`;
  assertEquals(await failure(longHeader + END), "400 Malformed form: a part has more than 16384 bytes of headers");
  assertEquals(
    await failure(`${BOUNDARY}\r\n`.repeat(100_000)),
    "400 Malformed form: it ends before its last boundary",
  );
});

Deno.test("FormParser stops at the part that exceeds a limit, and parses nothing after it", () => {
  // After the limit are malformed headers, which would be another error.
  const broken = `--${BOUNDARY}\r\n:\r\n\r\n\r\n`;
  for (
    const [text, limits, count] of [
      [part('name="a"'), { maxFields: 3 }, 3],
      [part('name="a"', "b"), { maxFieldBytes: 7 }, 3],
      [part('name="a"; filename="b"'), { maxFiles: 3 }, 6],
    ] as const
  ) {
    const read: FormEvent[] = [];
    const error = assertThrows(() => {
      for (const event of events(asBytes(text.repeat(4) + broken + END), limits)) read.push(event);
    }, UploadError);
    assertEquals([error.status, read.length], [413, count], text);
  }
});

Deno.test("FormParser holds events of at most 64 KiB for a chunk of 16 MiB of tiny parts", () => {
  const tiny = part("name=a");
  const count = Math.floor(16 * 1024 ** 2 / tiny.length);
  const parser = new FormParser(CONTENT_TYPE, NO_LIMITS);
  // A chunk that counts its slices: bytes that were not sliced were not parsed.
  const chunk = asBytes(tiny.repeat(count) + END);
  let parsed = 0;
  chunk.subarray = (start, end) => {
    parsed = end!;
    return Uint8Array.prototype.subarray.call(chunk, start, end);
  };
  parser.write(chunk);
  let read = 0;
  while (parser.next() !== undefined) {
    read++;
    // At most one slice is ahead, and a part across its end.
    assert(parsed - read * tiny.length <= 65536 + 2 * tiny.length, `${parsed} bytes were parsed for ${read} fields`);
  }
  assertEquals(read, count);
});

Deno.test("FormParser copies the bytes of a field, since many tiny chunks take a hundred times their size", () => {
  const parser = new FormParser(CONTENT_TYPE, NO_LIMITS);
  parser.write(asBytes(part('name="a"').slice(0, -2)));
  assertEquals(parser.next(), undefined);
  const reused = new Uint8Array(100); // a value that refers to it would change
  let value = "";
  for (let digit = 0; digit < 10; digit++) {
    value += `${digit}`.repeat(100);
    parser.write(reused.fill(48 + digit));
    assertEquals(parser.next(), undefined);
  }
  parser.write(asBytes(`\r\n${END}`));
  assertEquals(parser.next(), { kind: "field", name: "a", value });
});

Deno.test("headers that end at a boundary are malformed, also after a preamble", async () => {
  const next = `--${BOUNDARY}\r\nposition: form-data; name="b"\r\n\r\nb\r\n${END}`;
  for (const before of ["", "preamble\r\n", "preamble\r\n\r\n"]) {
    for (const broken of [`--${BOUNDARY}\r\nContent-Dis\r\n`, `--${BOUNDARY}\r\nContent-Dis`]) {
      for (const after of [next, END]) {
        assertMatch(
          await failure(before + broken + after),
          /^400 Malformed form: a part has a malformed header/,
        );
      }
    }
  }
});

Deno.test("a boundary has at most 70 characters", async () => {
  for (const [length, status] of [[70, undefined], [71, 400], [100_000, 400]] as const) {
    const boundary = "b".repeat(length);
    const form = joined([
      asBytes(`--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--${boundary}--`),
    ]);
    for (const written of [boundary, `"${boundary}"`]) {
      const request = postForm([form], { "content-type": `multipart/form-data; boundary=${written}` });
      const outcome = await handleUpload(new MemoryStorage(), request).catch((error) => error);
      assertEquals(outcome.status, status, `${length}`);
    }
  }
});
