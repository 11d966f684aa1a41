/** Ends processes that hang, and never those that are only slow: what counts is the time since they showed progress. */
import { ENDING } from "./ending.ts";

/**
 * A process that shows no progress for so many seconds hangs. Single steps take up to ten seconds on a quiet machine, and
 * ten times as long on a busy one.
 */
export const SILENCE_SECONDS = 300;

/** What has been told to end, or has left its output to its children, gets so many seconds before it is cut off. */
const GRACE_SECONDS = 10;

/** Calls back once a second until the returned function is called. */
export type Clock = (tick: () => void) => () => void;

/** Counts seconds in which this process ran: while the whole machine stands still, nothing hangs. */
const everySecond: Clock = (tick) => {
  const timer = setInterval(tick, 1000);
  return () => clearInterval(timer);
};

/** Acts once nothing has shown progress for some seconds. */
export class Silence {
  readonly #stop: () => void;
  #seconds = 0;

  constructor(seconds: number, act: () => void, clock: Clock = everySecond) {
    this.#stop = clock(() => {
      if (++this.#seconds === seconds) act();
    });
  }

  /** Counts from the start again. */
  progress(): void {
    this.#seconds = 0;
  }

  /** Counts no further. */
  end(): void {
    this.#stop();
  }
}

/** How a process is watched. */
export interface WatchOptions {
  /** Seconds without progress after which the process is ended. By default {@linkcode SILENCE_SECONDS}. */
  readonly seconds?: number;
  /** Is given all output as it comes; returns whether it shows progress. By default all output does. */
  readonly follow?: (text: string) => boolean;
  readonly clock?: Clock;
}

/** How a process has ended. */
export interface Watched {
  /** The exit code, or the signal. */
  readonly end: number | string;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was ended because it showed no progress. */
  readonly hung: boolean;
}

/** Runs a command to its end. It may not outlive this process, nor go on for long without progress. */
export async function runWatched(
  command: string,
  options: Omit<Deno.CommandOptions, "signal" | "stdin" | "stdout" | "stderr">,
  { seconds = SILENCE_SECONDS, follow = () => true, clock = everySecond }: WatchOptions = {},
): Promise<Watched> {
  const streams = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(command, { ...options, ...streams, signal: ENDING }).spawn();
  const kill = (signal: Deno.Signal): void => {
    try {
      child.kill(signal);
    } catch { /* it has ended meanwhile */ }
  };
  let hung = false;
  let endKilling = (): void => {};
  const running = new Silence(seconds, () => {
    hung = true;
    kill("SIGTERM");
    // Again and again: `deno test` stops its servers when it is told, and goes on with the next file.
    let told = 1;
    endKilling = clock(() => kill(++told > GRACE_SECONDS ? "SIGKILL" : "SIGTERM"));
  }, clock);
  const reading = new AbortController();
  const read = async (stream: ReadableStream<Uint8Array>): Promise<string> => {
    let all = "";
    const decoder = new TextDecoder();
    const write = (chunk: Uint8Array): void => {
      const text = decoder.decode(chunk, { stream: true });
      all += text;
      if (follow(text)) running.progress();
    };
    await stream.pipeTo(new WritableStream({ write }), { signal: reading.signal }).catch((error) => {
      if (!reading.signal.aborted) throw error;
    });
    return all;
  };
  const output = Promise.all([read(child.stdout), read(child.stderr)]);
  const { code, signal } = await child.status;
  running.end();
  endKilling();
  // What it has started may hold its output open.
  const closing = new Silence(GRACE_SECONDS, () => reading.abort(), clock);
  const [stdout, stderr] = await output.finally(() => closing.end());
  return { end: signal ?? code, stdout, stderr, hung };
}

/** The end of what a process printed, for errors. */
export function lastLines(output: string, count = 30): string {
  return output.trim().split("\n").slice(-count).join("\n");
}
