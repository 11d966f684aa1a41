import { assertEquals, assertRejects } from "@std/assert";
import { MemoryStorage } from "../../../src/storage/mod.ts";
import { handleUpload, UploadError } from "../../../src/upload/mod.ts";
import { formBytes, postForm, type WrittenPart } from "./forms.ts";

const PNG = "\x89PNG\r\n\x1a\n";
const raw = (text: string): Uint8Array => Uint8Array.from(text, (one) => one.charCodeAt(0));
const post = (part: WrittenPart): Request => postForm([formBytes([part])]);
const file = (fileName: string, content: Uint8Array, type?: string): WrittenPart => ({
  name: "file",
  fileName,
  content,
  ...(type !== undefined && { type }),
});

async function names(storage: MemoryStorage): Promise<string[]> {
  return (await Array.fromAsync(storage.list("", { recursive: true }))).map(({ name }) => name);
}

Deno.test("accept checks the name and the first bytes of a file", async () => {
  const pdf = "%PDF-1.7";
  const cases: readonly (readonly [accept: string, name: string, content: string, type: string | 415])[] = [
    ["image/*", "a.png", PNG, "image/png"],
    ["image/png", "A.PNG", PNG, "image/png"],
    [".png", "a.png", PNG, "image/png"],
    ["image/*", "a.jpg", "\xff\xd8\xff\xe0", "image/jpeg"],
    ["image/*", "a.png", "<script>alert(1)</script>", 415],
    ["image/*", "a.png", "\xff\xd8\xff\xe0", 415],
    ["image/*", "a.png", "", 415],
    ["image/*", "a.html", PNG, 415],
    ["image/*", "a", PNG, "image/png"],
    ["image/*", "a", "<script>", 415],
    [".pdf", "a.pdf", pdf, "application/pdf"],
    [".pdf", "a.txt", pdf, 415],
    ["text/plain", "a.txt", "BMW, MZ and II*", "text/plain"],
    ["text/*", "a.csv", "1,2\n", "text/csv"],
    ["text/plain", "a.txt", "MZ\x90\0\x03", 415],
    ["text/plain", "a.txt", pdf, 415],
    [".docx", "a.docx", "PK\x03\x04", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
    [
      ".docx",
      "locked.docx",
      "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
      "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ],
    [".odt", "a.odt", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 415],
    [".docx", "a.docx", pdf, 415],
    ["application/zip", "a.docx", "PK\x03\x04", 415],
    ["video/*", "a.mp4", "\0\0\0\x20ftypisom", "video/mp4"],
    ["video/*", "a.webm", "\x1aE\xdf\xa3", "video/webm"],
    ["audio/*", "a.wav", "RIFF\x24\0\0\0WAVEfmt ", "audio/wav"],
    ["image/*", "a.webp", "RIFF\x24\0\0\0WAVEfmt ", 415],
    [".psd", "a.psd", "8BPS", "image/vnd.adobe.photoshop"],
    [".psd", "a.psd", "\x7fELF", 415],
    [".exe", "Setup.EXE", "MZ\x90\0\x03", "application/x-msdownload"],
    [".so", "a.so", "\x7fELF", "application/x-elf"],
    ["application/*", "a.exe", "MZ\x90\0\x03", 415],
    ["audio/*", "a.mp3", "\xff\xfa\x90\0", "audio/mpeg"],
    ["audio/*", "a.mp3", "\xff\xe3\x90\0", "audio/mpeg"],
    ["audio/*", "a.aac", "\xff\xf0\x90\0", "audio/aac"],
    ["image/*", "a.tif", "MM\0+\0\x08\0\0", "image/tiff"],
    ["image/*", "a.avif", "\0\0\0\x20ftypmif1", "image/avif"],
    ["text/plain", "a.txt", "OTTO wrote this", "text/plain"],
    ["text/plain", "a.txt", "\xff\xfeh\0i\0", "text/plain"], // "Unicode" of Notepad
    ["text/*", "a.csv", "\xfe\xff\0h\0i", "text/csv"],
    ["application/x-tar", "a.tar", `${"\0".repeat(257)}ustar`, "application/x-tar"],
  ];
  for (const [accept, name, content, expected] of cases) {
    const storage = new MemoryStorage();
    const sent = handleUpload(storage, post(file(name, raw(content), "application/octet-stream")), {
      accept: [accept],
    });
    const outcome = await sent.then(({ files }) => files[0]!.contentType, (error) => error.status);
    assertEquals(outcome, expected, `${accept}: ${name}, ${JSON.stringify(content)}`);
    assertEquals((await names(storage)).length, expected === 415 ? 0 : 1);
  }
});

Deno.test("accept never accepts a file by the declared type", async () => {
  const php = "<?php system($_GET[0]); ?>";
  const cases:
    readonly (readonly [accept: string, name: string, content: string, declared: string, type: string | 415])[] = [
      ["image/*", "shell.php", php, "image/x", 415],
      ["image/*", "shell.php", php, "image/png", 415],
      ["text/plain", "x.php", php, "text/plain", 415],
      ["text/plain", "x", php, "text/plain", 415],
      ["image/png", "shell.phtml", `${PNG}${php}`, "image/png", 415],
      ["image/png", "shell.phtml", `${PNG}${php}`, "application/octet-stream", 415],
      ["image/gif", "page.htm", "GIF89a=1;<script>", "image/gif", 415],
      ["application/octet-stream", "x.php", php, "application/octet-stream", 415],
      ["application/*", "x", php, "application/x-php", 415],
      ["application/octet-stream", "x", php, "text/html", "application/octet-stream"],
      [".xyz", "a.xyz", php, "text/html", "application/octet-stream"],
      [".xyz", "a.XYZ", PNG, "", "image/png"],
      [".xyz", "a.xyz", PNG, "text/html", 415],
      [".xyz", "a.xyz.php", php, "chemical/x-xyz", 415],
      [".mkv", "a.m\u212av", "\x1aE\xdf\xa3", "video/matroska", 415],
      ["image/*", "a.png", PNG, "text/html", 415],
      ["image/*", "a.png", PNG, "image/jpeg", "image/png"],
      ["image/*", "a.svg", "<svg/>", "image/svg+xml", "image/svg+xml"],
      ["image/*", ".png", PNG, "image/png", "image/png"],
      ["image/*", ".htaccess", PNG, "image/png", 415],
      ["image/*", "a.php.png", `${PNG}${php}`, "image/png", "image/png"],
      ["image/*", "a.png.php", `${PNG}${php}`, "image/png", 415],
      ["image/*", "a.png.", PNG, "image/png", 415],
      ["image/*", "a.png ", PNG, "image/png", "image/png"],
      ["image/*", "a.png .", PNG, "image/png", 415],
      ["image/*", "a.png::$DATA", PNG, "image/png", 415],
      ["image/*", "a\uff0ephp", PNG, "image/png", 415],
      ["image/*", "a%2ephp", PNG, "image/png", 415],
      ["image/*", "photo.jfif", "\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg", "image/jpeg"],
      ["video/*", "clip.3gp", "\0\0\0\x18ftyp3gp4", "video/3gpp", "video/3gpp"],
      ["video/*", "clip.avi", "RIFF\x10\0\0\0AVI LIST", "video/x-msvideo", "video/x-msvideo"],
      ["video/*", "clip.avi", "<script>", "video/x-msvideo", 415],
      ["video/*", "CLIP.WMV", "0&\xb2u\x8ef\xcf\x11", "video/x-ms-wmv", "video/x-ms-wmv"],
      ["audio/*", "song.wma", "0&\xb2u\x8ef\xcf\x11", "audio/x-ms-wma", "audio/x-ms-wma"],
      ["audio/*", "song.aif", "FORM\0\0\0\x10AIFF", "audio/x-aiff", "audio/aiff"],
      ["video/*", "old.mov", "\0\0\0\x08wide\0\0\x10\0mdat", "video/quicktime", "video/quicktime"],
      ["audio/*", "tagged.flac", "ID3\x03\0\0\0\0\0\0fLaC", "audio/flac", "audio/flac"],
      ["audio/*", "memo.amr", "#!AMR\n", "audio/amr", "audio/amr"],
      ["audio/*", "a.weba", "<script>", "audio/webm", 415],
      ["text/plain", "a.txt", "\xff\xd8\xff and no NUL", "text/plain", 415],
      [".csv", "a.csv", "1,2", "application/vnd.ms-excel", "text/csv"],
      [".log", "BMW.log", "BMW", "text/x-log", "text/plain"],
    ];
  for (const [accept, name, content, declared, expected] of cases) {
    const storage = new MemoryStorage();
    const sent = handleUpload(storage, post(file(name, raw(content), declared)), { accept: [accept] });
    const outcome = await sent.then(({ files }) => files[0]!.contentType, (error) => error.status);
    assertEquals(outcome, expected, `${accept}: ${name}, ${JSON.stringify(content)} as ${declared}`);
    assertEquals((await names(storage)).length, expected === 415 ? 0 : 1);
  }
});

Deno.test("the message for a refused file names its type", async () => {
  for (
    const [name, content, accept, reason] of [
      ["a.xyz", "film", ["video/*"], "its extension is unknown, expected video/*"],
      ["J. Doe", "%PDF-1.7", ["application/pdf"], "its extension is unknown, expected application/pdf"],
      ["a.txt", "text", ["image/*", ".pdf"], "it is text/plain, expected image/*, .pdf"],
      ["a", PNG, [".jpg"], "it is image/png, expected .jpg"],
      ["a", "text", ["text/*"], "its type is unknown, expected text/*"],
      ["a.png", PNG, [], "it is image/png, expected no file"],
    ] as const
  ) {
    const uploading = handleUpload(new MemoryStorage(), post(file(name, raw(content))), { accept });
    const { message } = await assertRejects(() => uploading, UploadError);
    assertEquals(message, `Cannot accept '${name}': ${reason}`);
  }
});

Deno.test("messages show names of clients without control characters", async () => {
  const body = new FormData();
  body.set("file", new File(["text"], "a\u001b[2J\u202egnp.exe"));
  const request = new Request("http://localhost/", { method: "POST", body });
  const uploading = handleUpload(new MemoryStorage(), request, { accept: ["image/*"] });
  const { message } = await assertRejects(() => uploading, UploadError);
  for (const one of "\u001b\u202e") assertEquals(message.includes(one), false, message);
});

Deno.test("a file whose bytes contradict its name is stored with the type of its bytes", async () => {
  const storage = new MemoryStorage();
  for (
    const [name, content, type] of [
      ["a.png", "<script>", "application/octet-stream"],
      ["a.png", "\xff\xd8\xff", "image/jpeg"],
      ["a", "some text", "application/octet-stream"],
      ["a.unknown", "<script>", "application/octet-stream"],
      ["a.unknown", "BMW", "application/octet-stream"],
      ["a.unknown", PNG, "image/png"],
    ] as const
  ) {
    const { files } = await handleUpload(storage, post(file(name, raw(content), "text/html")));
    assertEquals((await storage.stat(files[0]!.name)).contentType, type);
  }
});
