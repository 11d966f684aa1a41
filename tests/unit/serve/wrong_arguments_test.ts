import { assertEquals } from "@std/assert";
import * as entry from "../../../src/serve/mod.ts";
import type { SERVE_OPTIONS, ServeOptions } from "../../../src/serve/serve_options.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import { assertCovers, assertRefused, type Complete, untyped, type WrongCall } from "../wrong_calls.ts";

const [serve, contentDisposition] = [untyped(entry.serve), untyped(entry.contentDisposition)];
const storage = new MemoryStorage({ baseUrl: "https://cdn.example.com/" });
const request = new Request("https://example.com/a.txt");

/** A call of serve with one wrong option. */
function withOption(name: string, value: unknown, more: ServeOptions = {}): () => unknown {
  return () => serve(storage, request, { ...more, [name]: value });
}

const CALLS: readonly WrongCall[] = [
  [() => serve(), "TypeError: Cannot serve: the first argument must be a Storage, got undefined"],
  [() => serve(request, storage), "TypeError: Cannot serve: the first argument must be a Storage, got a Request"],
  [
    () => serve(storage.backend, request),
    "TypeError: Cannot serve: the first argument must be a Storage, got a value of",
  ],
  [() => serve(storage), "TypeError: Cannot serve: the second argument must be a Request, got undefined"],
  [() => serve(storage, request.url), 'TypeError: Cannot serve: the second argument must be a Request, got "https://'],
  [() => serve(storage, request, "a.txt"), 'TypeError: Cannot serve: options must be an object, got "a.txt"'],
  [() => serve(storage, request, null), "TypeError: Cannot serve: options must be an object, got null"],
  [
    () => serve(storage, request, [{}]),
    "TypeError: Cannot serve: options must be an object, got a value of type object",
  ],
  [
    withOption("expire", 60),
    "TypeError: Cannot serve: unknown option 'expire'. Did you mean expiresIn? Known are name,",
  ],
  [
    withOption("disposition", "save"),
    'TypeError: Cannot serve: disposition must be "inline" or "attachment", got "save"',
  ],
  [withOption("downloadName", 5), "TypeError: Cannot serve: downloadName must be a string, got 5"],
  [withOption("trusted", 1), "TypeError: Cannot serve: trusted must be true or false, got 1"],
  [withOption("redirect", 301), "RangeError: Cannot serve: redirect must be true, false, 302 or 307, got 301"],
  [withOption("redirect", "yes"), 'RangeError: Cannot serve: redirect must be true, false, 302 or 307, got "yes"'],
  [withOption("name", undefined), "TypeError: Cannot serve: name must be a string, got undefined"],
  [withOption("name", 5), "TypeError: Cannot serve: name must be a string, got 5"],
  [withOption("prefix", 5), "TypeError: Cannot serve: prefix must be the start of a URL's path"],
  [withOption("prefix", "/", { name: "a" }), "TypeError: Cannot serve: prefix cannot be combined with a name"],
  [withOption("contentType", 5), "TypeError: Cannot serve: contentType must be text in printable ASCII"],
  [withOption("cacheControl", "ä"), "TypeError: Cannot serve: cacheControl must be text in printable ASCII"],
  [withOption("headers", { "a b": "c" }), "TypeError: Cannot serve: headers must have valid names and values"],
  [withOption("headers", 5), "TypeError: Cannot serve: headers must have valid names and values"],
  [
    () => contentDisposition(),
    'TypeError: Cannot make a Content-Disposition: type must be "inline" or "attachment", got',
  ],
  [() => contentDisposition("shown", "a"), 'TypeError: Cannot make a Content-Disposition: type must be "inline" or'],
  [() => contentDisposition("inline", 5), "TypeError: Cannot make a Content-Disposition: name must be a string, got 5"],
];

Deno.test("functions of /serve refuse wrong arguments with a message that names them", async () => {
  assertCovers(entry, ["contentDisposition", "serve"]);
  await assertRefused(CALLS);
});

Deno.test("the list of options of /serve is complete", () => {
  const options: Complete<ServeOptions, typeof SERVE_OPTIONS> = true;
  assertEquals(options, true);
});
