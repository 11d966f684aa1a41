import { assertEquals } from "@std/assert";
import { matchesPieces, type Piece } from "../../../../src/kit/text/wildcards.ts";

function pieces(pattern: string): Piece[] {
  return [...pattern].map((one) => one === "*" ? one : (character) => one === "?" || one === character);
}

Deno.test("matchesPieces() matches the whole text", () => {
  const cases: [pattern: string, text: string, matches: boolean][] = [
    ["", "", true],
    ["", "a", false],
    ["*", "", true],
    ["a*", "a", true],
    ["a*b", "ab", true],
    ["a*b", "a b a b", true],
    ["a*b", "abc", false],
    ["*a*b*", "xaxbx", true],
    ["a?c", "abc", true],
    ["a?c", "ac", false],
    ["?", "😀", true],
    ["**a", "\na", true],
  ];
  for (const [pattern, text, matches] of cases) {
    assertEquals(matchesPieces(pieces(pattern), text), matches, `${pattern} ${text}`);
  }
});

Deno.test("matchesPieces() takes linear time, however many `*` the pattern has", () => {
  assertEquals(matchesPieces(pieces("*a".repeat(20) + "*b"), "a".repeat(100_000)), false);
});
