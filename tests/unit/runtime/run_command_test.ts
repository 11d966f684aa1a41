import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import { fromFileUrl } from "@std/path";
import { ConfigurationError } from "../../../src/errors.ts";
import { runCommand } from "../../../src/runtime/run_command.ts";
import { runDeno } from "../../house/source_files.ts";
import { ROOT, withImportMap } from "../../offline/import_map.ts";
import { bunPath, nodePath } from "../../runtimes/install.ts";
import { until } from "../held_time.ts";

const MODULE = new URL("../../../src/runtime/run_command.ts", import.meta.url).href;
const CONFIG = fromFileUrl(new URL("deno.json", ROOT));
const SIGNAL = new AbortController().signal;

/** Runs programs and prints their results as JSON. The program that is killed first writes its id into the file. */
const SCRIPT = `import { runCommand } from ${JSON.stringify(MODULE)};
const [deno, idFile] = process.argv.slice(-2);
const fs = process.getBuiltinModule("node:fs");
const program = (code) => ["eval", "--no-config", code];
const outcome = (work) => work.then((value) => value, (error) => ({ name: error.name, message: error.message }));
const never = new AbortController().signal;
const killed = new AbortController();
const print = 'console.log("hällo", await new Response(Deno.stdin.readable).text()); console.error("not this")';
const wait = 'Deno.writeTextFileSync(Deno.args[0], String(Deno.pid)); setInterval(() => {}, 1000)';
const ended = outcome(runCommand(deno, [...program(wait), idFile], killed.signal));
while (!/\\d/.test(fs.readFileSync(idFile, "utf8"))) await new Promise((resolve) => setTimeout(resolve, 20));
killed.abort(new Error("killed on purpose"));
console.log(JSON.stringify([
  await outcome(runCommand(deno, program(print), never)),
  await outcome(runCommand(deno, program('console.log("half"); Deno.exit(3)'), never)),
  await outcome(runCommand("no-such-program-here", ["hunter2"], never)),
  await ended,
]));`;

/** Aborts programs that left a process behind with their output open: one that has ended, and one that has not. */
const SCATTERING = `import { runCommand } from ${JSON.stringify(MODULE)};
const [folder] = process.argv.slice(-1);
const fs = process.getBuiltinModule("node:fs");
const isThere = (id) => { try { return process.kill(id, 0); } catch { return false; } };
for (const end of ["exit 0", "wait"]) {
  const killed = new AbortController();
  const file = folder + "/" + end;
  const script = 'sleep 3600 & echo $$ $! >"$0.new"; mv "$0.new" "$0"; ' + end;
  const ended = runCommand("sh", ["-c", script, file], killed.signal).catch(({ message }) => message);
  while (!fs.existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
  const [id] = fs.readFileSync(file, "utf8").split(" ");
  while (end === "exit 0" && isThere(Number(id))) await new Promise((resolve) => setTimeout(resolve, 20));
  killed.abort(new Error("killed on purpose"));
  console.log(await ended);
}`;

/** Prints as much as allowed, then without end, then to standard error. */
const ENDLESS = `import { runCommand } from ${JSON.stringify(MODULE)};
const [folder] = process.argv.slice(-1);
const never = new AbortController().signal;
const sh = (script) => runCommand("sh", ["-c", script, folder], never)
  .then((value) => value, (error) => ({ name: error.name, message: error.message }));
const most = await sh("head -c 1048576 /dev/zero | tr '\\\\0' x");
const much = await sh('echo $$ >"$0/id"; exec yes hunter2');
const noise = await sh("head -c 3000000 /dev/zero >&2; printf quiet");
console.log(JSON.stringify({ most: most.stdout?.length ?? most, much, noise }));`;

/** Whether the process exists and is not a zombie. */
async function isRunning(id: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", id] }).output();
  return /^[^Z\s]/.test(new TextDecoder().decode(stdout).trim());
}

