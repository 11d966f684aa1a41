import { assertEquals, assertRejects } from "@std/assert";
import { IntegrityError } from "../../../src/errors.ts";
import { checkedStream, md5Hex, md5OfStream, withHash, withoutHash } from "../../../src/static/hash.ts";
import { withImportMap } from "../../offline/import_map.ts";

const MD5 = "0123456789abcdef0123456789abcdef";

Deno.test("withHash() inserts the hash before the extension as defined by Python's splitext, and withoutHash() removes it", () => {
  const names = {
    "a.css": "a.0123456789ab.css",
    "d.d/base.css.map": "d.d/base.css.0123456789ab.map",
    "d.d/.htaccess": "d.d/.htaccess.0123456789ab",
    ".a.b": ".a.0123456789ab.b",
    "..x.y": "..x.0123456789ab.y",
    "a.b/c": "a.b/c.0123456789ab",
    "x.": "x.0123456789ab.",
    "...": "....0123456789ab",
  };
  for (const [name, hashed] of Object.entries(names)) {
    assertEquals(withHash(name, MD5), hashed);
    assertEquals(withoutHash(hashed), { name, hash: "0123456789ab" });
  }
  for (const name of ["a.css", "a.0123456789a.css", "a.0123456789AB.css", "0123456789ab.css"]) {
    assertEquals(withoutHash(name), undefined);
  }
});

Deno.test("md5OfStream() hashes all chunks, and checkedStream() fails if the hash differs", async () => {
  const bytes = new TextEncoder().encode("png\n");
  const stream = (): ReadableStream<Uint8Array> => ReadableStream.from([bytes.slice(0, 1), bytes.slice(1)]);
  const md5 = await md5Hex(bytes);
  assertEquals(md5.slice(0, 12), "eab3b89c707d");
  assertEquals(await md5OfStream(stream()), { md5, size: 4 });
  assertEquals(await Array.fromAsync(checkedStream(stream(), md5, "a")), [bytes.slice(0, 1), bytes.slice(1)]);
  await assertRejects(() => Array.fromAsync(checkedStream(stream(), MD5, "a")), IntegrityError, "'a' changed");
});

Deno.test("md5OfStream() hashes up to 64 MiB on a runtime without MD5 of streams", async () => {
  const module = new URL("../../../src/static/hash.ts", import.meta.url).href;
  const source = `process.getBuiltinModule = undefined;
    const { md5OfStream } = await import("${module}");
    const chunk = new Uint8Array(2 ** 20);
    async function* chunks(count) { for (let i = 0; i < count; i++) yield chunk; }
    console.log((await md5OfStream(chunks(2))).md5);
    console.log(await md5OfStream(chunks(65)).catch(({ name, message }) => name + ": " + message));`;
  const script = await Deno.makeTempFile({ suffix: ".js" });
  await Deno.writeTextFile(script, source);
  const args = await withImportMap(["run", "-A", "--no-lock", "--quiet", script]);
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stdin: "null" }).output();
  await Deno.remove(script);
  assertEquals(new TextDecoder().decode(stdout).trim().split("\n"), [
    "b2d1236c286a3c0704224fe4105eca49",
    "NotSupportedError: Cannot hash a file of more than 67108864 bytes (64 MiB): this runtime has no MD5 of streams",
  ]);
});
