import { assert, assertEquals } from "@std/assert";
import { serve } from "../../../src/serve/mod.ts";
import { MemoryStorage } from "../../../src/storage/mod.ts";
import { handleUpload, UploadError } from "../../../src/upload/mod.ts";
import { SeededRandom } from "../random.ts";
import {
  type Case,
  type Content,
  CONTENTS,
  DECLARED,
  DOUBLE,
  LETTERS,
  NO_BYTES,
  promised,
  SUSPICIOUS,
  TYPES,
  UNKNOWN,
} from "./accept_model.ts";
import { formBytes, postForm, type WrittenPart } from "./forms.ts";

const ACCEPT: readonly (readonly string[] | undefined)[] = [
  undefined,
  ["image/*"],
  ["image/png"],
  ["image/png", "image/jpeg", "image/gif", "image/webp"],
  [".png", ".jpg"],
  ["text/plain"],
  ["text/*"],
  [".csv", ".txt"],
  ["video/*", "audio/*"],
  [".pdf", ".docx"],
  ["application/*"],
  ["application/octet-stream"],
  ["font/*"],
  [".xyz", ".psd"],
  [".mkv"],
  [".tar.gz"],
  [".exe"],
  ["application/x-elf", "image/*"],
  [".svg"],
];

const ROOTS = ["a", "shell", "Ünï cödé", "日本", "", "a b", "-", "x".repeat(60)];

interface Form extends Case {
  readonly declared: string | undefined;
  readonly accept: readonly string[] | undefined;
}

/** A name, and its extension by the tables. */
function named(random: SeededRandom): Pick<Case, "name" | "extension"> {
  const root = random.pick(ROOTS);
  switch (random.below(6)) {
    case 0:
    case 1:
      return { name: root + random.pick(UNKNOWN), extension: "unknown" };
    case 2: {
      const [ending, extension] = random.pick(DOUBLE);
      return { name: root + ending, extension };
    }
    case 3:
      return root === "" ? named(random) : { name: root, extension: undefined };
    default: {
      const extension = random.pick(Object.keys(TYPES));
      return { name: root + extension, extension };
    }
  }
}

/** Half of the time content of its extension, else any other. */
function contentFor(random: SeededRandom, extension: string | undefined): Content {
  const type = TYPES[extension ?? ""]?.[0];
  const fitting = Object.values(CONTENTS).filter(({ fits }) => type !== undefined && fits.includes(type));
  if (fitting.length > 0 && random.below(2) === 0) return random.pick(fitting);
  return random.pick([...Object.values(CONTENTS), LETTERS, NO_BYTES]);
}

function form(random: SeededRandom): Form {
  const { name, extension } = named(random);
  const content = contentFor(random, extension);
  const [declared, ...kinds] = random.below(3) === 0 ? DECLARED[2]! : random.pick(DECLARED);
  const file = { name: name.trim(), extension, content, kinds };
  // Half of the time lists that accept the file if its declared type has no kind, else any other.
  const taking = ACCEPT.filter((accept) => accept !== undefined && promised({ ...file, kinds: [] }, accept) !== 415);
  const accept = random.pick(taking.length > 0 && random.below(2) === 0 ? taking : ACCEPT);
  return { ...file, declared, accept };
}

function part(fileName: string, { bytes }: Content, type: string | undefined): WrittenPart {
  return { name: "file", fileName, content: bytes, ...(type !== undefined && { type }) };
}

/** A form with that file, after a field and a file that every list accepts. */
async function send(
  storage: MemoryStorage,
  file: WrittenPart,
  accept: readonly string[] | undefined,
): Promise<string | number> {
  const before = { name: "good", fileName: "before.woff", content: "wOFF\0\x01\0\0", type: "font/woff" };
  const body = formBytes([{ name: "title", content: "t" }, before, file]);
  try {
    const { files } = await handleUpload(storage, postForm([body]), {
      accept: accept && [...accept, ".woff"],
    });
    return files[1]?.contentType ?? 0;
  } catch (error) {
    if (error instanceof UploadError) return error.toResponse().status;
    throw error;
  }
}

async function stored(storage: MemoryStorage): Promise<string[]> {
  return (await Array.fromAsync(storage.list("", { recursive: true }))).map(({ name }) => name);
}

Deno.test("a thousand hostile files are accepted and stored as the model of accept says, or leave no files", async () => {
  const random = new SeededRandom(14);
  const outcomes = { accepted: 0, refused: 0, unlimited: 0 };
  for (let i = 0; i < 1000; i++) {
    const one = form(random);
    const label = `#${i}: ${Deno.inspect({ ...one, content: new TextDecoder().decode(one.content.bytes) })}`;
    const storage = new MemoryStorage();
    await storage.save("other.txt", "another's");
    const expected = promised(one, one.accept);
    const outcome = await send(storage, part(one.name, one.content, one.declared), one.accept);
    assertEquals(outcome, expected, label);
    const names = await stored(storage);
    if (expected === 415) {
      outcomes.refused++;
      assertEquals(names, ["other.txt"], label);
      continue;
    }
    outcomes[one.accept === undefined ? "unlimited" : "accepted"]++;
    assertEquals(names.length, 3, label);
    const name = names.find((one) => one !== "other.txt" && one !== "before.woff")!;
    const [type, ...charset] = (await storage.stat(name)).contentType!.split("; charset=");
    assertEquals(type, expected, label);
    if (charset.length > 0) new TextDecoder(charset[0]!, { fatal: true }).decode(one.content.bytes);
    assertEquals(await (await storage.open(name)).bytes(), one.content.bytes as Uint8Array<ArrayBuffer>, label);
    const response = await serve(storage, new Request("http://localhost/"), { name });
    await response.body?.cancel();
    // serve sends scripts as text, so that no page of the site can load them.
    const served = expected === "text/javascript" ? "text/plain" : expected;
    assertEquals(response.headers.get("content-type")?.split(";")[0], served, label);
  }
  // The forms must cover all outcomes.
  const { accepted, refused, unlimited } = outcomes;
  assert(accepted > 100 && refused > 500 && unlimited > 30, JSON.stringify(outcomes));
});

Deno.test("names that browsers do not send are refused for any accept, and leave no files", async () => {
  for (const name of SUSPICIOUS) {
    for (const accept of ACCEPT) {
      const storage = new MemoryStorage();
      assertEquals(await send(storage, part(name, CONTENTS.png!, "image/png"), accept), 400, JSON.stringify(name));
      assertEquals(await stored(storage), []);
    }
  }
});

Deno.test("the model of accept refuses known attacks, and accepts files as browsers send them", () => {
  const says = (
    name: string,
    extension: string | undefined,
    content: string,
    accept: string,
    ...kinds: Case["kinds"]
  ) => promised({ name, extension, content: CONTENTS[content]!, kinds }, [accept]);
  assertEquals(says("shell.php", "unknown", "php", "image/*", "picture"), 415);
  assertEquals(says("x.php", "unknown", "php", "text/plain", "text"), 415);
  assertEquals(says("shell.phtml", "unknown", "png", "image/png", "picture"), 415);
  assertEquals(says("a.png", ".png", "png", "image/*", "text"), 415);
  assertEquals(says("a.png", ".png", "png", "image/*", "picture"), "image/png");
  assertEquals(says("a.csv", ".csv", "words", ".csv", "text", "document"), "text/csv");
});
