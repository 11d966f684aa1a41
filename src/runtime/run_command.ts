import { ConfigurationError } from "../errors.ts";
import { unlessAborted } from "../kit/async/unless_aborted.ts";
import { builtin } from "./builtin.ts";
import { denoApi } from "./detect.ts";
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

interface NodeStream {
  on(event: "data", take: (chunk: Uint8Array) => void): void;
  destroy(): void;
}

interface NodeChildProcess {
  spawn(
    program: string,
    args: string[],
    options: { stdio: ["ignore", "pipe", "ignore"]; windowsHide: true },
  ): {
    readonly stdout: NodeStream;
    on(event: "error", fail: (error: unknown) => void): void;
    on(event: "close", end: (exitCode: number | null) => void): void;
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

/** A program that prints more is killed: nobody asked for so much. */
const MAX_OUTPUT_BYTES = 1024 * 1024;

/**
 * Runs a program, without a shell and without input. Its standard error goes nowhere: it is not read on any runtime.
 *
 * Never asks a person for a permission: on Deno it fails where the program may not be run.
 *
 * @param signal Kills the program.
 * @throws {ConfigurationError} If it cannot be started, or prints more than 1 MiB; then it is killed. The message shows
 * the program, none of its arguments and nothing that it printed.
 */
export async function runCommand(
  program: string,
  args: string[],
  signal: AbortSignal,
): Promise<CommandResult> {
  signal.throwIfAborted();
  const deno = denoApi<DenoLike>();
  // Deno's own API, as node:child_process there also asks for the whole environment.
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
  const output = new BoundedOutput(program);
  try {
    const child = new deno.Command(program, { args, stdin: "null", stdout: "piped", stderr: "null" }).spawn();
    const kill = (): void => {
      child.unref();
      try {
        child.kill("SIGKILL");
      } catch { /* it has ended, and left others with its output */ }
    };
    const read = async (): Promise<void> => {
      try {
        await child.stdout.pipeTo(new WritableStream({ write: (chunk) => output.add(chunk) }), { signal });
      } catch (error) {
        kill();
        throw error;
      }
    };
    const [, { code }] = await untilKilled(signal, kill, () => Promise.all([read(), child.status]));
    return { exitCode: code, stdout: output.text() };
  } catch (error) {
    throw signal.aborted ? signal.reason : error === output.refusal ? error : notStarted(program, error);
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
      const fail = (error: unknown): void => reject(notStarted(program, error));
      const output = new BoundedOutput(program);
      try {
        const child = node.spawn(program, args, { stdio: ["ignore", "pipe", "ignore"], windowsHide: true });
        kill = () => {
          child.kill("SIGKILL");
          child.stdout.destroy();
          child.unref();
        };
        child.on("error", fail);
        child.stdout.on("data", (chunk) => {
          try {
            output.add(chunk);
          } catch (error) {
            kill();
            reject(error);
          }
        });
        // A program that was killed has no code.
        child.on("close", (exitCode) => resolve({ exitCode: exitCode ?? 1, stdout: output.text() }));
      } catch (error) {
        fail(error);
      }
    }));
}

/** What a program printed so far. */
class BoundedOutput {
  /** What is thrown where it printed too much. */
  readonly refusal: ConfigurationError;
  readonly #decoder = new TextDecoder();
  #text = "";
  #length = 0;

  constructor(program: string) {
    this.refusal = new ConfigurationError(`The program ${program} printed more than ${MAX_OUTPUT_BYTES} bytes`);
  }

  /** @throws {ConfigurationError} If that is too much. */
  add(chunk: Uint8Array): void {
    this.#length += chunk.byteLength;
    if (this.#length > MAX_OUTPUT_BYTES) throw this.refusal;
    this.#text += this.#decoder.decode(chunk, { stream: true });
  }

  text(): string {
    return this.#text + this.#decoder.decode();
  }
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
