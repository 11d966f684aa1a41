/** Sources of Bun and Node are stored completely, or not at all. */
import { assert, assertEquals } from "@std/assert";
import { bundle } from "../runtimes/bundle.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";

/** More than the buffer of a pipe, and than a part of an upload. */
const PIPED_BYTES = 20_000_000;

/** The stored bytes of each source; a text is the error and the state of the old file. */
const STORED: Readonly<Record<string, Readonly<Record<string, number | string>>>> = {
  node: {
    "a stream of Node": 100_000,
    "a stream of Node that was read to its end": "TypeError, and kept",
    "a stream of Node of a missing file": "ENOENT, and kept",
    "openAsBlob": 100_000,
    "openAsBlob of a file that shrank": "NotReadableError, and kept",
    "standard input": PIPED_BYTES,
  },
  bun: {
    "a stream of Node": 100_000,
    "a stream of Node that was read to its end": "TypeError, and kept",
    "a stream of Node of a missing file": "ENOENT, and kept",
    "Bun.file": 100_000,
    "Bun.file of a missing file": "ENOENT, and kept",
    "Bun.file of a folder": "EISDIR, and kept",
    "Bun.file of an empty file": 0,
    "Bun.file of a file that shrank": 4,
    "a named pipe": PIPED_BYTES,
    "standard input": PIPED_BYTES,
    "a file of Bun.S3Client": 12_345,
    "a file of Bun.S3Client that is not there": "NoSuchKey, and kept",
  },
};

async function pipeInto(stream: WritableStream<Uint8Array>): Promise<void> {
  const writer = stream.getWriter();
  for (let sent = 0; sent < PIPED_BYTES; sent += 100_000) await writer.write(new Uint8Array(100_000));
  await writer.close();
}

const COMMANDS = { node: "node", bun: Deno.env.get("BUN") };

for (const [runtime, command] of Object.entries(COMMANDS)) {
  Deno.test({
    name: `save() of the sources of ${runtime} stores all of them, or leaves the file as it was`,
    ignore: command === undefined,
    fn: async () => {
      const script = await bundle("tests/clients/source_probe.ts", "tests/.build/source_probe.js", "deno");
      const folder = await Deno.makeTempDir({ prefix: "storages-test-" });
      try {
        await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
        const child = new Deno.Command(command!, {
          args: [script, folder],
          stdin: "piped",
          stdout: "piped",
          stderr: "inherit",
        }).spawn();
        const feeding = pipeInto(child.stdin).catch(() => {}); // the save may have failed before reading
        const feeder = runtime === "bun"
          ? new Deno.Command("sh", { args: ["-c", `head -c ${PIPED_BYTES} /dev/zero > "${folder}/pipe"`] }).spawn()
          : undefined;
        const { code, stdout } = await child.output();
        await feeding;
        if (code !== 0) feeder?.kill();
        await feeder?.status;
        const line = new TextDecoder().decode(stdout).split("\n").find((line) => line.startsWith(RESULTS_MARKER));
        assertEquals(code, 0);
        const results = JSON.parse(line!.slice(RESULTS_MARKER.length)) as { name: string; stored: number | string }[];
        const stored = Object.fromEntries(results.map(({ name, stored }) => [name, stored]));
        const { "Bun.file of /proc": proc, ...others } = stored;
        assertEquals(others, STORED[runtime]);
        if (runtime === "bun") assert(Number(proc) > 100, `${proc}`);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}
