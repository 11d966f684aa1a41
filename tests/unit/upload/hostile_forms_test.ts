import { assert, assertEquals } from "@std/assert";
import { createS3Server } from "../../../src/testing/mod.ts";
import { handleUpload, UploadError } from "../../../src/upload/mod.ts";
import { SeededRandom } from "../random.ts";
import { s3On } from "../storage/storages.ts";
import { asBytes, BOUNDARY, formBytes, joined, postForm, type WrittenPart } from "./forms.ts";

type Hostile = Readonly<{ body: Uint8Array; headers?: Record<string, string> }>;
type Attack = (random: SeededRandom, good: readonly WrittenPart[]) => Hostile;

const UNSAFE_PREFIXES = ["../", "..\\", "/../", "a/../../", "C:\\..\\", "%2e%2e%2f", "%2E%2E/", "..%5c", "./../"];
const LETTERS = [..."abcdefghij"];

/** A well-formed form, whose last file is then corrupted. */
const withFile = (good: readonly WrittenPart[], fileName: string): Hostile => ({
  body: formBytes([...good, { name: "file", fileName, content: "spoiled" }]),
});

/** Well-formed parts, followed by raw bytes. */
function withRaw(good: readonly WrittenPart[], text: string | Uint8Array): Hostile {
  const closing = BOUNDARY.length + 6;
  return { body: joined([formBytes(good).slice(0, -closing), asBytes(text)]) };
}

const ATTACKS: Readonly<Record<string, Attack>> = {
  "a boundary that does not occur": (random, good) => ({
    body: formBytes(good, `${BOUNDARY}${random.text(LETTERS, 1, 5)}`),
  }),
  "a body that is cut": (random, good) => {
    const body = formBytes(good);
    // Anywhere before the last boundary's two dashes.
    return { body: body.slice(0, random.below(body.byteLength - 4)) };
  },
  "a last boundary without its dashes": (_random, good) => withRaw(good, `--${BOUNDARY}\r\n`),
  "a last boundary with one dash": (_random, good) => withRaw(good, `--${BOUNDARY}-\r\n`),
  "a longer boundary": (random, good) =>
    withRaw(good, `--${BOUNDARY}${random.text(LETTERS, 1, 9)}\r\n\r\nx\r\n--${BOUNDARY}--\r\n`),
  "headers that never end": (random, good) =>
    withRaw(
      good,
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"\r\nX: ${"x".repeat(17_000 + random.below(9e4))}`,
    ),
  "too many headers": (random, good) =>
    withRaw(good, `--${BOUNDARY}\r\n${"X-A: b\r\n".repeat(150 + random.below(2000))}\r\nx\r\n--${BOUNDARY}--\r\n`),
  "a header without a colon": (random, good) =>
    withRaw(good, `--${BOUNDARY}\r\n${random.text(LETTERS, 1, 20)}\r\n\r\nx\r\n--${BOUNDARY}--\r\n`),
  "a header of control characters": (random, good) =>
    withRaw(
      good,
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${random.pick(["\0", "\x01", "\n", "\r"])}"\r\n\r\nx`,
    ),
  "a part without a name": (random, good) =>
    withRaw(
      good,
      `--${BOUNDARY}\r\nContent-Disposition: ${
        random.pick(["form-data", "attachment; name=a", 'form-data; name=""'])
      }; filename="a.txt"\r\n\r\nx\r\n--${BOUNDARY}--\r\n`,
    ),
  "a part without headers": (_random, good) => withRaw(good, `--${BOUNDARY}\r\n\r\nx\r\n--${BOUNDARY}--\r\n`),
  "a length that is too short": (random, good) => {
    const body = formBytes(good);
    return { body, headers: { "content-length": String(random.below(body.byteLength)) } };
  },
  "a length that is too long": (random, good) => {
    const body = formBytes(good);
    return { body, headers: { "content-length": String(body.byteLength + 1 + random.below(1e6)) } };
  },
  "a malformed length": (random, good) => ({
    body: formBytes(good),
    headers: { "content-length": random.pick(["x", "-1", "1e99", "NaN"]) },
  }),
  "a name with .. segments": (random, good) =>
    withFile(good, random.pick(UNSAFE_PREFIXES) + random.text(LETTERS, 1, 9)),
  "a name of dots": (random, good) => withFile(good, random.pick([".", "..", " .. ", "../..", "..\\.."])),
  "CRLF in a name": (random, good) => withFile(good, `${random.text(LETTERS, 0, 3)}%0D%0ASet-Cookie: a=b.txt`),
  "raw CRLF in a name": (random, good) => withFile(good, `${random.text(LETTERS, 0, 3)}\r\nSet-Cookie a=b.txt`),
  "NUL in a name": (random, good) => withFile(good, `a${random.pick(["\0", "\x7f", "\x1f"])}.txt`),
  "a file over the limit": (random, good) => ({
    body: formBytes([...good, { name: "f", fileName: "f.bin", content: random.bytes(200_001 + random.below(1000)) }]),
  }),
  "too many files": (_random, good) => ({
    body: formBytes([...good, ...Array.from({ length: 9 }, (_, i) => ({ name: "f", fileName: `${i}`, content: "" }))]),
  }),
  "too many fields": (_random, good) => ({
    body: formBytes([...good, ...Array.from({ length: 21 }, () => ({ name: "f", content: "" }))]),
  }),
  "a field over the limit": (random, good) => ({
    body: formBytes([...good, { name: "f", content: "x".repeat(10_000 + random.below(50_000)) }]),
  }),
  "random bytes": (random) => ({ body: random.bytes(1 + random.below(3000)) }),
  "a missing boundary": (random, good) => ({
    body: formBytes(good),
    headers: {
      "content-type": random.pick(["multipart/form-data", "multipart/form-data; boundary=", "text/plain", "*/*"]),
    },
  }),
};

/** The body in chunks of random sizes. */
function pieces(random: SeededRandom, body: Uint8Array): Uint8Array[] {
  const cut: Uint8Array[] = [];
  for (let start = 0; start < body.byteLength;) {
    const end = start + 1 + random.below(random.pick([4, 100, 70_000]));
    cut.push(body.slice(start, end));
    start = end;
  }
  return cut;
}

Deno.test("a thousand hostile forms each get a 4xx, and leave no files and no multipart uploads", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server);
  const random = new SeededRandom(7);
  const attacks = Object.entries(ATTACKS);
  for (let i = 0; i < 1000; i++) {
    const [name, attack] = attacks[i % attacks.length]!;
    const good = Array.from({ length: random.below(4) }, (_, part): WrittenPart => {
      const content = random.bytes(random.below(3000));
      return random.below(2) === 0
        ? { name: `f${part}`, content: "v" }
        : { name: "f", fileName: `${part}.bin`, content };
    });
    const { body, headers } = attack(random, good);
    const outcome = await handleUpload(storage, postForm(pieces(random, body), headers), {
      maxFiles: 8,
      maxFields: 20,
      maxFieldBytes: 9000,
      maxFileBytes: 200_000,
      maxTotalBytes: 1_000_000,
    }).catch((error) => error);
    assert(outcome instanceof UploadError, `#${i}, ${name}: ${Deno.inspect(outcome)}`);
    const response = outcome.toResponse();
    assert(response.status >= 400 && response.status < 500, `#${i}, ${name}: ${response.status}`);
    assertEquals((await response.json()).error.code, outcome.code);
    assertEquals([server.objects("media"), server.openUploads("media")], [[], []], `#${i}, ${name}`);
  }
});
