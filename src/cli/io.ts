/**
 * An output of a command, such as standard output.
 *
 * @example
 * ```ts
 * import { type Output, run } from "@storages/s3/cli";
 * import { assertEquals } from "@std/assert";
 *
 * let text = "";
 * const stdout: Output = { write: (chunk) => void (text += chunk), isTerminal: false };
 * assertEquals(await run(["--help"], { stdout }), 0);
 * assertEquals(text.includes("collect"), true);
 * ```
 */
export interface Output {
  /** Writes text, or the bytes of a file; a promise resolves when the reader can take more. */
  write(chunk: string | Uint8Array): void | Promise<void>;
  /** Whether it is a terminal, which gets colours and progress bars. */
  readonly isTerminal: boolean;
  /** Returns the columns of a line; the number may change while a command runs. */
  readonly columns?: (() => number | undefined) | undefined;
}

/**
 * The environment of a command; by default that of the process.
 *
 * @example
 * ```ts
 * import { type CommandIo, run } from "@storages/s3/cli";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * let text = "";
 * const io: Partial<CommandIo> = {
 *   stdout: { write: (chunk) => void (text += chunk), isTerminal: false },
 *   fetch: createS3Server({ buckets: ["media"] }).fetch,
 * };
 * assertEquals(await run(["url", "s3://testkey:testsecret@media/a.txt", "--unsigned"], io), 0);
 * assertEquals(text, "https://media.s3.amazonaws.com/a.txt\n");
 * ```
 */
export interface CommandIo {
  /** Results: listings, documents, the bytes of a file. */
  readonly stdout: Output;
  /** Messages: progress, warnings, errors. */
  readonly stderr: Output;
  /** Opens standard input, for `cp -`. */
  readonly stdin: () => ReadableStream<Uint8Array>;
  /** Asks the user a question; `undefined` without a terminal. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Variables of the terminal: `NO_COLOR`, `TERM`, `CI`. `AWS_*` variables are always read from the process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Sends requests; the global `fetch` by default. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Aborts the command, which leaves no partial files. */
  readonly signal: AbortSignal;
}
