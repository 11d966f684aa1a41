import { assertEquals } from "@std/assert";
import { decodeEncodedWords, isEncodedWords } from "../../../../src/kit/text/encoded_words.ts";

const WORDS: Readonly<Record<string, string>> = {
  "=?utf-8?B?R3LDvMOfZS50eHQ=?=": "Grüße.txt",
  "=?UTF-8?b?R3LDvMOfZS50eHQ?=": "Grüße.txt",
  "=?UTF-8?Q?Gr=C3=BC=c3=9Fe_aus_K=C3=B6ln?=": "Grüße aus Köln",
  "=?iso-8859-1?q?Gr=FC=DFe?=": "Grüße",
  "=?ISO-8859-1*de?Q?Gr=FC=DFe?=": "Grüße",
  "=?us-ascii?Q?plain?=": "plain",
  "=?UTF-8?B??=": "",
  "=?UTF-8?B?8J+YgA==?=": "😀",
  // Space between words only separates them; a character may be split.
  "=?UTF-8?Q?Gr=C3?= =?UTF-8?Q?=BC=C3=9Fe?=": "Grüße",
  "=?UTF-8?B?R3LD?=\r\n =?utf-8?B?vMOfZQ==?=": "Grüße",
  "=?UTF-8?Q?a?==?UTF-8?Q?b?=": "ab",
  "=?UTF-8?Q?Gr=C3=BC?= =?iso-8859-1?Q?=DFe?=": "Grüße",
};

for (const [encoded, meant] of Object.entries(WORDS)) {
  Deno.test(`decodeEncodedWords() decodes ${JSON.stringify(encoded)}`, () => {
    assertEquals([decodeEncodedWords(encoded), isEncodedWords(encoded)], [meant, true]);
    assertEquals(decodeEncodedWords(`(${encoded}) b`), `(${meant}) b`);
    assertEquals(isEncodedWords(`a ${encoded}`), false);
  });
}

Deno.test("decodeEncodedWords() keeps the text around words, and texts without any", () => {
  for (const text of ["", "plain", "Grüße", "a =?b c", "=?=", "=??=", "==?UTF-8", "a?=b=?c"]) {
    assertEquals([decodeEncodedWords(text), isEncodedWords(text)], [text, false]);
  }
  assertEquals(decodeEncodedWords("a =?UTF-8?Q?=C3=BC?= b  =?UTF-8?Q?=C3=9F?=c"), "a ü b  ßc");
});

Deno.test("decodeEncodedWords() keeps words that are malformed or of an unknown charset", () => {
  const kept = [
    "=?utf-8?B?R3L DvMOf?=", // a space
    "=?utf-8?B?R?=", // no base64
    "=?utf-8?B?/w==?=", // no UTF-8
    "=?utf-8?Q?=C3?=",
    "=?utf-8?Q?=G0?=",
    "=?x-unknown?Q?a?=",
    "=?utf-8?X?a?=",
    "=?utf-8?Q?a?b?=",
  ];
  for (const word of kept) assertEquals(decodeEncodedWords(word), word);
  assertEquals(
    decodeEncodedWords("=?x-unknown?Q?a?= =?UTF-8?Q?b?= =?x-other?Q?c?="),
    "=?x-unknown?Q?a?= b =?x-other?Q?c?=",
  );
});

Deno.test("decodeEncodedWords() takes linear time", () => {
  for (const part of ["=?", "=?a", "=?a?b?", "=?utf-8?Q?=C3?= ", "=?utf-8?B?R3LD?=\t"]) {
    decodeEncodedWords(part.repeat(100_000));
    isEncodedWords(part.repeat(100_000));
  }
});
