/** S3Storage on versions of runtimes that are too old: the real ones, from npm. */
import { assertEquals } from "@std/assert";
import { bundle } from "../runtimes/bundle.ts";
import { ENDING } from "../runtimes/ending.ts";
import { install, whyMissing } from "../runtimes/install.ts";

const LINE = decodeURIComponent(new URL("../runtimes/node_line.mjs", import.meta.url).pathname);
const missing = await whyMissing(() => install("node", "20.8.1"));

async function printed(runtime: "bun" | "node", version: string, options: string[] = []): Promise<string> {
  const program = await bundle("tests/runtimes/old_version.ts", "tests/.build/old_version.mjs");
  const args = [...options, program];
  const { stdout } = await new Deno.Command(await install(runtime, version), { args, signal: ENDING }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test({
  name: `new S3Storage() refuses versions that are too old, and names them${missing ? ` (${missing})` : ""}`,
  ignore: missing !== undefined,
  fn: async () => {
    for (
      const [runtime, version, expected, options] of [
        ["node", "20.8.1", "ConfigurationError: Cannot use Node 20.8.1: must be 20.9.0 or later"],
        [
          "node",
          "20.9.0",
          "ConfigurationError: Cannot use Node 20.9.0: must be 20.16, 22.3 or later, or first run " +
          "process.getBuiltinModule ??= createRequire(import.meta.url)",
        ],
        ["node", "20.9.0", "made", [`--import=${LINE}`]],
        [
          "bun",
          "1.2.1",
          "ConfigurationError: Cannot use Bun 1.2.1: must be 1.2.6 or later, or first run " +
          "process.getBuiltinModule ??= createRequire(import.meta.url)",
        ],
        ["bun", "1.2.1", "made", [`--preload=${LINE}`]],
      ] as const
    ) assertEquals(await printed(runtime, version, [...options ?? []]), expected);
  },
});
