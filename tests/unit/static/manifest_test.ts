import { assertEquals, assertRejects } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { emptyManifest, formatManifest, manifestHash, parseManifest } from "../../../src/static/manifest.ts";

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

Deno.test("parseManifest() reads what formatManifest() writes, whose text does not depend on the order", async () => {
  const paths = new Map([["b", "b.1"], ["a", "a.1"]]);
  const manifest = {
    paths,
    stale: new Map([["a.0", 1000]]),
    hash: await manifestHash(paths),
    rules: "r",
    missing: ["a:1"],
  };
  const text = formatManifest(manifest, "1.1");
  assertEquals(await parseManifest(encode(text), "m.json"), manifest);
  assertEquals(formatManifest({ ...manifest, paths: new Map([...paths].reverse()) }, "1.1"), text);
  assertEquals(formatManifest(await emptyManifest(), "1.0"), '{"paths":{},"version":"1.0"}');
});

Deno.test("parseManifest() names the manifest and the value that is malformed", async () => {
  const wrong = {
    "{": "m.json",
    '{"version": "2.0"}': '"2.0"',
    '{"version": "1.1", "paths": {"a": 1}}': "1",
    '{"version": "1.1", "paths": {}, "stale": {"a": "never"}}': '"never"',
  };
  for (const [text, value] of Object.entries(wrong)) {
    const { message } = await assertRejects(() => parseManifest(encode(text), "m.json"), ConfigurationError);
    assertEquals([message.includes("'m.json'"), message.includes(value)], [true, true], message);
  }
});
