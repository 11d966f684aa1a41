import { assertEquals, assertInstanceOf, assertStringIncludes, assertThrows } from "@std/assert";
import {
  child,
  childrenNamed,
  childText,
  escapeXml,
  exactChildText,
  isChildTrue,
  parseXml,
  tryParseXml,
} from "../../../../src/kit/text/xml.ts";
import { SeededRandom } from "../../random.ts";

Deno.test("parseXml() reads elements, text, prefixes and repeated children", () => {
  const root = parseXml(
    '<?xml version="1.0"?>\n<!-- c --><s3:List xmlns:s3="urn:x"><Key>a</Key><Key>b</Key><Empty/><Empty2 /></s3:List>\n',
  );
  assertEquals(root.name, "List");
  assertEquals(childrenNamed(root, "Key").map(({ text }) => text), ["a", "b"]);
  assertEquals(childText(root, "Empty"), "");
  assertEquals(child(root, "Empty2")?.children, []);
  assertEquals(child(root, "Missing"), undefined);
});

Deno.test("parseXml() ignores a byte order mark", () => {
  assertEquals(parseXml("\ufeff<a>x</a>").text, "x");
});

Deno.test("parseXml() decodes the five named entities and character references", () => {
  assertEquals(parseXml("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x1F600;&#13;</a>").text, "<>&\"'A😀\r");
});

Deno.test("parseXml() does not decode names of Object.prototype as entities", () => {
  assertEquals(parseXml("<a>&constructor;&toString;</a>").text, "&constructor;&toString;");
});

Deno.test("parseXml() decodes an entity once", () => {
  assertEquals(parseXml("<a>&amp;lt;</a>").text, "&lt;");
});

Deno.test("parseXml() joins CDATA with the text around it", () => {
  assertEquals(parseXml("<a>1<![CDATA[<b>&amp;]]>2</a>").text, "1<b>&amp;2");
});

Deno.test("parseXml() ignores comments and processing instructions", () => {
  assertEquals(parseXml("<a>1<!-- <b> -->2<?pi <c>?>3</a>").text, "123");
});

Deno.test("parseXml() accepts an angle bracket in an attribute", () => {
  const root = parseXml(`<a x="1>2" y='</a>'><b z="/">t</b></a>`);
  assertEquals(root.text, "");
  assertEquals(childText(root, "b"), "t");
});

Deno.test("parseXml() refuses a document type declaration", () => {
  const bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>';
  assertThrows(() => parseXml(bomb), SyntaxError, "Cannot parse XML");
});

Deno.test("parseXml() accepts 64 levels of nesting, and refuses more", () => {
  const nested = (depth: number): string => "<a>".repeat(depth) + "</a>".repeat(depth);
  assertEquals(parseXml(nested(64)).name, "a");
  assertThrows(() => parseXml(nested(65)), SyntaxError);
});

for (
  const source of [
    "",
    " ",
    "text",
    "<",
    "<a",
    "<a>",
    "</a>",
    "<a></b>",
    "<a><b></a></b>",
    "<a></a><b></b>",
    "<a/>text",
    "text<a/>",
    "<>",
    "< a></a>",
    "<a><!-- </a>",
    "<a><![CDATA[ </a>",
    "<?xml",
    "<!ELEMENT a>",
    "<a></a ></a>",
    "<a>&#x110000;</a>",
    `<a>&#x${"f".repeat(400)};</a>`,
    "<a>&#xD800;</a>",
    "<html><br></html>",
  ]
) {
  Deno.test(`parseXml() throws a SyntaxError for ${JSON.stringify(source.slice(0, 40))}`, () => {
    assertStringIncludes(assertThrows(() => parseXml(source), SyntaxError).message, "Cannot parse XML");
  });
}

Deno.test("parseXml() returns a tree or throws a SyntaxError for 20,000 random strings", () => {
  const random = new SeededRandom(1);
  const pieces =
    "< > / & ; # x 1 a b : ! - [ ] ? = \" ' \n <a> </a> <a/> &amp; <!-- --> <![CDATA[ ]]> <? ?> &#65; \ud800 é"
      .split(" ");
  let trees = 0;
  for (let i = 0; i < 20_000; i++) {
    const source = i % 2 === 0 ? random.text(pieces, 0, 24) : `<r>${random.text(pieces, 0, 12)}</r>`;
    try {
      assertEquals(typeof parseXml(source).text, "string");
      trees++;
    } catch (error) {
      assertInstanceOf(error, SyntaxError, source);
    }
  }
  assertEquals(trees > 100, true);
});

Deno.test("parseXml() takes linear time", () => {
  const root = parseXml(`<r>${"<k>v</k>".repeat(50_000)}</r>`);
  assertEquals(root.children.length, 50_000);
});

Deno.test("escapeXml() and parseXml are inverse for every kind of text", () => {
  const random = new SeededRandom(2);
  const alphabet = ["<", ">", "&", '"', "'", "\t", "\n", "\r", " ", "a", "é", "日", "😀", ";", "#", "]]>", "amp"];
  for (let i = 0; i < 1000; i++) {
    const text = random.text(alphabet, 0, 20);
    assertEquals(parseXml(`<a>${escapeXml(text)}</a>`).text, text);
  }
});

Deno.test("parseXml() accepts 200,000 elements, and refuses more", () => {
  const document = (count: number): string => `<a>${"<b/>".repeat(count - 1)}</a>`;
  assertEquals(parseXml(document(200_000)).children.length, 199_999);
  assertThrows(() => parseXml(document(200_001)), SyntaxError);
});

Deno.test("tryParseXml() returns undefined for malformed documents", () => {
  assertEquals(tryParseXml("<a>b</a>")?.text, "b");
  for (const source of ["", "<html><br></html>", "{}"]) assertEquals(tryParseXml(source), undefined);
});

Deno.test("childText() removes white space around a value, and exactChildText() only what a sibling has too", () => {
  const root = parseXml("<a><Key>\n  x \n</Key><Id>\n  1\n</Id><Plain>2</Plain><Blank> </Blank><Odd>z</Odd></a>");
  assertEquals(childText(root, "Key"), "x");
  assertEquals(exactChildText(root, "Key", "Id"), "x ");
  assertEquals(exactChildText(root, "Key", "Plain"), "\n  x \n");
  assertEquals(exactChildText(root, "Key", "Blank"), "\n  x \n");
  assertEquals(exactChildText(root, "Key", "Missing"), "\n  x \n");
  assertEquals(exactChildText(root, "Odd", "Id"), "z");
  assertEquals(exactChildText(root, "Missing", "Id"), undefined);
});

Deno.test("isChildTrue() reads a boolean in any notation", () => {
  for (const text of ["true", "True", " TRUE\n", "1"]) {
    assertEquals(isChildTrue(parseXml(`<a><B>${text}</B></a>`), "B"), true);
  }
  for (const text of ["false", "0", "", "untrue"]) {
    assertEquals(isChildTrue(parseXml(`<a><B>${text}</B></a>`), "B"), false);
  }
  assertEquals(isChildTrue(parseXml("<a/>"), "B"), false);
});
