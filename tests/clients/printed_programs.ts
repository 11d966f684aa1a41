/** The programs printed in the documentation, each run as its reader would run it. */
import { assert } from "@std/assert";
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { bundle } from "../runtimes/bundle.ts";
import { lifetime } from "../runtimes/ending.ts";
import { bunPath, nodePath } from "../runtimes/install.ts";

/** A program that a page prints below a heading. */
export interface PrintedProgram {
  readonly title: string;
  readonly code: string;
}

/** The complete programs of a page: the blocks marked `ts ignore`, each with the heading above it. */
export async function programsOf(page: string): Promise<PrintedProgram[]> {
  const parts = (await Deno.readTextFile(new URL(page, ROOT))).split(/^(?=#{2,3} )/m);
  return parts.flatMap((part) => {
    const title = /^#+ (.*)$/m.exec(part)?.[1] ?? "";
    return Array.from(part.matchAll(/^```ts ignore\n([^]*?)^```$/gm), ([, code]) => ({ title, code: code! }));
  });
}

/** The program below a heading. */
export async function programOf(page: string, title: string): Promise<string> {
  const found = (await programsOf(page)).filter((program) => program.title === title);
  assert(found.length === 1, `${page} has ${found.length} programs below "${title}"`);
  return found[0]!.code;
}

/** Replaces a text that occurs once. */
export function replaced(text: string, part: string, by: string): string {
  assert(text.split(part).length === 2, `the text has ${text.split(part).length - 1} of ${part}`);
  return text.replace(part, () => by);
}

/** Writes a module inside the package, so that its imports resolve; its path is a hash of its text. */
export async function writeModule(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  const path = `.cache/printed/${digest.toHex().slice(0, 16)}.ts`;
  const file = new URL(path, ROOT);
  await Deno.mkdir(new URL(".", file), { recursive: true });
  const fresh = new URL(`${file.href}.${crypto.randomUUID()}`);
  await Deno.writeTextFile(fresh, text);
  await Deno.rename(fresh, file); // another test may be reading it
  return path;
}

/** Bundles a program for runtimes that cannot load TypeScript from the repository. */
export async function bundleProgram(code: string): Promise<string> {
  const module = await writeModule(code);
  return await bundle(module, `tests/.build/${module.split("/").at(-1)!.replace(".ts", ".js")}`);
}

/** The runtimes that run programs as processes. */
export const PROGRAM_RUNTIMES = ["Deno", "Bun", "Node"] as const;
export type ProgramRuntime = (typeof PROGRAM_RUNTIMES)[number];

/**
 * The command that runs a program.
 *
 * @throws {RuntimeUnavailableError} If the runtime is not available on this machine.
 */
export async function commandOf(runtime: ProgramRuntime, code: string): Promise<string[]> {
  if (runtime === "Deno") {
    const module = new URL(await writeModule(code), ROOT).href;
    return [Deno.execPath(), ...await withImportMap(["run", "-A", "--no-check", module])];
  }
  const path = runtime === "Bun" ? [await bunPath(), "run"] : [await nodePath()];
  return [...path, await bundleProgram(code)];
}

/** How a program has ended. */
export interface EndedProgram {
  /** The exit code, or the signal. */
  readonly end: number | string;
  readonly output: string;
}

/** A running program; disposing of it kills it. */
export class RunningProgram implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<unknown>;
  readonly #input: WritableStreamDefaultWriter<Uint8Array>;
  readonly #changed = new Set<() => void>();
  readonly ended: Promise<EndedProgram>;
  /** All that it has printed, on both outputs. */
  output = "";

  constructor(command: readonly string[], env: Readonly<Record<string, string>>) {
    const [path, ...args] = command;
    this.#child = new Deno.Command(path!, {
      args,
      cwd: ROOT,
      // For `Deno.serve`, `Bun.serve` and Node programs that print their port.
      env: {
        DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0",
        PORT: "0",
        NO_COLOR: "1",
        AWS_EC2_METADATA_DISABLED: "true",
        ...env,
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal: lifetime(),
    }).spawn();
    this.#input = this.#child.stdin.getWriter();
    const read = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
      for await (const text of stream.pipeThrough(new TextDecoderStream())) {
        this.output += text;
        for (const notify of this.#changed) notify();
      }
    };
    this.#read = Promise.all([read(this.#child.stdout), read(this.#child.stderr)]);
    this.ended = this.#wait();
    this.ended.catch(() => {});
  }

  get pid(): number {
    return this.#child.pid;
  }

  /** Its address, which ends in a slash. */
  async url(): Promise<string> {
    const [, port] = await this.printed(/Listening on http:\/\/[^\s/]+:(\d+)/);
    return `http://127.0.0.1:${port}/`;
  }

  /** Waits until the output matches. */
  async printed(pattern: RegExp): Promise<RegExpExecArray> {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const look = (): void => {
      const found = pattern.exec(this.output);
      if (found !== null) resolve(found);
    };
    this.#changed.add(look);
    look();
    this.ended.then(({ end }) =>
      reject(new Error(`The program ended with ${end}, without ${pattern}:\n${this.output}`))
    );
    return await promise.finally(() => this.#changed.delete(look));
  }

  /** Writes a line to its standard input. */
  async write(line: string): Promise<void> {
    await this.#input.write(new TextEncoder().encode(`${line}\n`));
  }

  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Stops the process without its notice, as a serverless platform does between invocations; Linux only. */
  async freeze(): Promise<void> {
    this.signal("SIGSTOP");
    const isStopped = async (): Promise<boolean> =>
      /^State:\s*T/m.test(await Deno.readTextFile(`/proc/${this.pid}/status`));
    while (!await isStopped()) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  /** Continues a frozen process. */
  thaw(): void {
    this.signal("SIGCONT");
  }

  async #wait(): Promise<EndedProgram> {
    const { code, signal } = await this.#child.status;
    await this.#read;
    return { end: signal ?? code, output: this.output };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch { /* it has ended */ }
    await this.#input.close().catch(() => {});
    await this.ended;
  }
}