/** Runs the script on the runtime of that path; returns its output. */
async function runScript(path: string, script: string, folder: string, args: string[]): Promise<string> {
  await Deno.writeTextFile(`${folder}/script.ts`, script);
  const bundled = await runDeno(["bundle", "--platform=deno", "-o", `${folder}/script.mjs`, `${folder}/script.ts`]);
  assertEquals(bundled.code, 0, bundled.stderr);
  const { stdout, stderr, success } = await new Deno.Command(path, {
    args: [...path === Deno.execPath() ? ["run", "-A", "--no-config"] : [], `${folder}/script.mjs`, ...args],
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  assert(success, text.decode(stderr));
  return text.decode(stdout);
}

for (
  const [runtime, path] of [["Deno", () => Promise.resolve(Deno.execPath())], ["Bun", bunPath], [
    "Node",
    nodePath,
  ]] as const
) {
  Deno.test(`runCommand() on ${runtime} runs programs without a shell, and kills them on abort`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      await Deno.writeTextFile(`${folder}/id`, "");
      const output = await runScript(await path(), SCRIPT, folder, [Deno.execPath(), `${folder}/id`]);
      const [printed, failed, missing, killed] = JSON.parse(output);
      assertEquals(printed, { exitCode: 0, stdout: "hällo \n" });
      assertEquals(failed, { exitCode: 3, stdout: "half\n" });
      assertEquals(missing.name, "ConfigurationError");
      assertStringIncludes(missing.message, "Cannot run the program no-such-program-here");
      assertEquals(missing.message.includes("hunter2"), false);
      assertEquals(killed, { name: "Error", message: "killed on purpose" });
      const id = await Deno.readTextFile(`${folder}/id`);
      await until(async () => !await isRunning(id), "its end");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  Deno.test(`runCommand() on ${runtime} kills a program that prints without end, and shows no output`, async () => {
    const folder = await Deno.makeTempDir();
    try {
      const output = await runScript(await path(), ENDLESS, folder, [folder]);
      const { most, much, noise } = JSON.parse(output);
      assertEquals(most, 1024 * 1024);
      assertEquals(much, { name: "ConfigurationError", message: "The program sh printed more than 1048576 bytes" });
      assertEquals(noise, { exitCode: 0, stdout: "quiet" });
      const id = (await Deno.readTextFile(`${folder}/id`)).trim();
      await until(async () => !await isRunning(id), "its end");
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  Deno.test(`runCommand() on ${runtime} does not wait for processes that a killed program leaves behind`, async () => {
    const folder = await Deno.makeTempDir();
    const leftBehind: string[] = [];
    try {
      const output = await runScript(await path(), SCATTERING, folder, [folder]);
      for (const end of ["exit 0", "wait"]) {
        leftBehind.push((await Deno.readTextFile(`${folder}/${end}`)).trim().split(" ")[1]!);
      }
      assertEquals(output, "killed on purpose\nkilled on purpose\n");
      assertEquals(await Promise.all(leftBehind.map(isRunning)), [true, true], "they are still there");
    } finally {
      await new Deno.Command("kill", { args: ["--", ...leftBehind], stderr: "null" }).output();
      await Deno.remove(folder, { recursive: true });
    }
  });
}

Deno.test("runCommand() on Deno needs the permission to run the program only, and shows no prompt", async () => {
  const script = `import { runCommand } from ${JSON.stringify(MODULE)};
    const work = runCommand(Deno.args[0], ["--version"], new AbortController().signal);
    console.log(await work.then(({ exitCode }) => exitCode, ({ message }) => message));`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, script);
    const program = Deno.execPath();
    const run = async (...permissions: string[]): Promise<string> => {
      const { stdout } = await new Deno.Command(program, {
        args: await withImportMap(["run", `--config=${CONFIG}`, ...permissions, file, program]),
        env: { NO_COLOR: "1" },
        stdin: "null",
      }).output();
      return new TextDecoder().decode(stdout).trim();
    };
    assertEquals(await run(`--allow-run=${program}`), "0");
    const refused = `Deno may not run ${program}: pass --allow-run=${program}`;
    assertEquals(await run(), refused);
    assertEquals(await run("--allow-run=other", "--allow-env", "--allow-read"), refused);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("runCommand() throws on runtimes that cannot run programs", async () => {
  const script = `import { runCommand } from ${JSON.stringify(MODULE)};
    delete globalThis.Deno;
    delete globalThis.process;
    const error = await runCommand("aws", [], new AbortController().signal).catch((error) => error);
    console.log(error.name + ": " + error.message);`;
  const file = await Deno.makeTempFile({ suffix: ".mjs" });
  try {
    await Deno.writeTextFile(file, script);
    const { stdout } = await runDeno(["run", `--config=${CONFIG}`, file]);
    assertEquals(stdout.trim(), "ConfigurationError: This runtime cannot run programs such as aws");
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("runCommand() throws for a file that is not executable, and shows no arguments", async () => {
  const file = await Deno.makeTempFile();
  try {
    const error = await assertRejects(() => runCommand(file, ["hunter2"], SIGNAL));
    assertInstanceOf(error, ConfigurationError);
    assertStringIncludes(error.message, "check that it is installed and executable");
    assertEquals(Deno.inspect(error).includes("hunter2"), false);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("runCommand() starts no program if the signal is aborted", async () => {
  const reason = new Error("enough");
  const running = runCommand("no-such-program-here", [], AbortSignal.abort(reason));
  assertEquals(await assertRejects(() => running), reason);
  await assertRejects(() => runCommand("sleep", ["60"], AbortSignal.abort(reason)), Error, "enough");
});
