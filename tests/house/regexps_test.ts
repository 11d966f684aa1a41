import { assertEquals, assertNotEquals } from "@std/assert";
import { findRegExps, findSlowText } from "./regexps.ts";
import { publishedSources, readSource } from "./source_files.ts";

/** Expressions that are built from variables, by their sources. */
const OF_VARIABLES: Readonly<Record<string, RegExp>> = {
  "src/testing/forms/multipart_form.ts": /^content-disposition:.*?;\s*filename=(?:"([^"]*)"|([^;\s]*))/im,
};

/** A copy of another expression, which is also found. */
const COPIES: readonly string[] = ["new RegExp(MARKUP)"];

Deno.test("no regular expression in src takes 50 ms for 100 KB of adversarial text", async (t) => {
  const ofVariables: string[] = [];
  for (const path of await publishedSources()) {
    const regexps = findRegExps(path, await readSource(path)).filter(({ text }) => !COPIES.includes(text));
    if (regexps.length === 0) continue;
    if (regexps.some(({ regexp }) => regexp === undefined)) ofVariables.push(path);
    await t.step(`${path}: ${regexps.map(({ text }) => text).join(" ")}`, () => {
      const slow = regexps.map(({ regexp, text }) => ({ text, attack: findSlowText(regexp ?? OF_VARIABLES[path]!) }));
      assertEquals(slow.filter(({ attack }) => attack !== undefined), []);
    });
  }
  assertEquals(ofVariables, Object.keys(OF_VARIABLES));
});

Deno.test("findSlowText() finds texts for expressions of quadratic time and worse", () => {
  const slow = [
    /\/+$/,
    /(?<=.)[/\\]+$/,
    /\d+$/,
    /^\s*(?:import|export)\b/m,
    /(\w:\/+)[^\s"]*@/g,
    /([?&][^=&\s"]+=)[^&\s")]*/g,
    /-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs,
    /-----BEGIN ([A-Z0-9 ]+)-----([^]*?)-----END/g,
    /^(?:.*?(us-gov-).*|.*)(?<=^|\.)(amazonaws\.(?:eu|com(?:\.cn)?))$/,
    /^s3:\/\/(?:([^/?#]*)@)?(arn:[^/?#]*:accesspoint\/[^/?#]+|[^/?#]*)(?:\/([^?#]*))?$/,
    /^(a|a)*$/,
  ];
  for (const regexp of slow) assertNotEquals(findSlowText(regexp), undefined, String(regexp));
  for (const regexp of [/^[\w.-]+$/, /\s+/g, /^(.*)\.([0-9a-f]{12})(\.[^./]*)?$/s]) {
    assertEquals(findSlowText(regexp), undefined, String(regexp));
  }
});

Deno.test("findRegExps() finds literals and `new RegExp()`, and nothing in comments or strings", () => {
  const source = '// /a/\nconst a = "/b/", c = 6 / 2 / 1, d = /e/g, f = new RegExp("g" + "h", "i"), j = new RegExp(a);';
  assertEquals(findRegExps("a.ts", source).map(({ regexp }) => String(regexp)), ["/e/g", "/gh/i", "undefined"]);
});
