import process from "node:process";
import { createInterface } from "node:readline/promises";
import { Readable, type Writable } from "node:stream";
import type { CommandIo, Output } from "./io.ts";

/**
 * The streams and the environment of the process.
 *
 * @param isInterruptible Whether Ctrl-C aborts the command, and a second Ctrl-C ends the process.
 */
export function processIo(isInterruptible: boolean): CommandIo & { release(): void } {
  const end = new AbortController();
  const stop = (): void => {
    if (end.signal.aborted) process.exit(130);
    end.abort(new DOMException("Stopped by a signal", "AbortError"));
  };
  const signals = isInterruptible ? ["SIGINT", "SIGTERM"] as const : [];
  for (const name of signals) process.on(name, stop);
  // A reader such as `head` may close the pipe: the failing write reports that, and the event must not end the process.
  const ignore = (): void => {};
  const streams = [process.stdout, process.stderr];
  for (const stream of streams) stream.on("error", ignore);
  const isInteractive = Boolean(process.stdin.isTTY && process.stderr.isTTY);
  return {
    stdout: output(process.stdout),
    stderr: output(process.stderr),
    stdin: () => Readable.toWeb(process.stdin) as unknown as ReadableStream<Uint8Array>,
    ask: isInteractive ? (question) => ask(question, end.signal) : undefined,
    env: process.env,
    signal: end.signal,
    release: () => {
      for (const name of signals) process.off(name, stop);
      for (const stream of streams) stream.off("error", ignore);
    },
  };
}

function output(stream: Writable & { isTTY?: boolean; columns?: number }): Output {
  return {
    isTerminal: stream.isTTY ?? false,
    columns: () => stream.columns,
    write: (chunk) =>
      new Promise((resolve, reject) => void stream.write(chunk, (error) => error ? reject(error) : resolve())),
  };
}

async function ask(question: string, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  // The interface handles Ctrl-C itself, so it is passed on.
  lines.on("SIGINT", () => process.emit("SIGINT"));
  // `question` never settles if the input ends (Ctrl-D).
  const end = new Promise<undefined>((resolve) => lines.once("close", () => resolve(undefined)));
  try {
    const answer = await Promise.race([lines.question(question, { signal }), end]);
    if (answer === undefined) process.stderr.write("\n");
    return answer ?? "";
  } finally {
    lines.close();
  }
}
