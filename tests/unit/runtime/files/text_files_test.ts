import { assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../../src/errors.ts";
import { readTextFile } from "../../../../src/runtime/files/text_files.ts";
import { readTextFileSync } from "../../../../src/runtime/files/text_files.ts";

const LIMIT = 4 * 1024 * 1024;

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readTextFile() reads files and links to them, and returns undefined for anything else", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a`, "hällo");
    await Deno.symlink("a", `${folder}/link`);
    for (const path of [`${folder}/a`, `${folder}/link`]) {
      assertEquals([readTextFileSync(path), await readTextFile(path)], ["hällo", "hällo"]);
    }
    // A device has no end, and a pipe may have no writer.
    await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
    for (const path of [`${folder}/none`, folder, "/dev/zero", `${folder}/pipe`]) {
      assertEquals([readTextFileSync(path), await readTextFile(path)], [undefined, undefined]);
    }
  }));

Deno.test("readTextFile() throws for a file larger than 4 MiB", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/a`, "x".repeat(LIMIT));
    assertEquals(readTextFileSync(`${folder}/a`)!.length, LIMIT);
    // A sparse file: reading it would take terabytes.
    const file = await Deno.open(`${folder}/b`, { create: true, write: true });
    await file.truncate(2 ** 42);
    file.close();
    const message = assertThrows(() => readTextFileSync(`${folder}/b`), ConfigurationError).message;
    assertStringIncludes(message, `Cannot read '${folder}/b': it is larger than 4 MiB`);
    await assertRejects(() => readTextFile(`${folder}/b`), ConfigurationError, "is larger than 4 MiB");
  }));

Deno.test("readTextFile() does not read a path that begins with ~ in the working directory", () =>
  inFolder(async (folder) => {
    const before = Deno.cwd();
    for (const name of ["~", "~bob"]) {
      await Deno.mkdir(`${folder}/${name}`);
      await Deno.writeTextFile(`${folder}/${name}/a`, "planted");
    }
    Deno.chdir(folder);
    try {
      for (const path of ["~/a", "~bob/a"]) {
        assertEquals([readTextFileSync(path), await readTextFile(path)], [undefined, undefined]);
        assertEquals(readTextFileSync(`./${path}`), "planted");
      }
    } finally {
      Deno.chdir(before);
    }
  }));
