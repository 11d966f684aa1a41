import { assertEquals, assertRejects } from "@std/assert";
import { PreconditionFailedError } from "../../../src/errors.ts";
import { Responder } from "../../../src/serve/responder.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";

function respond(storage: MemoryStorage, headers: HeadersInit = {}, method = "GET"): Promise<Response> {
  const request = new Request("https://example.com/a.txt", { method, headers });
  return new Responder(request, storage, "a.txt", {}).respond();
}

Deno.test("Responder sends the file, a part of it, or its headers", async () => {
  const storage = new MemoryStorage();
  await storage.save("a.txt", "storage contents");
  assertEquals(await (await respond(storage)).text(), "storage contents");
  const part = await respond(storage, { range: "bytes=-8" });
  assertEquals([part.status, await part.text()], [206, "contents"]);
  const head = await respond(storage, {}, "HEAD");
  assertEquals([head.headers.get("content-length"), await head.text()], ["16", ""]);
  assertEquals((await respond(storage, { range: "bytes=99-" })).status, 416);
});

Deno.test("Responder stops after five attempts at a file that changes each time", async () => {
  const storage = new MemoryStorage();
  await storage.save("a.txt", "0");
  let opened = 0;
  const open = storage.open.bind(storage);
  storage.open = (async (...args: Parameters<typeof open>) => {
    await storage.save("a.txt", "x".repeat(++opened + 1));
    return await open(...args);
  }) as typeof storage.open;
  const error = await assertRejects(() => respond(storage, { range: "bytes=-1" }), PreconditionFailedError);
  assertEquals([opened, error.message.includes("a.txt")], [5, true]);
});
