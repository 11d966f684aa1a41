import "../s3/entry/machine.ts";
import { unknownName } from "../kit/text/closest.ts";
import { type Command, parseCall, ParsedOptions } from "./command.ts";
import { checkCommand } from "./commands/check.ts";
import { cleanupCommand } from "./commands/cleanup.ts";
import { collectCommand } from "./commands/collect.ts";
import { copyCommand } from "./commands/copy.ts";
import { listCommand } from "./commands/list.ts";
import { policyCommand } from "./commands/policy.ts";
import { removeCommand } from "./commands/remove.ts";
import { urlCommand } from "./commands/url.ts";
import { EXIT, explain, Failure, OutputClosed, UsageError } from "./output/failure.ts";
import { commandHelp, programHelp } from "./help.ts";
import type { CommandIo } from "./io.ts";
import { processIo } from "./process_io.ts";
import { VERSION } from "./version.ts";
import { Screen } from "./output/screen.ts";

const COMMANDS: readonly Command[] = [
  collectCommand,
  listCommand,
  copyCommand,
  removeCommand,
  urlCommand,
  checkCommand,
  policyCommand,
  cleanupCommand,
];

/**
 * Runs a command line: `collect`, `ls`, `cp`, `rm`, `url`, `check`, `policy`, `cleanup`, or `--help`.
 *
 * Never rejects: an error is one line on standard error, with advice where there is some.
 *
 * @param argv The command and its arguments, without the name of the program.
 * @param io Streams, environment and `fetch` of the command; those of the process by default.
 * @returns The exit code: 0 success, 1 failure, 2 invalid command line, 130 interrupted.
 *
 * @example
 * ```ts
 * import { run } from "@storages/s3/cli";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = await Deno.makeTempDir();
 * await Deno.mkdir(`${folder}/public`);
 * await Deno.writeTextFile(`${folder}/public/app.js`, "console.log(1);");
 * const quiet = { write: () => {}, isTerminal: false };
 * const io = { stdout: quiet, stderr: quiet };
 * assertEquals(await run(["collect", `${folder}/public`, "--to", `${folder}/static`], io), 0);
 * assertEquals(await Deno.readTextFile(`${folder}/static/app.js`), "console.log(1);");
 * await Deno.remove(folder, { recursive: true });
 * ```
 */
export async function run(argv: readonly string[], io: Partial<CommandIo> = {}): Promise<number> {
  const { release, ...own } = processIo(io.signal === undefined);
  const world: CommandIo = { ...own, ...io };
  const screen = new Screen(world);
  try {
    return await dispatch(argv, world, screen);
  } catch (error) {
    screen.end();
    return report(error, argv, world, screen);
  } finally {
    release();
  }
}

async function dispatch(argv: readonly string[], io: CommandIo, screen: Screen): Promise<number> {
  const [name, ...rest] = argv;
  if (name === "--version" || name === "-V") {
    await screen.give(VERSION);
    return EXIT.done;
  }
  const isHelp = name === "--help" || name === "-h" || name === "help";
  if (name === undefined || (isHelp && rest.length === 0)) {
    if (name === undefined) throw new UsageError("Missing command");
    await screen.give(programHelp(COMMANDS, helpColumns(io)));
    return EXIT.done;
  }
  const wanted = isHelp ? rest[0]! : name;
  const command = COMMANDS.find(({ name }) => name === wanted);
  if (command === undefined) throw unknownCommand(wanted);
  if (isHelp && rest.length > 1) throw new UsageError(`Unexpected argument "${rest[1]}": help takes one COMMAND`);
  const { args, options } = isHelp
    ? { args: [], options: new ParsedOptions({ help: true }) }
    : parseCall(command, rest);
  if (options.has("help")) {
    await screen.give(commandHelp(command, helpColumns(io)));
    return EXIT.done;
  }
  const own = new Screen(io, options.has("quiet"));
  try {
    io.signal.throwIfAborted();
    return await command.run({ io, screen: own, args, options });
  } finally {
    own.end();
  }
}

/** The commands of other programs, with what does the same here. */
const OTHER_COMMANDS: Readonly<Record<string, string>> = {
  mv: "copy with cp, then remove with rm",
  move: "copy with cp, then remove with rm",
  sync: "cp -r copies a folder, and collect stores only the changed files of a site",
  presign: "url prints a signed URL",
  sign: "url prints a signed URL",
  cat: "cp PLACE - prints a file",
  get: "cp PLACE FOLDER copies from S3",
  put: "cp FILE PLACE copies to S3",
  list: "ls lists files",
  dir: "ls lists files",
  del: "rm removes objects",
  delete: "rm removes objects",
  collectstatic: "collect stores static files",
  version: "--version prints the version",
};

function unknownCommand(name: string): UsageError {
  const advice = Object.hasOwn(OTHER_COMMANDS, name) ? OTHER_COMMANDS[name] : undefined;
  if (advice !== undefined) return new UsageError(`Unknown command '${name}': ${advice}`);
  return new UsageError(unknownName("command", name, COMMANDS.map(({ name }) => name)));
}

/** The columns of help: those of a terminal between 40 and 100, else 80. */
function helpColumns({ stdout }: CommandIo): number {
  const columns = stdout.isTerminal ? stdout.columns?.() : undefined;
  return Math.min(100, Math.max(40, columns || 80));
}

function report(error: unknown, argv: readonly string[], io: CommandIo, screen: Screen): number {
  if (io.signal.aborted) {
    screen.note("Stopped. No partial files were stored: run the command again to continue.");
    return EXIT.stopped;
  }
  if (error instanceof OutputClosed) return EXIT.done; // the reader, such as `head`, has closed the pipe
  if (error instanceof Failure) {
    screen.error(error.message);
    return EXIT.failed;
  }
  if (error instanceof UsageError) {
    const command = COMMANDS.find(({ name }) => name === argv[0]);
    screen.error(`${error.message}\n  See: storages-s3 ${command === undefined ? "" : `${command.name} `}--help`);
    return EXIT.usage;
  }
  screen.error(explain(error));
  return EXIT.failed;
}
