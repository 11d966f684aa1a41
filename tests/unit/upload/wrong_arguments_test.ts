import { assertEquals } from "@std/assert";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import * as upload from "../../../src/upload/mod.ts";
import type { SAVED_ATTRIBUTES, UPLOAD_OPTIONS, UploadOptions } from "../../../src/upload/upload_options.ts";
import { assertCovers, assertRefused, type Complete, untyped, type WrongCall } from "../wrong_calls.ts";
import { formBytes, postForm } from "./forms.ts";

const [handleUpload, isCrossOrigin, UploadError] = [
  untyped(upload.handleUpload),
  untyped(upload.isCrossOrigin),
  untyped(upload.UploadError),
];
const storage = new MemoryStorage();

function form(): Request {
  return postForm([formBytes([{ name: "file", fileName: "a.txt", content: "hello" }])]);
}

/** A call of handleUpload with one wrong option. */
function withOption(name: string, value: unknown): () => unknown {
  return () => handleUpload(storage, form(), { [name]: value });
}

const READ = "Cannot read the form:";

const CALLS: readonly WrongCall[] = [
  [() => handleUpload(), `TypeError: ${READ} the first argument must be a Storage, got undefined`],
  [() => handleUpload(form(), storage), `TypeError: ${READ} the first argument must be a Storage, got a Request`],
  [() => handleUpload(form(), { storage }), `TypeError: ${READ} the first argument must be a Storage, got a Request`],
  [
    () => handleUpload({}, form()),
    `TypeError: ${READ} the first argument must be a Storage, got a value of type object`,
  ],
  [() => handleUpload(storage), `TypeError: ${READ} the second argument must be a Request, got undefined`],
  [
    () => handleUpload(storage, new FormData()),
    `TypeError: ${READ} the second argument must be a Request, got a value`,
  ],
  [() => handleUpload(storage, form(), 100), `TypeError: ${READ} options must be an object, got 100`],
  [() => handleUpload(storage, form(), null), `TypeError: ${READ} options must be an object, got null`],
  [withOption("storage", storage), `TypeError: ${READ} unknown option 'storage'.`],
  [withOption("maxfiles", 1), `TypeError: ${READ} unknown option 'maxfiles'. Did you mean maxFiles? Known are name,`],
  [withOption("overwrite", true), `TypeError: ${READ} unknown option 'overwrite'.`],
  [
    withOption("onExisting", "keep"),
    `TypeError: ${READ} onExisting must be "replace", "rename" or "refuse", got "keep"`,
  ],
  [withOption("onExisting", true), `TypeError: ${READ} onExisting must be "replace", "rename" or "refuse", got true`],
  [withOption("name", "a.txt"), `TypeError: ${READ} name must be a function, got "a.txt"`],
  [withOption("name", () => 5), `TypeError: ${READ} the option name must return a string, got 5`],
  [
    withOption("normalization", "nfc"),
    `TypeError: ${READ} normalization must be one of NFC, NFD, NFKC, NFKD, got "nfc"`,
  ],
  [withOption("normalization", true), `TypeError: ${READ} normalization must be one of NFC, NFD, NFKC, NFKD, got true`],
  [withOption("allOrNothing", "no"), `TypeError: ${READ} allOrNothing must be true or false, got "no"`],
  [withOption("accept", "image/*"), `TypeError: ${READ} accept must be an array such as`],
  [
    withOption("accept", ["png"]),
    `TypeError: ${READ} accept must be an array such as [".pdf", "image/png", "video/*"], got "png"`,
  ],
  [
    withOption("accept", [5]),
    `TypeError: ${READ} accept must be an array such as [".pdf", "image/png", "video/*"], got 5`,
  ],
  [
    withOption("allowedOrigins", "*"),
    "TypeError: Cannot check the origin of a request: allowedOrigins must be an array",
  ],
  [
    withOption("allowedOrigins", ["*"]),
    "TypeError: Cannot check the origin of a request: each item of allowedOrigins must be an origin",
  ],
  [withOption("maxFiles", -1), `RangeError: ${READ} maxFiles must be a number of 0 or more, got -1`],
  [withOption("maxFileBytes", "1"), `RangeError: ${READ} maxFileBytes must be a number of 0 or more, got "1"`],
  [withOption("maxTotalBytes", NaN), `RangeError: ${READ} maxTotalBytes must be a number of 0 or more, got NaN`],
  ...(["idleTimeout", "totalTimeout"] as const).flatMap((name) => [
    [withOption(name, 0), `RangeError: ${READ} ${name} must be a number of seconds above 0, got 0`] as const,
    [withOption(name, NaN), `RangeError: ${READ} ${name} must be a number of seconds above 0, got NaN`] as const,
    [withOption(name, "60"), `RangeError: ${READ} ${name} must be a number of seconds above 0, got "60"`] as const,
  ]),
  [withOption("timeout", 60), "TypeError: Cannot read the form: unknown option 'timeout'. Did you mean totalTimeout?"],
  [withOption("save", "no-cache"), `TypeError: ${READ.slice(0, -1)} with the option save: options must be an object`],
  [withOption("save", { contentType: "a/b" }), `TypeError: ${READ.slice(0, -1)} with the option save: unknown option`],
  [
    withOption("save", { cacheControl: "ä" }),
    "TypeError: Cannot store uploads with the option save: cacheControl must be",
  ],
  [() => isCrossOrigin(), "TypeError: Cannot check the origin of a request: the first argument must be a Request"],
  [
    () => isCrossOrigin(form(), "https://a"),
    "TypeError: Cannot check the origin of a request: allowedOrigins must be an",
  ],
  [() => new UploadError("Broken", "…"), "TypeError: Cannot create an UploadError: code must be one of"],
];

Deno.test("functions of /upload refuse wrong arguments with a message that names them", async () => {
  assertCovers(upload, ["handleUpload", "isCrossOrigin", "UploadError"]);
  await assertRefused(CALLS);
  assertEquals(await storage.listdir(), [[], []]);
});

Deno.test("handleUpload() refuses a request whose body was read, or is being read", async () => {
  const message =
    "TypeError: Cannot read the form: the body of the request was already read, by request.formData() for";
  const [read, locked, sent] = [form(), form(), form()];
  await read.formData();
  locked.body!.getReader();
  await handleUpload(storage, sent);
  await assertRefused([read, locked, sent].map((request) => [() => handleUpload(storage, request), message] as const));
});

Deno.test("the lists of options of /upload are complete", () => {
  const options: Complete<UploadOptions, typeof UPLOAD_OPTIONS> = true;
  const attributes: Complete<NonNullable<UploadOptions["save"]>, typeof SAVED_ATTRIBUTES> = true;
  assertEquals([options, attributes], [true, true]);
});
