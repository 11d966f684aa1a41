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

Deno.test("SourceFiles converts names to a Unicode form, and still reads the file of the folder", async () => {
  const folder = await Deno.makeTempDir();
  const [decomposed, composed] = ["cafe\u0301.css", "caf\u00e9.css"];
  try {
    await Deno.writeTextFile(`${folder}/${decomposed}`, "hello");
    await Deno.symlink("missing", `${folder}/link-e\u0301`);
    const find = async (normalization: "NFC" | undefined): Promise<SourceFiles> => {
      const from = [folder, source({ [composed]: "later" })];
      const sources = new SourceFiles({ from, storage: new MemoryStorage(), normalization }, undefined);
      await sources.find(signal);
      return sources;
    };
    assertEquals([...(await find(undefined)).files.keys()], [decomposed, composed]);
    const sources = await find("NFC");
    const [file] = [...sources.files.values()];
    assertEquals([[...sources.files.keys()], file!.name, file!.size], [[composed], composed, 5]);
    assertEquals(new TextDecoder().decode(await file!.bytes!()), "hello");
    assertEquals(await new Response(await file!.stream() as ReadableStream<Uint8Array<ArrayBuffer>>).text(), "hello");
    assertEquals(sources.isSkipped("link-\u00e9/a.css"), true);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
