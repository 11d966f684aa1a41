/**
 * Where a command's text goes.
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
  /** Takes text, or bytes of a file; waits where the reader is slower. */
  write(chunk: string | Uint8Array): void | Promise<void>;
  /** Whether a person looks at it: then there are colours and progress bars. */
  readonly isTerminal: boolean;
  /** How many characters a line has; it may change while a command runs. */
  readonly columns?: (() => number | undefined) | undefined;
}

/**
 * What a command has of the world around it; by default the process's own.
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
  /** What the command gives: listings, documents, a file's bytes. */
  readonly stdout: Output;
  /** What it says meanwhile: progress, warnings, errors. */
  readonly stderr: Output;
  /** Opens what is given to it, for `cp -`. */
  readonly stdin: () => ReadableStream<Uint8Array>;
  /** Asks a person; left out where nobody is there to answer. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  /** Variables about the terminal: `NO_COLOR`, `TERM`, `CI`. Those of AWS are always the process's. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What sends requests. */
  readonly fetch?: ((request: Request) => Promise<Response>) | undefined;
  /** Ends the command, which then leaves nothing half-done. */
  readonly signal: AbortSignal;
}
