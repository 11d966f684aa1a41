// deno-lint-ignore-file no-console -- results are passed to the parent on standard output
/**
 * Runs random operations behind faults on a runtime: Deno runs this file directly, Bun and Node run a bundle of it. The last
 * argument is the task as JSON. The parent compares the server's state on request; the process ends by itself when its
 * standard input ends.
 */
import { S3Storage, type S3StorageOptions } from "../../mod.ts";
import { FaultWorker, type Judge } from "../unit/s3/fault_worker.ts";
import type { CountedError, Folder, SharedFolder, Tally } from "../unit/s3/fault_content.ts";
import { SeededRandom } from "../unit/random.ts";

export interface FaultTask {
  readonly endpointUrl: string;
  /** Two keys of the same user. */
  readonly keys: readonly (readonly [accessKey: string, secretKey: string])[];
  readonly seed: number;
  readonly operations: number;
  readonly workers: number;
  /** The timeout of the client, in seconds. */
  readonly timeout: number;
}

/** The content of a folder in a message. */
export type SentFolder = readonly (readonly [name: string, content: { id: number; length: number }])[];

/** What the process reports to its parent. */
export type FaultMessage =
  | { readonly type: "find"; readonly id: number; readonly folder: string; readonly allowed: readonly SentFolder[] }
  | { readonly type: "wrong"; readonly what: string; readonly folder: string }
  | {
    readonly type: "done";
    readonly states: SentFolder;
    readonly shared: SentFolder;
    readonly unsure: readonly { id: number; length: number }[];
    readonly tally: Pick<Tally, "operations" | "refused" | "failed">;
    readonly errors: Readonly<Record<string, CountedError>>;
    /** The pending timers after all operations, by the function that set them. */
    readonly timers: readonly string[];
  }
  | { readonly type: "aborted"; readonly uploads: number; readonly timers: readonly string[] };

/** What the parent answers: the index of the content that a folder has, or a description of its content. */
export interface FaultReply {
  readonly id: number;
  readonly found: number | string;
}

interface Process {
  readonly argv: string[];
  readonly stdin: AsyncIterable<Uint8Array>;
}

const { process } = globalThis as unknown as { process: Process };
const task = JSON.parse(process.argv.at(-1)!) as FaultTask;
const MIB = 1024 ** 2;

/** The longest time that background work, such as aborting an upload, may take after the last operation. */
const MOST_BACKGROUND_MILLISECONDS = 60_000;

/** The time without a timer, in polls of 10 ms, after which nothing continues in the background. */
const QUIET_POLLS = 30;

const { setTimeout: setRealTimeout } = globalThis;

/** All pending timers of this process, with the stack of their creation. */
const timers = new Map<unknown, string>();

/** Observes the timers that are set from now on. */
function observeTimers(): void {
  const scope = globalThis as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ["Timeout", "Interval"]) {
    const [set, clear] = [scope[`set${name}`]!, scope[`clear${name}`]!];
    scope[`set${name}`] = (run, ...args) => {
      const timer = set((...given: unknown[]) => {
        if (name === "Timeout") timers.delete(timer);
        (run as (...given: unknown[]) => void)(...given);
      }, ...args);
      const stack = new Error(`${name} of ${args[0]} ms`).stack ?? "";
      if (!stack.includes("node:internal/deps/undici")) timers.set(timer, stack); // those of fetch itself
      return timer;
    };
    scope[`clear${name}`] = (timer) => {
      timers.delete(timer);
      clear(timer);
    };
  }
}

/** Waits until no timer has been pending for a while, or background work takes too long; returns the stacks of those that are. */
async function pendingTimers(): Promise<string[]> {
  const end = Date.now() + MOST_BACKGROUND_MILLISECONDS;
  for (let quiet = 0; quiet < QUIET_POLLS && Date.now() < end;) {
    await new Promise((resolve) => setRealTimeout(resolve, 10));
    quiet = timers.size > 0 ? 0 : quiet + 1;
  }
  return [...timers.values()];
}

function report(message: FaultMessage): void {
  console.log(JSON.stringify(message));
}

/** Lets the parent compare. */
class ParentJudge implements Judge {
  readonly #waiting = new Map<number, (found: number | string) => void>();
  #asked = 0;

  find(folder: string, allowed: readonly Folder[]): Promise<number | string> {
    const id = ++this.#asked;
    const found = new Promise<number | string>((resolve) => this.#waiting.set(id, resolve));
    report({ type: "find", id, folder, allowed: allowed.map((folder) => [...folder]) });
    return found;
  }

  hear({ id, found }: FaultReply): void {
    this.#waiting.get(id)!(found);
    this.#waiting.delete(id);
  }
}

/** Two keys, of which the other one is used when one is refused. */
function credentials(): NonNullable<S3StorageOptions["credentials"]> {
  const pairs = task.keys.map(([accessKeyId, secretAccessKey]) => ({ accessKeyId, secretAccessKey }));
  let current = pairs[0]!;
  return Object.assign(() => current, {
    refused: ({ accessKeyId }: { accessKeyId: string }): void => {
      if (accessKeyId === current.accessKeyId) current = pairs.find((pair) => pair !== current)!;
    },
  });
}

const options: S3StorageOptions = {
  bucketName: "media",
  endpointUrl: task.endpointUrl,
  credentials: credentials(),
  // With short waits, more attempts are needed while the port is closed.
  clientConfig: { maxAttempts: 4, maxNetworkAttempts: 20, timeout: task.timeout },
  transferConfig: { multipartThreshold: 200_000, partSize: 5 * MIB, maxConcurrency: 3 },
};

async function run(judge: Judge): Promise<void> {
  // Waits before retries are short: their lengths have tests of their own.
  const seeded = new SeededRandom(task.seed);
  Math.random = () => seeded.next() / 20;
  observeTimers();
  const storages = {
    plain: new S3Storage(options),
    careful: new S3Storage({ ...options, fileOverwrite: false }),
    spooling: new S3Storage({ ...options, maxMemorySize: MIB, objectParameters: { ContentMD5: true } }),
  };
  const shared: SharedFolder = { stored: new Map(), unsure: [] };
  const tally: Tally = { operations: 0, refused: 0, failed: 0, errors: new Map() };
  const world = { judge, storages, shared, tally };
  const workers = Array.from({ length: task.workers }, (_, number) => new FaultWorker(number, task.seed, world));
  const onWrong = (what: string, folder: string): void => report({ type: "wrong", what, folder });
  await Promise.all(workers.map((worker) => worker.run(Math.ceil(task.operations / task.workers), onWrong)));
  const { operations, refused, failed, errors } = tally;
  report({
    type: "done",
    states: workers.flatMap(({ state }) => [...state]),
    shared: [...shared.stored],
    unsure: shared.unsure,
    tally: { operations, refused, failed },
    errors: Object.fromEntries(errors),
    timers: await pendingTimers(),
  });
  await calm;
  const aborted = await storages.plain.uploads.abortIncomplete({ olderThanSeconds: 0 });
  report({ type: "aborted", uploads: aborted.length, timers: await pendingTimers() });
}

let calmDown = (): void => {};
/** Resolves when no more faults are injected. */
const calm = new Promise<void>((resolve) => calmDown = resolve);

const judge = new ParentJudge();
const running = run(judge);
const decoder = new TextDecoder();
let rest = "";
for await (const chunk of process.stdin) {
  const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
  rest = lines.pop()!;
  for (const line of lines) {
    if (line === "calm") calmDown();
    else judge.hear(JSON.parse(line));
  }
}
await running;
