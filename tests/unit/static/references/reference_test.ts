import { assertEquals } from "@std/assert";
import { decoded, lineOf, replaced, targetOf, withHashOf } from "../../../../src/static/references/reference.ts";

Deno.test("targetOf() resolves a reference from the file that it is in", () => {
  const names: Readonly<Record<string, string | undefined>> = {
    "a.png": "css/a.png",
    "./a.png": "css/a.png",
    "..//img/./a.png": "img/a.png",
    "../../a.png": "../a.png",
    "a%20b.png": "css/a b.png",
    "%2e%2e/a.png": "a.png",
    "a.png%2F": "css/a.png",
    "/static/a.png": "a.png",
    "/static/../a.png": "../a.png",
    "/elsewhere/a.png": undefined,
    "": undefined,
    "..": undefined,
    "img/": undefined,
    "#a": undefined,
    "//example.com/a.png": undefined,
    "data:image/png,a": undefined,
  };
  for (const [url, name] of Object.entries(names)) {
    assertEquals(targetOf(url, "css/a.css", "/static/")?.name, name, url);
  }
  assertEquals(targetOf("a.png?x=1#y", "a.css", undefined), { name: "a.png", suffix: "?x=1#y" });
  assertEquals(targetOf("/static/a.png", "a.css", undefined), undefined);
});

Deno.test("withHashOf() keeps the folder, the escapes and the suffix of a reference", () => {
  const stored = "img/a b.0123456789ab.png";
  const target = { name: "img/a b.png", suffix: "?x" };
  assertEquals(withHashOf("../img/a b.png?x", target, stored), "../img/a b.0123456789ab.png?x");
  assertEquals(withHashOf("../img/a%20b.png?x", target, stored), "../img/a%20b.0123456789ab.png?x");
  assertEquals(withHashOf("a.png", { name: "a.png", suffix: "" }, "a.0123456789ab.png"), "a.0123456789ab.png");
});

Deno.test("decoded() leaves malformed percent-encoding", () => {
  assertEquals(["%41", "100%", "%ff"].map(decoded), ["A", "100%", "%ff"]);
});

Deno.test("lineOf() counts line breaks of every kind", () => {
  assertEquals(lineOf("a\r\nb\rc\nd\fe", 9), 5);
  assertEquals(lineOf("a", 0), 1);
});

Deno.test("replaced() replaces each reference, and nothing else", () => {
  const reference = { start: 4, end: 5, url: "b", write: (url: string) => `<${url}>` };
  assertEquals(replaced("a = b;", [{ reference, url: "c" }]), "a = <c>;");
  assertEquals(replaced("a = b;", []), "a = b;");
});
