/** What users of other command lines expect, and what they get for a mistake. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { namesIn, onStage, recorded } from "./stage.ts";

Deno.test("cp copies several files into a folder, and several folders under their own names", async () => {
  await onStage(async ({ storage, s3, run, folder, write }) => {
    await write({ "a.txt": "a", "b.txt": "b", "one/x.txt": "x", "two/deep/y.txt": "y", "to/kept": "" });
    const files = await run(["cp", `${folder}/a.txt`, `${folder}/b.txt`, s3("in/")]);
    assertMatch(files.stdout, /^✓ 2 files copied/);
    const folders = await run(["cp", "-r", `${folder}/one`, `${folder}/two/`, `${folder}/a.txt`, s3("in/")]);
    assertEquals(folders.code, 0, folders.stderr);
    const names = ["in/a.txt", "in/b.txt", "in/one/x.txt", "in/two/deep/y.txt"];
    assertEquals(await namesIn(storage), names);
    const back = await run(["cp", s3("in/a.txt"), s3("in/b.txt"), `${folder}/to`]);
    assertEquals([back.code, await Deno.readTextFile(`${folder}/to/b.txt`)], [0, "b"]);
    const partial = await run(["cp", s3("in/no.txt"), s3("in/a.txt"), s3("out/")]);
    assertEquals([partial.code, await storage.exists("out/a.txt")], [1, true]);
    assertStringIncludes(partial.stderr, "in/no.txt: it does not exist");
    for (const argv of [[s3("in/a.txt"), s3("in/b.txt"), s3("out")], ["-", s3("a"), s3("out/")]]) {
      assertEquals((await run(["cp", ...argv])).code, 2, argv.join());
    }
  });
});

Deno.test("an object with the name of a folder is listed, removed and copied with it", async () => {
  await onStage(async ({ storage, s3, run, folder }) => {
    const fill = async (): Promise<void> => {
      for (const name of ["a", "a/b", "a/c/d"]) await storage.save(name, name);
    };
    await fill();
    const listed = await run(["ls", "-r", s3("a")]);
    assertEquals(listed.stdout.split("\n").map((line) => line.split("  ").at(-1)), ["a", "a/b", "a/c/d", ""]);
    assertEquals((await run(["ls", s3("a/")])).stdout.split("\n").length, 3); // the folder only
    assertEquals((await run(["cp", "-r", s3("a"), s3("z")])).code, 0);
    assertEquals((await namesIn(storage)).filter((name) => name.startsWith("z")), ["z", "z/b", "z/c/d"]);
    // On disk, and in another folder, the object has no place.
    for (const target of [`${folder}/out`, s3("other/")]) {
      const { code, stderr } = await run(["cp", "-r", s3("a"), target]);
      assertEquals(code, 1);
      assertStringIncludes(stderr, "Cannot copy the object s3://media/a beside its folder");
    }
    assertEquals(await Deno.readTextFile(`${folder}/out/c/d`), "a/c/d");
    assertMatch((await run(["rm", "-r", "--yes", s3("z")])).stdout, /^✓ 3 objects removed/);
    assertEquals((await run(["rm", "-r", "--yes", s3("a/")])).code, 0); // the folder only
    assertEquals((await namesIn(storage)).filter((name) => !name.startsWith("other")), ["a"]);
  });
});

Deno.test("rm counts what it removes, and says that a folder needs -r", async () => {
  await onStage(async ({ storage, s3, run }) => {
    await storage.save("docs/a.txt", "a");
    assertMatch((await run(["rm", "-f", s3("nothing")])).stdout, /0 objects removed/);
    assertMatch((await run(["rm", "-rf", "--yes", s3("nothing")])).stdout, /0 objects removed/);
    assertMatch((await run(["rm", "-f", s3("docs/a.txt")])).stdout, /1 object removed/);
    await storage.save("docs/a.txt", "a");
    const { code, stderr } = await run(["rm", s3("docs")]);
    assertEquals(code, 1);
    assertEquals(stderr, "error: Cannot remove s3://media/docs: it is a folder, add -r to remove all its objects\n");
  });
});

Deno.test("a file where a folder must be is reported before anything is copied", async () => {
  await onStage(async ({ storage, s3, run, folder, write }) => {
    await write({ file: "f", "src/a.txt": "a" });
    await storage.save("docs/a.txt", "a");
    const file = `${folder}/file`;
    for (
      const argv of [
        ["cp", s3("docs/a.txt"), `${file}/x`],
        ["cp", s3("docs/a.txt"), `${file}/`],
        ["cp", "-r", s3("docs"), file],
        ["cp", "-r", `${folder}/src`, file],
        ["collect", `${folder}/src`, "--to", file],
        ["collect", `${folder}/src`, "--to", `${file}/deep`, "--manifest"],
      ]
    ) {
      const { code, stdout, stderr } = await run(argv);
      assertEquals([code, stdout], [1, ""], stderr);
      assert(!/EEXIST|ENOTDIR/.test(stderr) && /a file/.test(stderr), stderr);
    }
  });
});

Deno.test("mistakes of the command line exit with 2, and not with 1", async () => {
  await onStage(async ({ s3, run, folder, write }) => {
    await write({ file: "f", "src/a.txt": "a" });
    const src = `${folder}/src`;
    for (
      const argv of [
        ...["cp", "ls", "rm", "url", "collect", "policy", "check", "cleanup"].map((name) => [name, ""]),
        ["collect", src, "", "--to", `${folder}/to`],
        ["cp", `${folder}/file`, ""],
        ["cp", `${folder}/file`, s3("q"), "--content-type", "a\nb"],
        ["cp", `${folder}/file`, s3("q"), "--cache-control", "\u0001"],
        ["ls", "s3://media?regio=x"],
        ["ls", "s3://"],
        ["ls", "s3://me dia/x"],
        ["ls", s3("", "?region=eu west")],
        ["ls", s3("", "?endpoint=x")],
        ["ls", s3("/a")],
        ["url", s3("")],
        ["collect", src, "--to", s3("x"), "--manifest", "--static-url", "https://x"],
        ["collect", src, "--to", s3("x"), "--unhashed", "sw.js"],
        ["collect", `${folder}/file`, "--to", s3("x")],
        ["help", "cp", "x"],
      ]
    ) {
      const { code, stdout, stderr } = await run(argv);
      assertEquals([code, stdout], [2, ""], `${argv.join(" ")}: ${stderr}`);
    }
  });
});

Deno.test("--version prints the version of the package", async () => {
  await onStage(async ({ run }) => {
    for (const option of ["--version", "-V"]) {
      assertEquals(await run([option]), { code: 0, stdout: `${config.version}\n`, stderr: "" });
    }
  });
});

Deno.test("commands and options of other programs get a hint", async () => {
  await onStage(async ({ run, s3 }) => {
    for (
      const [argv, advice] of [
        [["mv", "a", "b"], "copy with cp, then remove with rm"],
        [["sync", "a", "b"], "cp -r copies a folder"],
        [["presign", "a"], "url prints a signed URL"],
        [["url", s3("a"), "--expires", "7d"], "Did you mean --expires-in?"],
        [["ls", "-R", s3("a")], "Did you mean -r?"],
        [["rm", "-R", s3("a")], "Did you mean -r?"],
        [["cp", "--recursiv", "a", "b"], "Did you mean --recursive?"],
      ] as const
    ) {
      const { code, stderr } = await run(argv);
      assertEquals(code, 2);
      assertStringIncludes(stderr, advice);
    }
    assertMatch((await run(["ls", "--wrong"])).stderr, /^error: Unknown option '--wrong'\n/);
  });
});

Deno.test("help wraps at the width of the terminal, up to 100 columns", async () => {
  await onStage(async ({ run }) => {
    const longest = async (columns: number, isTerminal = true): Promise<number> => {
      let most = 0;
      for (const argv of [["--help"], ["collect", "--help"], ["cp", "--help"]]) {
        const { io, text } = recorded(isTerminal, () => columns);
        assertEquals((await run(argv, io)).code, 0);
        const lines = text.stdout.split("\n").filter((line) => !line.startsWith("  storages-s3 "));
        most = Math.max(most, ...lines.map((line) => line.length));
      }
      return most;
    };
    assert(await longest(60) <= 60);
    const wide = await longest(95);
    assert(wide > 85 && wide <= 95, String(wide));
    assert(await longest(300) <= 100);
    assert(await longest(300, false) <= 80);
  });
});

Deno.test("the progress of a dry run does not say that files are stored", async () => {
  await onStage(async ({ run, s3, folder, write }) => {
    await write(Object.fromEntries(Array.from({ length: 120 }, (_, i) => [`src/${i}.txt`, "x"])));
    const { code, stderr } = await run(["collect", `${folder}/src`, "--to", s3("x"), "-n", "--json"]);
    assertEquals(code, 0);
    assertMatch(stderr, /of 120 files, \d+ B to store/);
    assert(!stderr.includes("stored"), stderr);
  });
});
