// deno-lint-ignore-file no-console -- results are passed to the parent on standard output
/** The child's side of an outage: waits for tasks on standard input, and prints results. */
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";

export const OUTAGE_CALLS = ["save", "open", "list"] as const;

export interface OutageTask {
  readonly call: typeof OUTAGE_CALLS[number];
  readonly count: number;
}

export interface OutageFigures {
  readonly failures: number;
  readonly longestMilliseconds: number;
  /** The first error, if any. */
  readonly error?: string | undefined;
}

/** The calls of one client. */
export type OutageCalls = Readonly<Record<OutageTask["call"], (index: number) => Promise<unknown>>>;

/** The size of each file. */
export const OUTAGE_BYTES = 10_000;

interface Process {
  readonly argv: string[];
  readonly stdin: AsyncIterable<Uint8Array>;
}

const { process } = globalThis as unknown as { process: Process };

/**
 * Runs tasks until standard input ends.
 *
 * @param connect Makes a new client, without anything that it learned in an earlier task.
 */
export async function runTasks(connect: (endpointUrl: string) => OutageCalls): Promise<void> {
  const lines = linesOf(process.stdin);
  for (let line = await lines.next(); !line.done; line = await lines.next()) {
    const { call, count } = JSON.parse(line.value) as OutageTask;
    const calls = connect(process.argv.at(-1)!);
    // The files, and everything that a first call loads.
    await calls.save(0);
    await calls[call](0);
    console.log("ready");
    await lines.next();
    let failures = 0;
    let longestMilliseconds = 0;
    let error: string | undefined;
    const running = Array.from({ length: count }, async (_, index) => {
      const start = performance.now();
      await calls[call](index).catch((failure) => {
        failures++;
        error ??= `${failure}`;
      });
      longestMilliseconds = Math.max(longestMilliseconds, performance.now() - start);
    });
    console.log("begun");
    await Promise.all(running);
    const figures: OutageFigures = { failures, longestMilliseconds, error };
    console.log(RESULTS_MARKER + JSON.stringify(figures));
  }
}

async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
