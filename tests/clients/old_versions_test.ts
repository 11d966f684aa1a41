/** S3Storage on versions of runtimes that are too old: the real ones, from npm. */
import { assertEquals } from "@std/assert";
import { bundle } from "../runtimes/bundle.ts";
import { ENDING } from "../runtimes/ending.ts";
import { install, whyMissing } from "../runtimes/install.ts";

const LINE = new URL("../runtimes/node_line.mjs", import.meta.url).pathname;
const missing = await whyMissing(() => install("node", "20.8.1"));

async function printed(runtime: "bun" | "deno" | "node", version: string, options: string[] = []): Promise<string> {
  const program = await bundle("tests/runtimes/old_version.ts", "tests/.build/old_version.mjs");
  const args = [...options, program];
  const { stdout } = await new Deno.Command(await install(runtime, version), { args, signal: ENDING }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test({
  name: `new S3Storage() refuses versions that are too old, and names them${missing ? ` (${missing})` : ""}`,
  ignore: missing !== undefined,
  fn: async () => {
    const line =
      "must be 20.16, 22.3 or later, or first run process.getBuiltinModule ??= createRequire(import.meta.url)";
    for (
      const [runtime, version, expected, options] of [
        ["node", "20.8.1", "ConfigurationError: Cannot use Node 20.8.1: must be 20.9.0 or later"],
        ["node", "20.9.0", `ConfigurationError: Cannot use Node 20.9.0: ${line}`],
        ["node", "20.9.0", "made", [`--import=${LINE}`]],
        ["node", "22.2.0", `ConfigurationError: Cannot use Node 22.2.0: ${line}`],
        ["deno", "2.2.15", "ConfigurationError: Cannot use Deno 2.2.15: must be 2.3.0 or later", [
          "run",
          "-A",
          "--no-config",
          "--no-lock",
        ]],
        ["deno", "2.3.1", "made", ["run", "-A", "--no-config", "--no-lock"]],
        ["bun", "1.3.14", "ConfigurationError: Cannot use Bun 1.3.14: must be 1.4.3 or later"],
        ["bun", "1.4.5", "made"],
      ] as const
    ) assertEquals(await printed(runtime, version, [...options ?? []]), expected);
  },
});
