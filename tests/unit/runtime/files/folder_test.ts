import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import * as fs from "node:fs";
import { ConfigurationError, SuspiciousNameError } from "../../../../src/errors.ts";
import { Folder } from "../../../../src/runtime/files/folder.ts";
import type { FollowLinks } from "../../../../src/runtime/files/links.ts";
import { FOUND, makeLinks } from "../../../conformance/link_cases.ts";

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "storages-folder-" });
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function found(folder: Folder, skips = (_name: string): boolean => false): Promise<[string[], string[]]> {
  const links: string[] = [];
  const onLink = (name: string, problem: string): void => void links.push(`${name} ${problem}`);
  return [(await Array.fromAsync(folder.walk({ skips, onLink }))).map(({ name }) => name), links];
}

Deno.test("Folder.walk() follows links by the rule, never in circles, and reports why it skips others", () =>
  inFolder(async (around) => {
    makeLinks(fs, around);
    for (const rule of ["never", "inside", "anywhere"] as const) {
      for (const path of ["site", "site/", "linked-site", "linked-site//"]) {
        const folder = new Folder(`${around}/${path}`, rule);
        const [names, links] = await found(folder, (name) => rule === "anywhere" && name === "above");
        assertEquals(names.sort(), FOUND[rule].names);
        assertEquals(links.map((link) => link.split(" ")[0]).sort(), FOUND[rule].leftOut);
        const reasons = { never: { link: 16 }, inside: { outside: 6, dangling: 2 }, anywhere: { dangling: 2 } }[rule];
        for (const [reason, count] of Object.entries(reasons)) {
          assertEquals(links.filter((link) => link.endsWith(` ${reason}`)).length, count, reason);
        }
      }
    }
  }));

/** Ways to replace a file that was checked, or a folder above it, with a link. */
const SWAPS: Readonly<Record<string, (around: string) => void>> = {
  "the file": (around) => {
    fs.rmSync(`${around}/site/docs/b.txt`);
    fs.symlinkSync(`${around}/outside/b.txt`, `${around}/site/docs/b.txt`);
  },
  "its folder": (around) => {
    fs.renameSync(`${around}/site/docs`, `${around}/site/docs-before`);
    fs.symlinkSync("../outside", `${around}/site/docs`);
  },
};

for (const [what, swap] of Object.entries(SWAPS)) {
  for (const size of [5, 100_000]) {
    Deno.test(`Folder refuses to read ${size} bytes through a link that replaced ${what}`, () =>
      inFolder(async (around) => {
        makeLinks(fs, around);
        fs.writeFileSync(`${around}/site/docs/b.txt`, "a".repeat(size));
        fs.writeFileSync(`${around}/outside/b.txt`, "s".repeat(size));
        const folder = new Folder(`${around}/site`, "inside");
        const file = { name: "docs/b.txt", size };
        const read = (): Promise<Uint8Array> => folder.readBytes(file, 1e6, () => new Error("too large"));
        assertEquals((await read()).byteLength, size);
        swap(around);
        await assertRejects(read, SuspiciousNameError, "denied: a link leads out of the folder");
        await assertRejects(() => folder.openBytes(file.name), SuspiciousNameError);
        assertEquals((await new Folder(`${around}/site`, "anywhere").readBytes(file, 1e6, () => new Error()))[0], 115);
      }));
  }
}

Deno.test("Folder shows no permission prompt, and detects links out of it without all permissions", () =>
  inFolder(async (around) => {
    makeLinks(fs, around);
    const module = new URL("../../../../src/runtime/files/folder.ts", import.meta.url).href;
    const source = `import * as fs from "node:fs";
      const { Folder } = await import("${module}");
      const folder = new Folder(Deno.args[0], "inside");
      const names = [];
      for await (const { name } of folder.walk({ skips: () => false, onLink: () => {} })) names.push(name);
      const read = async () => new TextDecoder().decode(await folder.readBytes({ name: "a.txt", size: 5 }, 9, Error));
      const before = await read();
      fs.rmSync(Deno.args[0] + "/a.txt");
      fs.symlinkSync("../outside/secret.txt", Deno.args[0] + "/a.txt");
      console.log(JSON.stringify([names.length, before, await read().catch(({ name }) => name)]));`;
    await Deno.writeTextFile(`${around}/probe.js`, source);
    const code = module.slice("file://".length).replace(/src\/.*/, "");
    // Deno requires these permissions to create a link.
    for (const permissions of [["--allow-read", "--allow-write"], ["-A"]]) {
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-prompt", ...permissions, `${around}/probe.js`, `${around}/site`],
        stdin: "null",
      }).output();
      const text = new TextDecoder().decode(stdout);
      const expected = [FOUND.inside.names.length, "a.txt", "SuspiciousNameError"];
      assertEquals(text === "" ? new TextDecoder().decode(stderr) : JSON.parse(text), expected);
      fs.rmSync(`${around}/site/a.txt`);
      fs.writeFileSync(`${around}/site/a.txt`, "a.txt");
    }
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", `--allow-read=${code},${around}/probe.js`, `${around}/probe.js`, `${around}/site`],
      stdin: "null",
    }).output();
    assertStringIncludes(new TextDecoder().decode(stderr), `run with --allow-read=${around}/site`);
  }));

Deno.test("Folder.readBytes() reads a file that has grown or shrunk, up to the limit", () =>
  inFolder(async (around) => {
    const folder = new Folder(around, "inside");
    const tooLarge = (): Error => new RangeError("more than the limit");
    for (const [now, size] of [[0, 0], [0, 5], [3, 5], [9, 5], [70_000, 5], [5, 70_000], [200_000, 70_000]] as const) {
      await Deno.writeFile(`${around}/a`, new Uint8Array(now));
      assertEquals((await folder.readBytes({ name: "a", size }, 200_000, tooLarge)).byteLength, now);
      const short = (): Promise<Uint8Array> => folder.readBytes({ name: "a", size }, Math.max(now, size) - 1, tooLarge);
      if (now + size > 0) await assertRejects(short, RangeError, "more than the limit");
    }
  }));

Deno.test("Folder.walk() throws for a name that is not valid UTF-8, unless it is skipped", () =>
  inFolder(async (around) => {
    const touch = new Deno.Command("bash", { args: ["-c", `cd "$0" && touch good.txt $'bad\\xff.txt'`, around] });
    assert((await touch.output()).success);
    const folder = new Folder(around, "inside");
    for (const rule of ["never", "inside", "anywhere"] satisfies FollowLinks[]) {
      await assertRejects(
        () => found(new Folder(around, rule)),
        ConfigurationError,
        "File name is not valid UTF-8: ",
      );
    }
    assertEquals((await found(folder, (name) => name.startsWith("ba")))[0], ["good.txt"]);
    assertThrows(() => new Folder(`${around}/nope`, "inside"), ConfigurationError, "Folder does not exist");
  }));
