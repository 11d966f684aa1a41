import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { walkFolder } from "../../../src/runtime/folder.ts";

async function names(folder: string, nowhere: string[] = []): Promise<string[]> {
  const files = walkFolder(folder, () => false, (name) => void nowhere.push(name));
  return (await Array.fromAsync(files)).map(({ name }) => name);
}

Deno.test("links in a folder are followed, but not in circles, and not where they lead nowhere", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/docs`);
    await Deno.writeTextFile(`${folder}/docs/a.txt`, "a");
    for (
      const [target, link] of [["docs", "same"], ["docs/a.txt", "b.txt"], ["..", "docs/up"], ["gone", "c"], ["d", "d"]]
    ) await Deno.symlink(target!, `${folder}/${link}`);
    const nowhere: string[] = [];
    assertEquals(await names(folder, nowhere), ["b.txt", "docs/a.txt", "same/a.txt"]);
    assertEquals(nowhere, ["c", "d"]);
    assertEquals(await names(`${folder}/`), await names(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a file whose name no storage can have is an error, but where it is left out", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const touch = new Deno.Command("bash", { args: ["-c", `cd "$0" && touch good.txt $'bad\\xff.txt'`, folder] });
    assert((await touch.output()).success);
    await assertRejects(() => names(folder), ConfigurationError, "bad\ufffd.txt: its name is no UTF-8");
    const others = walkFolder(folder, (name) => name.startsWith("ba"), () => {});
    assertEquals((await Array.fromAsync(others)).map(({ name }) => name), ["good.txt"]);
    await assertRejects(() => names(`${folder}/nope`), ConfigurationError, "There is no folder");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
