import { LimitedBytesTransformStream } from "@std/streams/limited-bytes-transform-stream";
import { toText } from "@std/streams/to-text";
import { ConfigurationError } from "../errors.ts";
import { unlessAborted } from "../kit/async/unless_aborted.ts";
import { builtin } from "./builtin.ts";
import { denoApi } from "./detect.ts";
import { isPermitted } from "./permission.ts";

interface DenoProcesses {
  Command: new (
    program: string,
    options: { args: string[]; stdin: "null"; stdout: "piped"; stderr: "null" },
  ) => { spawn(): DenoChild };
}

interface DenoChild {
  readonly stdout: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly status: Promise<{ code: number }>;
  kill(signal: "SIGKILL"): void;
  unref(): void;
}

interface NodeReadable {
  destroy(): void;
}

interface NodeStreams {
  readonly Readable: { toWeb(stream: NodeReadable): ReadableStream<Uint8Array> };
}

interface NodeProcesses {
  spawn(
    program: string,
    args: string[],
    options: { stdio: ["ignore", "pipe", "ignore"]; windowsHide: true },
  ): NodeChild;
}

interface NodeChild {
  readonly stdout: NodeReadable;
  on(event: "error", fail: (error: unknown) => void): void;
  on(event: "close", end: (exitCode: number | null) => void): void;
  kill(signal: "SIGKILL"): void;
  unref(): void;
}

/** A program that was started. */
interface Child {
  readonly stdout: ReadableStream<Uint8Array>;
  readonly exitCode: Promise<number>;
  /** Kills the program, and no longer keeps this process alive for it. */
  kill(): void;
}

/** The result of a program that ended. */
export interface CommandResult {
  /** 0 if the program reports success. */
  readonly exitCode: number;
  readonly stdout: string;
}

/** A program that prints more is killed: no expected output is so long. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/**
 * Runs a program, without a shell and without input. Its standard error is discarded.
 *
 * On Deno no permission prompt appears: it fails where the program may not be run.
 *
 * @param signal Kills the program.
 * @throws {ConfigurationError} If the program cannot be started, or prints more than 1 MiB; then it is killed. The message
 * names the program, none of its arguments and nothing that it printed.
 */
export async function runCommand(program: string, args: string[], signal: AbortSignal): Promise<CommandResult> {
  signal.throwIfAborted();
  const child = start(program, args);
  // A killed program may leave others behind that keep its output open: those are not waited for.
  signal.addEventListener("abort", child.kill, { once: true });
  try {
    const [stdout, exitCode] = await unlessAborted(
      signal,
      () => Promise.all([readOutput(child.stdout, signal), child.exitCode]),
    );
    return { exitCode, stdout };
  } catch (error) {
    child.kill();
    if (signal.aborted) throw signal.reason;
    throw error instanceof RangeError
      ? new ConfigurationError(`The program ${program} printed more than ${MAX_OUTPUT_BYTES} bytes`)
      : notStarted(program, error);
  } finally {
    signal.removeEventListener("abort", child.kill);
  }
}

/** @throws {RangeError} If there is too much of it. */
async function readOutput(stdout: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<string> {
  return await toText(
    stdout.pipeThrough(new LimitedBytesTransformStream(MAX_OUTPUT_BYTES, { error: true }), { signal }),
  );
}

function start(program: string, args: string[]): Child {
  // Deno's own API, as node:child_process there also needs the permission to read the whole environment.
  const deno = denoApi<DenoProcesses>();
  const node = builtin<NodeProcesses>("node:child_process");
  if (deno?.Command === undefined && node === undefined) {
    throw new ConfigurationError(`This runtime cannot run programs such as ${program}`);
  }
  if (!isPermitted({ name: "run", command: program })) {
    throw new ConfigurationError(`Deno may not run ${program}: pass --allow-run=${program}`);
  }
  try {
    return deno?.Command !== undefined ? startOnDeno(deno, program, args) : startOnNode(node!, program, args);
  } catch (error) {
    throw notStarted(program, error);
  }
}

function startOnDeno({ Command }: DenoProcesses, program: string, args: string[]): Child {
  const child = new Command(program, { args, stdin: "null", stdout: "piped", stderr: "null" }).spawn();
  return {
    stdout: child.stdout,
    exitCode: child.status.then(({ code }) => code),
    kill(): void {
      try {
        child.unref();
        child.kill("SIGKILL");
      } catch { /* the program has ended, and another one has its output */ }
    },
  };
}

function startOnNode(node: NodeProcesses, program: string, args: string[]): Child {
  const child = node.spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], windowsHide: true });
  return {
    stdout: builtin<NodeStreams>("node:stream")!.Readable.toWeb(child.stdout),
    exitCode: new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (exitCode) => resolve(exitCode ?? 1)); // a program that was killed has no code
    }),
    kill(): void {
      child.kill("SIGKILL");
      child.stdout.destroy();
      child.unref();
    },
  };
}

/** The runtimes' own errors hold the whole command, which may hold secrets: they do not become the cause. */
function notStarted(program: string, error: unknown): ConfigurationError {
  const { code, name } = error as { code?: string; name?: string };
  return new ConfigurationError(
    `Cannot run the program ${program} (${code ?? name}): check that it is installed and executable`,
  );
}
