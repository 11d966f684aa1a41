import { assert, assertEquals } from "@std/assert";
import { PASSED_ON, redirectLeaks } from "./redirects.ts";
import { publishedSources, readSource } from "./source_files.ts";

Deno.test('every request is sent with redirect: "manual"', async () => {
  const leaks: string[] = [];
  // The test server sends no requests.
  const paths = (await publishedSources()).filter((path) => !path.startsWith("src/testing/"));
  for (const path of paths) leaks.push(...redirectLeaks(path, await readSource(path)));
  assertEquals(leaks, []);
});

Deno.test('requests that are passed on are created with redirect: "manual"', async () => {
  for (
    const path of [
      "src/client/exchange.ts",
      "src/credentials/endpoints/credential_request.ts",
      "src/cloudfront/invalidation/create_invalidation.ts",
      "src/cli/checkup.ts",
      "src/runtime/transport/configured_transport.ts",
    ]
  ) assert((await readSource(path)).includes('redirect: "manual"'), path);
  for (const path of await publishedSources()) assert(!/redirect: "(follow|error)"/.test(await readSource(path)), path);
});

Deno.test("every listed exception exists", async () => {
  for (const [path, calls] of Object.entries(PASSED_ON)) {
    const source = (await readSource(path)).replace(/\s/g, "");
    for (const call of calls) assert(source.includes(call.replace(/\s/g, "")), `${path}: ${call}`);
  }
});

Deno.test('redirectLeaks() reports calls without redirect: "manual"', () => {
  const broken = [
    "await fetch(url);",
    "const response = await fetch(new Request(url, { signal }), { signal });",
    "return await settings.fetch(request);",
    "const made = new Request(url, { method, headers });",
    "const { body } = await globalThis.fetch(url, init);",
  ];
  for (const source of broken) assert(redirectLeaks("src/a.ts", source).length > 0, source);
  const sound = [
    'await fetch(url, { redirect: "manual" });',
    'await context.fetch(new Request(url, { ...init, redirect: "manual" }));',
    "const source = await this.#fetch(start, end);",
    "interface A { fetch(url: string): Promise<Response>; }".replaceAll(" fetch", "\n  fetch"),
    "// fetch(url)",
    'const text = "fetch(url)";',
  ];
  for (const source of sound) assertEquals(redirectLeaks("src/a.ts", source), [], source);
});
