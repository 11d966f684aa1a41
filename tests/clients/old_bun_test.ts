/** Bun up to 1.3.14, whose Request sends other bytes than those of a sliced Blob. */
import { assertEquals } from "@std/assert";
import { bundle } from "../runtimes/bundle.ts";
import { lifetime } from "../runtimes/ending.ts";
import { npmPackages } from "./npm_packages.ts";

/** The package with the binary for Linux. */
const PACKAGE = "@oven/bun-linux-x64";
const isThisMachine = `${Deno.build.os}-${Deno.build.arch}` === "linux-x86_64";
const modules = isThisMachine
  ? await npmPackages([`${PACKAGE}@1.3.14`])
  : { skipped: "the package is for Linux on x64" };
const skipped = typeof modules === "string" ? "" : ` (${modules.skipped})`;

Deno.test({
  name: `save() on Bun 1.3.14 stores sliced Blobs through a fetch of the program${skipped}`,
  ignore: skipped !== "",
  fn: async () => {
    const script = await bundle("tests/clients/old_bun_probe.ts", "tests/.build/old_bun_probe.js");
    const options = { args: [script], env: { NO_COLOR: "1" }, signal: lifetime() };
    const { code, stdout, stderr } = await new Deno.Command(`${modules}/${PACKAGE}/bin/bun`, options).output();
    const said = new TextDecoder();
    assertEquals([code, said.decode(stderr), said.decode(stdout).trim().split("\n")], [0, "", [
      "small: the bytes of the slice",
      "slice: the bytes of the slice",
      "parts: the bytes of the slice",
    ]]);
  },
});
