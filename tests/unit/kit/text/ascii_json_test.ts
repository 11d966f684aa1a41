import { assertEquals } from "@std/assert";
import { asciiJson, unicodeEscape } from "../../../../src/kit/text/ascii_json.ts";

Deno.test("asciiJson() escapes everything beyond printable ASCII", () => {
  const value = { "ü": ["é😀", "\x7f", "\u2028", 'a"b\n'] };
  const json = asciiJson(value);
  assertEquals(json, String.raw`{"\u00fc":["\u00e9\ud83d\ude00","\u007f","\u2028","a\"b\n"]}`);
  assertEquals(JSON.parse(json), value);
});

Deno.test("unicodeEscape() pads to four digits", () => {
  assertEquals([unicodeEscape("\x1b"), unicodeEscape("\uffff")], ["\\u001b", "\\uffff"]);
});
