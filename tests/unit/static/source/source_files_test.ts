import { assertEquals } from "@std/assert";
import { HashedFiles } from "../../../../src/static/hashed_files.ts";
import { SourceFiles } from "../../../../src/static/source/source_files.ts";
import { MemoryStorage } from "../../../../src/storage/mod.ts";
import { source } from "../stage.ts";

const { signal } = new AbortController();

Deno.test("SourceFiles takes the first file of a name, and no reserved or ignored ones", async () => {
  const warned: string[] = [];
  const to = new MemoryStorage();
  const from = [
    source({ "a.css": "1", ".hidden": "", "staticfiles.json": "{}" }),
    source({ "a.css": "22", ".pending-invalidation/x.json": "" }),
  ];
  const onProgress = ({ kind, name }: { kind: string; name: string }): void => {
    if (kind === "warning") warned.push(name);
  };
  const sources = new SourceFiles({ from, storage: to, ignore: [".hidden"], onProgress }, new HashedFiles(to));
  await sources.find(signal);
  assertEquals([...sources.files.values()].map(({ name, size }) => [name, size]), [["a.css", 1]]);
  assertEquals(warned, ["staticfiles.json", "a.css", ".pending-invalidation/x.json"]);
  assertEquals([sources.isSkipped(".hidden"), sources.isSkipped("a.css"), sources.folders], [true, false, []]);
});

Deno.test("SourceFiles skips what is below a link that it does not follow", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.symlink("missing", `${folder}/link`);
    const sources = new SourceFiles({ from: folder, storage: new MemoryStorage() }, undefined);
    await sources.find(signal);
    assertEquals([sources.files.size, sources.skippedLinks, sources.folders], [0, ["link"], [folder]]);
    assertEquals(["link", "link/a", "links"].map((name) => sources.isSkipped(name)), [true, true, false]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
