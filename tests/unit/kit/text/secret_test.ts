import { assertEquals } from "@std/assert";
import { format, inspect } from "node:util";
import { Secret } from "../../../../src/kit/text/secret.ts";

const TEXT = "wJalrXUtnFEMI";
const secret = new Secret(TEXT);

Deno.test("Secret.reveal() returns the value", () => {
  assertEquals(secret.reveal(), TEXT);
});

const RENDERINGS: Readonly<Record<string, () => string>> = {
  "Deno.inspect": () => Deno.inspect({ secret }, { depth: Infinity, showHidden: true }),
  "node:util inspect": () => inspect({ secret }, { depth: Infinity, showHidden: true }),
  "node:util format": () => format("%s %o %j", secret, secret, secret),
  "JSON": () => JSON.stringify({ secret }),
  "String": () => String(secret),
  "a template": () => `${secret}`,
  "concatenation": () => "" + secret,
  "an array's join": () => [secret].join(),
  "Object.entries": () => JSON.stringify(Object.entries(secret)),
  "structuredClone": () => JSON.stringify(structuredClone({ ...secret })),
};

for (const [name, render] of Object.entries(RENDERINGS)) {
  Deno.test(`Secret is not shown by ${name}`, () => {
    assertEquals(render().includes(TEXT), false);
  });
}

Deno.test("Secret is asterisks as text and in JSON", () => {
  assertEquals([String(secret), JSON.stringify(secret)], ["******", '"******"']);
});
