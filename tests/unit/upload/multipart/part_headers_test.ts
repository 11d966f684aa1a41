/** The table of part headers: what becomes of forms as odd clients write them. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { MemoryStorage } from "../../../../src/storage/mod.ts";
import { handleUpload, UploadError } from "../../../../src/upload/mod.ts";
import { parseParameters } from "../../../../src/upload/multipart/parameters.ts";
import { FormParser } from "../../../../src/upload/multipart/form_parser.ts";
import { bodyBytes, fileText, type TableForm } from "../../../clients/part_headers/form_data.ts";
import { asBytes } from "../forms.ts";

interface Case extends TableForm {
  /** The fields, then the files; "refused" for an error. */
  readonly storages: string;
  /** The message of the error. */
  readonly message?: string;
}

const CASES: readonly Case[] = JSON.parse(
  await Deno.readTextFile(new URL("../../../vectors/part_headers.json", import.meta.url)),
);

/** What `handleUpload` finds in a form, and the error's message. */
async function parse({ type }: TableForm, chunks: Uint8Array[]): Promise<string[]> {
  const storage = new MemoryStorage();
  const request = new Request("http://localhost/", {
    method: "POST",
    body: ReadableStream.from(chunks),
    headers: { "content-type": type },
  });
  try {
    const { fields, files } = await handleUpload(storage, request);
    const found = [...fields].map(([name, value]) => `${name}=${value}`);
    for (const { fieldName, originalName, name } of files) {
      found.push(fileText(fieldName, originalName, await (await storage.open(name)).text()));
    }
    return [found.join(", ") || "nothing"];
  } catch (error) {
    if (!(error instanceof UploadError)) throw error;
    assertEquals(await storage.listdir(), [[], []]);
    return ["refused", error.message];
  }
}

Deno.test("handleUpload() reads or refuses the forms of the table of part headers, for every split of the body", async () => {
  for (const one of CASES) {
    const body = bodyBytes(one);
    const expected = one.message === undefined ? [one.storages] : [one.storages, one.message];
    assertEquals(await parse(one, [body]), expected, one.name);
    assertEquals(await parse(one, [...body].map((byte) => Uint8Array.of(byte))), expected, `${one.name}, byte by byte`);
    for (let cut = 1; cut < body.byteLength; cut += 23) {
      const found = await parse(one, [body.slice(0, cut), body.slice(cut)]);
      assertEquals(found, expected, `${one.name}, cut at ${cut}`);
    }
  }
});

Deno.test("a file without a name counts as a file, and an empty file input as a field", async () => {
  const part = (content: string): string =>
    `--b\r\nContent-Disposition: form-data; name="a"; filename=""\r\n\r\n${content}\r\n`;
  const send = (form: string, maxFiles: number): ReturnType<typeof handleUpload> =>
    handleUpload(
      new MemoryStorage(),
      new Request("http://localhost/", {
        method: "POST",
        body: `${form}--b--`,
        headers: { "content-type": "multipart/form-data; boundary=b" },
      }),
      { maxFiles },
    );
  assertEquals((await send(part("").repeat(3), 0)).files, []);
  assertEquals((await send(part("x").repeat(2), 2)).files.map(({ originalName }) => originalName), ["blob", "blob"]);
  await assertRejects(() => send(part("x").repeat(3), 2), UploadError, "more than 2 files");
});

Deno.test("a _charset_ field names the charset of what follows; unknown charsets are ignored", () => {
  const parser = new FormParser("multipart/form-data; boundary=b", {
    maxFiles: 9,
    maxFields: 9,
    maxFieldBytes: 999,
  });
  const field = (name: string, value: string, type = ""): string =>
    `--b\r\nContent-Disposition: form-data; name="${name}"${type}\r\n\r\n${value}\r\n`;
  const form = field("_charset_", "no such") + field("a", "\xc3\xbc") + field("_charset_", "Shift_JIS") +
    field("b", "\x83\x5c") + `--b\r\nContent-Disposition: form-data; name="c"; filename="\x83\x5c.txt"\r\n\r\n\r\n` +
    field("d", "\xfc", "\r\nContent-Type: text/plain; charset=windows-1252") + "--b--";
  parser.write(Uint8Array.from(form, (character) => character.charCodeAt(0)));
  const found: string[] = [];
  for (let event = parser.next(); event !== undefined; event = parser.next()) {
    if (event.kind === "field") found.push(`${event.name}=${event.value}`);
    if (event.kind === "file") found.push(`${event.name}: ${event.fileName}`);
  }
  assertEquals(found, ["_charset_=no such", "a=ü", "_charset_=Shift_JIS", "b=ソ", "c: ソ.txt", "d=ü"]);
});

Deno.test("FormParser limits the spaces after a boundary", () => {
  const parse = (spaces: number): void => {
    const parser = new FormParser("multipart/form-data; boundary=b", { maxFiles: 1, maxFields: 1, maxFieldBytes: 9 });
    for (const chunk of [`--b${" ".repeat(spaces)}`, '\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n--b--']) {
      parser.write(asBytes(chunk));
      while (parser.next() !== undefined);
    }
  };
  parse(1024);
  assertThrows(() => parse(1025), UploadError, "a boundary must be followed by a line break");
});

Deno.test("parseParameters() takes linear time for hostile headers", () => {
  for (const piece of [";", " ", "; ", '"', "\\", ";a=", "=", "a ", '; a="', ";a", "; a = ", '";']) {
    for (const start of ["", ";", "; a=", '; a="', ";a"]) parseParameters(start + piece.repeat(16 * 1024));
  }
});
