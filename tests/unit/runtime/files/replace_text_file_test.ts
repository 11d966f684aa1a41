import { assertEquals } from "@std/assert";
import { replaceTextFile } from "../../../../src/runtime/files/replace_text_file.ts";

const MODULE = new URL("../../../../src/runtime/files/replace_text_file.ts", import.meta.url).href;

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const namesIn = async (folder: string): Promise<string[]> =>
  (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name).sort();

Deno.test("replaceTextFile() replaces a file, readable by its owner only, and leaves no other file", () =>
  inFolder(async (folder) => {
    const path = `${folder}/token.json`;
    await Deno.writeTextFile(path, "a longer text than the new one", { mode: 0o644 });
    assertEquals(await replaceTextFile(path, "new"), true);
    assertEquals(await Deno.readTextFile(path), "new");
    if (Deno.build.os !== "windows") assertEquals((await Deno.stat(path)).mode! & 0o777, 0o600);
    assertEquals(await namesIn(folder), ["token.json"]);
  }));

Deno.test("replaceTextFile() does nothing where it cannot write, and leaves no file", () =>
  inFolder(async (folder) => {
    assertEquals(await replaceTextFile(`${folder}/missing/token.json`, "new"), false);
    await Deno.mkdir(`${folder}/taken`);
    assertEquals(await replaceTextFile(`${folder}/taken`, "new"), false);
    assertEquals(await namesIn(folder), ["taken"]);
  }));

Deno.test("replaceTextFile() does nothing without Deno's permissions, and shows no prompt", () =>
  inFolder(async (folder) => {
    const path = `${folder}/token.json`;
    await Deno.writeTextFile(path, "old");
    await Deno.writeTextFile(
      `${folder}/script.ts`,
      `import { replaceTextFile } from ${JSON.stringify(MODULE)};
       console.log(await replaceTextFile(Deno.args[0], "new"));`,
    );
    const run = async (...permissions: string[]): Promise<string> => {
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-config", ...permissions, `${folder}/script.ts`, path],
        env: { NO_COLOR: "1" },
        stdin: "null",
      }).output();
      const text = new TextDecoder();
      return (text.decode(stdout) + text.decode(stderr)).trim();
    };
    assertEquals(await run(), "false");
    assertEquals(await run(`--allow-write=${path}`), "false");
    assertEquals(await run(`--allow-write=${folder}`), "false");
    assertEquals(await Deno.readTextFile(path), "old");
    assertEquals(await namesIn(folder), ["script.ts", "token.json"]);
    assertEquals(await run(`--allow-write=${folder}`, `--allow-read=${folder}`), "true");
    assertEquals(await Deno.readTextFile(path), "new");
  }));
