/** The command line in terminals of tmux, with 80 and 120 columns. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { width } from "../../src/cli/output/format.ts";
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { folderOf, serveHeld } from "./held_server.ts";

/** How long the terminal may take to show something, on a busy machine. */
const LIMIT_MILLISECONDS = 240_000;

const hasTmux = await new Deno.Command("tmux", { args: ["-V"], stdout: "null", stderr: "null" }).output()
  .then(({ success }) => success, () => false);

/** A terminal of tmux. */
class Terminal implements AsyncDisposable {
  readonly #socket = `storages-${crypto.randomUUID()}`;

  async open(columns: number, command: readonly string[]): Promise<void> {
    const line = command.map((part) => `'${part.replaceAll("'", `'\\''`)}'`).join(" ");
    const script = `env -u CI -u NO_COLOR ${line}; echo "exit $?"; exec sleep 600`;
    await this.tmux("-f", "/dev/null", "new-session", "-d", "-x", String(columns), "-y", "40", script);
  }

  async tmux(...args: string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command("tmux", {
      args: ["-u", "-L", this.#socket, ...args],
      cwd: decodeURIComponent(ROOT.pathname),
      stdin: "null",
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout);
  }

  /** The rows of the terminal, without empty rows at its end. */
  async rows(): Promise<string[]> {
    return (await this.tmux("capture-pane", "-p")).trimEnd().split("\n");
  }

  /** Waits until the rows fulfil a condition. */
  async until(isExpected: (rows: readonly string[]) => boolean): Promise<string[]> {
    for (const end = Date.now() + LIMIT_MILLISECONDS;;) {
      const rows = await this.rows();
      if (isExpected(rows)) return rows;
      if (Date.now() > end) throw new Error(`Timed out waiting for the terminal, which shows:\n${rows.join("\n")}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async isCursorShown(): Promise<boolean> {
    return (await this.tmux("display-message", "-p", "#{cursor_flag}")).trim() === "1";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.tmux("kill-server");
  }
}

async function cli(...argv: string[]): Promise<string[]> {
  return [Deno.execPath(), ...await withImportMap(["run", "-A", "--quiet", "src/cli/mod.ts"]), ...argv];
}

const includes = (text: string) => (rows: readonly string[]): boolean => rows.some((row) => row.includes(text));

for (const columns of [80, 120]) {
  Deno.test({
    name: `collect shows one progress line and its summary at ${columns} columns${
      hasTmux ? "" : " (tmux is not installed)"
    }`,
    ignore: !hasTmux,
    fn: async () => {
      const folder = await folderOf(60);
      try {
        await using server = serveHeld();
        await using terminal = new Terminal();
        server.hold(24);
        await terminal.open(
          columns,
          await cli("collect", folder, "--to", server.place("static"), "--manifest", "--concurrency", "6"),
        );
        const under = await terminal.until((rows) => rows.some((row) => /━.* of 60 files/.test(row)));
        assert(!await terminal.isCursorShown());
        const [bar] = under.slice(-1);
        assert(width(bar!) < columns, bar);
        assert(bar!.match(/[━╸─]/g)!.length >= (columns === 80 ? 30 : 40), bar);
        assertEquals(under.filter((row) => row.includes("of 60 files")).length, 1);

        // Narrower: the line drawn before takes two rows then, and both must be erased.
        await terminal.tmux("resize-window", "-x", "40");
        await terminal.until((rows) =>
          rows.some((row) => /^[━╸─ ]*\d+ of 60 files/.test(row)) && rows.at(-1)!.includes("of 60")
        );
        await terminal.tmux("resize-window", "-x", String(columns));
        await terminal.until((rows) => rows.filter((row) => row.includes("of 60 files")).length === 1);

        server.release();
        const rows = await terminal.until(includes("exit "));
        assertEquals(rows.at(-1), "exit 0");
        assertStringIncludes(rows.at(-2)!, "✓ 60 files stored, 0 unchanged, 60 hashed copies · ");
        assertEquals(rows.filter((row) => row.includes("━")), []);
        assert(await terminal.isCursorShown());
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

Deno.test({
  name: `Ctrl-C stops collect without partial files, and the next run continues${
    hasTmux ? "" : " (tmux is not installed)"
  }`,
  ignore: !hasTmux,
  fn: async () => {
    const folder = await folderOf(40);
    try {
      await using server = serveHeld();
      const argv = await cli("collect", folder, "--to", server.place("static"), "--manifest");
      server.hold(20);
      {
        await using terminal = new Terminal();
        await terminal.open(80, argv);
        await terminal.until((rows) => rows.some((row) => /of 40 files/.test(row)));
        await terminal.tmux("send-keys", "C-c");
        const rows = await terminal.until(includes("exit "));
        assertEquals(rows.slice(-2), [
          "Stopped. No partial files were stored: run the command again to continue.",
          "exit 130",
        ]);
        assert(await terminal.isCursorShown());
      }
      const stored = await server.names();
      assert(stored.length > 0 && !stored.includes("static/staticfiles.json"), `${stored.length} files are stored`);
      server.release();
      await using terminal = new Terminal();
      await terminal.open(80, argv);
      const rows = await terminal.until(includes("exit "));
      assertEquals(rows.at(-1), "exit 0");
      assertEquals((await server.names()).length, 81);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: `collect --clear reads its confirmation from the terminal${hasTmux ? "" : " (tmux is not installed)"}`,
  ignore: !hasTmux,
  fn: async () => {
    const folder = await folderOf(3);
    try {
      await using server = serveHeld();
      const argv = await cli("collect", folder, "--to", server.place("static"), "--clear");
      const no = ["error: Nothing was changed.", "exit 1"] as const;
      for (const [keys, last] of [[["n", "Enter"], no], [["C-d"], no], [["y", "Enter"], undefined]] as const) {
        await using terminal = new Terminal();
        await terminal.open(80, argv);
        await terminal.until(includes("Store 3 files in s3://media/static/? [y/N]"));
        await terminal.tmux("send-keys", ...keys);
        const rows = await terminal.until(includes("exit "));
        if (last !== undefined) assertEquals(rows.slice(-2), [...last]);
        else assertStringIncludes(rows.at(-2)!, "✓ 3 files stored");
      }
      await using terminal = new Terminal();
      await terminal.open(80, argv);
      await terminal.until(includes("[y/N]"));
      await terminal.tmux("send-keys", "C-c");
      assertEquals((await terminal.until(includes("exit "))).at(-1), "exit 130");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
