/** Stops processes that hang, but not slow ones: the time since their last progress counts. */
import { ENDING } from "./ending.ts";

/**
 * Seconds without progress after which a process counts as hanging. Single steps take up to ten seconds, and ten times as
 * long on a busy machine.
 */
export const SILENCE_SECONDS = 300;

/** Seconds between SIGTERM and SIGKILL, and for children that keep the output open. */
const GRACE_SECONDS = 10;

/** Calls `tick` every second until the returned function is called. */
export type Clock = (tick: () => void) => () => void;

/** Counts seconds in which this process ran, so that a suspended machine does not count. */
const everySecond: Clock = (tick) => {
  const timer = setInterval(tick, 1000);
  return () => clearInterval(timer);
};

/** Calls a function after some seconds without progress. */
export class Silence {
  readonly #stop: () => void;
  #seconds = 0;

  constructor(seconds: number, act: () => void, clock: Clock = everySecond) {
    this.#stop = clock(() => {
      if (++this.#seconds === seconds) act();
    });
  }

  /** Starts counting from 0. */
  progress(): void {
    this.#seconds = 0;
  }

  /** Stops counting. */
  end(): void {
    this.#stop();
  }
}

/** Options of {@linkcode runWatched}. */
export interface WatchOptions {
  /** Seconds without progress after which the process is stopped; {@linkcode SILENCE_SECONDS} by default. */
  readonly seconds?: number;
  /** Receives all output; returns whether it shows progress. By default all output does. */
  readonly follow?: (text: string) => boolean;
  readonly clock?: Clock;
}

/** How a process has ended. */
export interface Watched {
  /** The exit code, or the signal. */
  readonly end: number | string;
  readonly stdout: string;
  readonly stderr: string;
  /** Whether it was stopped because it showed no progress. */
  readonly hung: boolean;
}

/** Runs a command to its end, unless this process ends or the command shows no progress. */
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
    } catch { /* it has ended */ }
  };
  let hung = false;
  let endKilling = (): void => {};
  const running = new Silence(seconds, () => {
    hung = true;
    kill("SIGTERM");
    // Repeated, as `deno test` continues with the next file after a signal.
    let signals = 1;
    endKilling = clock(() => kill(++signals > GRACE_SECONDS ? "SIGKILL" : "SIGTERM"));
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
  // Its children may keep its output open.
  const closing = new Silence(GRACE_SECONDS, () => reading.abort(), clock);
  const [stdout, stderr] = await output.finally(() => closing.end());
  return { end: signal ?? code, stdout, stderr, hung };
}

/** The last lines of the output of a process, for errors. */
export function lastLines(output: string, count = 30): string {
  return output.trim().split("\n").slice(-count).join("\n");
}
