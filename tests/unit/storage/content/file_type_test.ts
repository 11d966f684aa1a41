import { assert, assertEquals } from "@std/assert";
import { dependsOnBytes, examine, type KnownBytes, suggest } from "../../../../src/storage/content/file_type.ts";
import { chunksOfSize, streamOf } from "./file_type_stage.ts";

const GZIP = { bytes: Uint8Array.of(0x1f, 0x8b, 8, 0), isWhole: true };
const TEXT = { bytes: new TextEncoder().encode("Grüße"), isWhole: true };
const LATIN = { bytes: Uint8Array.of(0x47, 0xfc), isWhole: true };

/** The name, what is known of the bytes, the encoding that was given; the type and the encoding that are suggested. */
const CASES: readonly (readonly [string, KnownBytes, string | undefined, type: string, encoding?: string])[] = [
  ["a.txt", "utf-8", undefined, "text/plain; charset=utf-8"],
  ["a.txt", TEXT, undefined, "text/plain; charset=utf-8"],
  ["a.txt", LATIN, undefined, "text/plain"],
  ["a.txt", undefined, undefined, "text/plain"],
  ["a.svg", "utf-8", undefined, "image/svg+xml; charset=utf-8"],
  ["a.json", "utf-8", undefined, "application/json"],
  ["a.unknown", "utf-8", undefined, "application/octet-stream"],
  ["a.txt", TEXT, "gzip", "text/plain", "gzip"],
  ["a.txt", TEXT, "", "text/plain; charset=utf-8"],
  ["a.css.gz", GZIP, undefined, "text/css", "gzip"],
  ["a.css.gz", undefined, undefined, "text/css", "gzip"],
  ["a.css.gz", TEXT, undefined, "application/gzip"],
  ["a.css.gz", "utf-8", undefined, "application/gzip"],
  ["a.css.gz", GZIP, "", "application/gzip"],
  ["a.css.gz", GZIP, "gzip", "text/css", "gzip"],
  ["a.css.gz", GZIP, "br", "application/gzip", "br"],
  ["a.svgz", GZIP, undefined, "image/svg+xml", "gzip"],
  ["a.js.br", LATIN, undefined, "text/javascript", "br"],
  ["a.tar.gz", GZIP, undefined, "application/gzip"],
];

for (const [name, known, given, contentType, contentEncoding] of CASES) {
  const bytes = known === undefined || typeof known === "string" ? known : known === GZIP ? "gzip" : "other bytes";
  Deno.test(`suggest() for '${name}' with ${bytes} and the encoding ${given} returns ${contentType}`, () => {
    assertEquals(suggest(name, known, given), { contentType, contentEncoding });
  });
}

Deno.test("dependsOnBytes() is true for text, XML and encoded files only", () => {
  const names = ["a.txt", "a.svg", "a.css.gz", "a.js.br", "a.svgz", "a.png", "a.json", "a.tar.gz", "a"];
  assertEquals(names.map(dependsOnBytes), [true, true, true, true, true, false, false, false, false]);
});

Deno.test("examine() reads only the first bytes of a stream, and returns all of them", async () => {
  const text = "ü" + "a".repeat(200_000);
  let read = 0;
  const stream = chunksOfSize(text, 10_000, () => read++);
  const { content, known } = await examine("a.txt", streamOf(stream));
  assertEquals([read, typeof known === "object" && known.isWhole], [7, false]);
  assert("stream" in content);
  assertEquals(await new Response(ReadableStream.from(content.stream)).text(), text);
});

Deno.test("examine() reads nothing of a file whose name needs no bytes", () => {
  let read = 0;
  const content = streamOf(chunksOfSize("abc", 1, () => read++));
  assertEquals(examine("a.png", content), { content, known: undefined });
  assertEquals(read, 0);
});

Deno.test("examine() returns no promise for bytes in memory", () => {
  const whole = new TextEncoder().encode("abc");
  assertEquals(examine("a.txt", { whole }), { content: { whole }, known: { bytes: whole, isWhole: true } });
});

Deno.test("examine() knows whether it has seen all bytes of a Blob", async () => {
  for (const [size, isWhole] of [[65_536, true], [65_537, false]] as const) {
    const { known } = await examine("a.txt", { whole: new Blob(["a".repeat(size)]) });
    assertEquals(typeof known === "object" && [known.bytes.byteLength, known.isWhole], [65_536, isWhole]);
  }
});
