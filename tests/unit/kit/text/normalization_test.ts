import { assertEquals } from "@std/assert";
import { NORMALIZATIONS, normalized } from "../../../../src/kit/text/normalization.ts";

Deno.test("normalized() converts a text to each form, and keeps it without one", () => {
  const text = "e\u0301 \u00e9 \ufb01";
  const forms = NORMALIZATIONS.map((form) => normalized(text, form as "NFC"));
  assertEquals(forms, ["\u00e9 \u00e9 \ufb01", "e\u0301 e\u0301 \ufb01", "\u00e9 \u00e9 fi", "e\u0301 e\u0301 fi"]);
  assertEquals(normalized(text, undefined), text);
});
