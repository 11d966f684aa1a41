import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { HashedFiles } from "../../../../src/static/hashed_files.ts";
import { circleNames } from "../../../../src/static/references/circle.ts";
import { linksOf } from "../../../../src/static/references/links.ts";
import { MemoryStorage } from "../../../../src/storage/mod.ts";

const { options } = new HashedFiles(new MemoryStorage());

function member(name: string, text: string): Parameters<typeof circleNames>[0][number] {
  return { name, text, links: linksOf(name, text, options).links };
}

Deno.test("circleNames() changes all names with any text and with any file outside, but not with the order", async () => {
  const [a, b] = [member("a.css", '@import "b.css";'), member("b.css", '@import "a.css"; c{d:url(e.png)}')];
  const stored = (name: string): string | undefined => name === "e.png" ? "e.0123456789ab.png" : undefined;
  const names = await circleNames([a, b], stored);
  assertEquals([...names.keys()], ["a.css", "b.css"]);
  assertMatch(names.get("a.css")!, /^a\.[0-9a-f]{12}\.css$/);
  assertEquals(new Map(await circleNames([b, a], stored)).get("a.css"), names.get("a.css"));
  const outside = await circleNames([a, b], () => "e.ba9876543210.png");
  const text = await circleNames([a, member("b.css", '@import "a.css";')], stored);
  for (const changed of [outside, text]) {
    for (const name of ["a.css", "b.css"]) assertNotEquals(changed.get(name), names.get(name));
  }
});
