/** The command line as a program: on Deno directly, on Bun and Node as a bundle. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, RuntimeUnavailableError } from "../runtimes/install.ts";
import { folderOf, serveHeld } from "./held_server.ts";

/** The command to start it on each runtime, or the reason why it is not available. */
async function programs(): Promise<Record<string, readonly string[] | { readonly skipped: string }>> {
  const module = await bundle("src/cli/mod.ts", "tests/.build/cli.mjs", "deno");
  const bundled = async (path: () => Promise<string>): Promise<readonly string[] | { readonly skipped: string }> => {
    try {
      return [await path(), module];
    } catch (error) {
      if (error instanceof RuntimeUnavailableError) return { skipped: error.message };
      throw error;
    }
  };
  return {
    Deno: [Deno.execPath(), ...await withImportMap(["run", "-A", "--quiet", "src/cli/mod.ts"])],
    Bun: await bundled(bunPath),
    Node: await bundled(nodePath),
  };
}

function start(
  program: readonly string[],
  argv: readonly string[],
  options: Deno.CommandOptions = {},
): Deno.ChildProcess {
  const [command, ...args] = [...program, ...argv];
  return new Deno.Command(command!, {
    args,
    cwd: decodeURIComponent(ROOT.pathname),
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    ...options,
  }).spawn();
}

async function outcome(child: Deno.ChildProcess): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

for (const [runtime, found] of Object.entries(await programs())) {
  const program = "skipped" in found ? [] : found;
  const test = (name: string, fn: () => Promise<void>): void =>
    Deno.test({ name: "skipped" in found ? `${name} (${found.skipped})` : name, ignore: "skipped" in found, fn });

  test(`the command line on ${runtime} collects, copies and lists, in plain lines without a terminal`, async () => {
    const folder = await folderOf(120);
    try {
      await using server = serveHeld();
      const run = (...argv: string[]) => outcome(start(program, argv));
      const help = await run("--help");
      assertEquals([help.code, help.stderr], [0, ""]);
      assertStringIncludes(help.stdout, "storages-s3 COMMAND [ARGUMENTS]");
      const none = await run();
      assertEquals([none.code, none.stderr], [2, "error: Missing command\n  See: storages-s3 --help\n"]);

      const first = await run("collect", folder, "--to", server.place("static"), "--manifest", "--precompress", "br");
      assertEquals(first.code, 0, first.stderr);
      assertMatch(first.stdout, /^✓ 120 files stored, 0 unchanged, 120 hashed copies · 2\.7 kB in .*\n$/);
      assertMatch(
        first.stderr,
        /^warning: S3 sends Brotli .*\nCollecting .* → s3:\/\/media\/static\/\n {2}30 of 120 files, .*\n {2}60 of .*\n {2}90 of .*\n$/,
      );
      assert(![...`${first.stdout}${first.stderr}`].some((character) => character === "\x1b" || character === "\r"));
      const second = await run("collect", folder, "--to", server.place("static"), "--manifest", "--precompress", "br");
      assertMatch(second.stdout, /^✓ 0 files stored, 120 unchanged, 0 hashed copies · 0 B in/);

      const up = start(program, ["cp", "-", server.place("in.txt")], { stdin: "piped" });
      const writer = up.stdin.getWriter();
      await writer.write(new TextEncoder().encode("from standard input"));
      await writer.close();
      assertEquals((await outcome(up)).code, 0);
      assertEquals((await run("cp", server.place("in.txt"), "-")).stdout, "from standard input");
      assertEquals((await run("cp", "-r", server.place("static"), `${folder}/back`)).code, 0);
      assertEquals(await Deno.readTextFile(`${folder}/back/file-0007.txt`), "content 7\n");

      /** Closes the pipe early, as `head` does. */
      const cut = async (...argv: string[]): Promise<[code: number, stderr: string]> => {
        const child = start(program, argv);
        await child.stdout.cancel();
        const { code } = await child.status;
        return [code, new TextDecoder().decode(await new Response(child.stderr).bytes())];
      };
      assertEquals(await cut("ls", "-r", server.place("static")), [0, ""]);
      assertEquals(await cut("cp", server.place("static/staticfiles.json"), "-"), [0, ""]);
      // A closed pipe does not stop commands whose output is only a report.
      assertEquals(await cut("cp", "-r", "-v", folder, server.place("cut")), [0, ""]);
      const [code, said] = await cut("check", server.place("cut"));
      assertEquals([code, said.split("\n").length], [0, 2], said);
      const files = (await run("ls", "-r", folder)).stdout.trimEnd().split("\n");
      assertEquals((await server.names()).filter((name) => name.startsWith("cut/")).length, files.length);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  test(`an interrupted command line on ${runtime} exits with 130 and leaves no partial file`, async () => {
    const folder = await folderOf(1);
    try {
      await using server = serveHeld();
      await Deno.writeFile(`${folder}/large.bin`, new Uint8Array(40 * 1024 * 1024));
      server.hold(2); // parts of one upload
      const child = start(program, ["cp", `${folder}/large.bin`, server.place("large.bin")]);
      await server.held();
      child.kill("SIGINT");
      const { code, stdout, stderr } = await outcome(child);
      assertEquals([code, stdout, stderr], [
        130,
        "",
        "Stopped. No partial files were stored: run the command again to continue.\n",
      ]);
      assertEquals([await server.names(), await server.uploads()], [[], 0]);
      server.release();

      assertEquals((await outcome(start(program, ["cp", `${folder}/large.bin`, server.place("large.bin")]))).code, 0);
      server.hold(2, "GET"); // ranges of one download
      await Deno.mkdir(`${folder}/down`);
      const down = start(program, ["cp", server.place("large.bin"), `${folder}/down/large.bin`]);
      await server.held();
      down.kill("SIGINT");
      assertEquals((await outcome(down)).code, 130);
      assertEquals(await Array.fromAsync(Deno.readDir(`${folder}/down`)), []);
      server.release();

      const waiting = start(program, ["cp", "-", server.place("in.txt")], { stdin: "piped" });
      const writer = waiting.stdin.getWriter();
      await writer.write(new Uint8Array(9 * 1024 * 1024)); // more than a part, so that the upload has started when this is written
      await writer.write(new Uint8Array(1024));
      waiting.kill("SIGINT");
      assertEquals((await outcome(waiting)).code, 130);
      await writer.close().catch(() => {});
      assertEquals([await server.names(), await server.uploads()], [["large.bin"], 0]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
