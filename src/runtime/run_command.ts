import { ConfigurationError } from "../errors.ts";
import { unlessAborted } from "../kit/unless_aborted.ts";
import { builtin } from "./builtin.ts";
import { isPermitted } from "./permission.ts";

interface DenoLike {
  Command: new (
    program: string,
    options: { args: string[]; stdin: "null"; stdout: "piped"; stderr: "null" },
  ) => {
    spawn(): {
      readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
      readonly status: Promise<{ code: number }>;
      kill(signal: "SIGKILL"): void;
      unref(): void;
    };
  };
}

interface NodeChildProcess {
  execFile(
    program: string,
    args: string[],
    options: { maxBuffer: number; windowsHide: true },
    done: (error: { code?: number | string | null } | null, stdout: string) => void,
  ): {
    readonly stdin: { end(): void };
    readonly stdout: { destroy(): void };
    readonly stderr: { destroy(): void };
    kill(signal: "SIGKILL"): void;
    unref(): void;
  };
}

/** What a program left behind. */
export interface CommandResult {
  /** 0 if it succeeded, by its own account. */
  readonly exitCode: number;
  readonly stdout: string;
}

/** More than this many bytes of output is not what anybody asked for. */
const MOST_OUTPUT_BYTES = 1024 * 1024;

/**
 * Runs a program, without a shell, and with nothing to read. What it writes to its standard error is dropped.
 *
 * Never asks a person for a permission: on Deno it fails where the program may not be run.
 *
 * @param signal Kills the program.
 * @throws {ConfigurationError} If it cannot be started. The message shows the program, and none of its arguments.
 */
export async function runCommand(
  program: string,
  args: string[],
  signal: AbortSignal,
): Promise<CommandResult> {
  signal.throwIfAborted();
  const { Deno: deno } = globalThis as { Deno?: DenoLike };
  // Deno's own API, as execFile there also asks for the whole environment.
  if (deno?.Command !== undefined) return await runByDeno(deno, program, args, signal);
  const node = builtin<NodeChildProcess>("node:child_process");
  if (node === undefined) throw new ConfigurationError(`This runtime runs no programs, so not ${program} either`);
  return await runByNode(node, program, args, signal);
}

async function runByDeno(
  deno: DenoLike,
  program: string,
  args: string[],
  signal: AbortSignal,
): Promise<CommandResult> {
  if (!isPermitted({ name: "run", command: program })) {
    throw new ConfigurationError(`Deno may not run ${program}: it needs --allow-run=${program}`);
  }
  try {
    const child = new deno.Command(program, { args, stdin: "null", stdout: "piped", stderr: "null" }).spawn();
    const kill = (): void => {
      child.unref();
      try {
        child.kill("SIGKILL");
      } catch { /* it has ended, and left others with its output */ }
    };
    const output = child.stdout.pipeThrough(new TransformStream(), { signal });
    const [stdout, { code }] = await untilKilled(
      signal,
      kill,
      () => Promise.all([new Response(output).text(), child.status]),
    );
    return { exitCode: code, stdout };
  } catch (error) {
    throw signal.aborted ? signal.reason : notStarted(program, error);
  }
}

async function runByNode(
  node: NodeChildProcess,
  program: string,
  args: string[],
  signal: AbortSignal,
): Promise<CommandResult> {
  let kill = (): void => {};
  return await untilKilled(signal, () => kill(), () =>
    new Promise((resolve, reject) => {
      const options = { maxBuffer: MOST_OUTPUT_BYTES, windowsHide: true } as const;
      const child = node.execFile(program, args, options, (error, stdout) => {
        // A program that was killed has no code.
        if (typeof error?.code === "string") reject(notStarted(program, error));
        else resolve({ exitCode: error === null ? 0 : error.code ?? 1, stdout });
      });
      kill = () => {
        child.kill("SIGKILL");
        child.stdout.destroy();
        child.stderr.destroy();
        child.unref();
      };
      child.stdin.end();
    }));
}

/** A killed program may leave others behind that hold on to its output: nobody waits for those, nor stays up for them. */
async function untilKilled<T>(signal: AbortSignal, kill: () => void, work: () => Promise<T>): Promise<T> {
  signal.addEventListener("abort", kill, { once: true });
  try {
    return await unlessAborted(signal, work);
  } finally {
    signal.removeEventListener("abort", kill);
  }
}

/** The runtimes' own errors hold the whole command, which may hold secrets: they are no cause. */
function notStarted(program: string, error: unknown): ConfigurationError {
  const { code, name } = error as { code?: string; name?: string };
  return new ConfigurationError(
    `The program ${program} could not be run (${code ?? name}): is it installed, and executable?`,
  );
}
