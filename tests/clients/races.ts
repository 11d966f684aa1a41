// deno-lint-ignore-file no-console -- results are passed to the test on standard output
/**
 * Concurrent writers in one bucket that must not overwrite: 12 of them with one name, and 8 that save, copy, move and
 * delete at random. Runs on Deno, Bun and Node; the last argument has the server and the counts, as JSON.
 */
import { isStorageError, S3Storage } from "../../mod.ts";
import { pattern, streamOf } from "../conformance/case.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import { SeededRandom } from "../unit/random.ts";

/** The input of the process. */
export interface RacesOrder {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  /** The number of rounds in which 12 writers use one name. */
  readonly rounds: number;
  /** The total number of operations of the 8 workers. */
  readonly operations: number;
  readonly seed: number;
}

/** The result of a race. */
export interface RaceResult {
  readonly name: string;
  readonly ok: boolean;
  readonly error?: string;
  /** Figures for the report. */
  readonly counts: Readonly<Record<string, number>>;
}

const WRITERS = 12;
const WORKERS = 8;
const LARGE = 9 * 1024 * 1024;

const { process } = globalThis as unknown as { process: { argv: string[] } };
const order = JSON.parse(process.argv.at(-1)!) as RacesOrder;

function check(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(what);
}

function open(): S3Storage {
  return new S3Storage({
    bucketName: order.bucket,
    endpointUrl: order.endpoint,
    accessKey: order.accessKey,
    secretKey: order.secretKey,
    location: `race-${crypto.randomUUID()}`,
    fileOverwrite: false,
  });
}

async function race(name: string, run: (counts: Record<string, number>) => Promise<void>): Promise<RaceResult> {
  const counts: Record<string, number> = {};
  try {
    await run(counts);
    return { name, ok: true, counts };
  } catch (error) {
    return { name, ok: false, error: String((error as Error).stack ?? error), counts };
  }
}

let counted = 0;

function count(counts: Record<string, number>, what: string, by = 1): void {
  counts[what] = (counts[what] ?? 0) + by;
  if (++counted % 50 === 0) console.log(`${counted} steps`); // output that shows progress
}

async function namesIn(storage: S3Storage): Promise<string[]> {
  return (await storage.listdir(""))[1].sort();
}

/** Content as bytes, a Blob or a stream, which are uploaded in different ways. */
function contentOf(
  bytes: Uint8Array<ArrayBuffer>,
  kind: number,
): Uint8Array<ArrayBuffer> | Blob | ReadableStream<Uint8Array> {
  return kind % 3 === 0 ? bytes : kind % 3 === 1 ? new Blob([bytes]) : streamOf(bytes, 1_000_003);
}

/** 12 saves of 9 MiB with one name: each is stored under another name, and no partial file is ever visible. */
async function saves(counts: Record<string, number>): Promise<void> {
  const contents = Array.from({ length: WRITERS }, (_, index) => pattern(LARGE, index + 1));
  for (let round = 0; round < order.rounds; round++) {
    const storage = open();
    let isDone = false;
    const watching = (async (): Promise<void> => {
      while (!isDone) {
        for await (const entry of storage.list("", { recursive: true })) {
          check(entry.size === LARGE, `${entry.name} is seen with ${entry.size} bytes`);
          count(counts, "looks");
        }
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    const names = await Promise.all(
      contents.map((content, index) => storage.save("a.bin", contentOf(content, index + round))),
    );
    isDone = true;
    await watching;
    check(new Set(names).size === WRITERS, `a name is given twice: ${names}`);
    check(names.toSorted().join() === (await namesIn(storage)).join(), "what is listed is not what was saved");
    for (const [index, name] of names.entries()) {
      const stored = await (await storage.open(name, "rb")).bytes();
      check(
        stored.length === LARGE && stored.every((byte, i) => byte === contents[index]![i]),
        `${name} has other bytes`,
      );
    }
    count(counts, "saves", names.length);
    await storage.deleteMany(names);
  }
}

/** 12 moves, and 12 copies, to one name: exactly one succeeds, and no source of the others is lost. */
async function moves(counts: Record<string, number>): Promise<void> {
  for (let round = 0; round < order.rounds; round++) {
    for (const operation of ["move", "copy"] as const) {
      const storage = open();
      const names = Array.from({ length: WRITERS }, (_, index) => `${index}.txt`);
      await Promise.all(names.map((name) => storage.save(name, name)));
      const done = await Promise.allSettled(names.map((name) => storage[operation](name, "target.txt")));
      const refused = done.filter((one) => one.status === "rejected").map(({ reason }) => reason);
      const wrong = refused.find((reason) => !isStorageError(reason, "AlreadyExists"));
      check(wrong === undefined, String(wrong));
      check(
        refused.length === WRITERS - 1,
        `${WRITERS - refused.length} of ${WRITERS} say that they have ${operation}d it`,
      );
      const winner = await (await storage.open("target.txt")).text();
      const left = operation === "copy" ? names : names.filter((name) => name !== winner);
      check([...left, "target.txt"].sort().join() === (await namesIn(storage)).join(), "a file is gone");
      count(counts, operation);
    }
  }
}

/** A file in the model. */
interface Known {
  readonly content: string;
  /** Whether a worker is removing it, so that its name may already be free. */
  isLeaving: boolean;
}

/** Random saves, copies, moves and deletes of 8 workers with few names: all successful writes exist, and no name is used twice. */
async function model(counts: Record<string, number>): Promise<void> {
  const storage = open();
  const random = new SeededRandom(order.seed);
  const files = new Map<string, Known>();
  const free = new Set<string>(); // the files that no worker uses
  const targets = Array.from({ length: 10 }, (_, index) => `name ${index}.txt`);
  let left = order.operations;
  let written = 0;

  function appear(name: string, content: string): void {
    const before = files.get(name);
    check(before === undefined || before.isLeaving, `${name} is given twice: to ${before?.content} and ${content}`);
    files.set(name, { content, isLeaving: false });
    free.add(name);
  }

  function vanish(name: string, known: Known): void {
    if (files.get(name) !== known) return; // another file has got its name since
    files.delete(name);
  }

  async function step(): Promise<void> {
    const target = random.pick(targets);
    const kind = random.pick(["save", "save", "copy", "move", "move", "delete"] as const);
    count(counts, kind);
    if (kind === "save" || free.size === 0) {
      const id = `file ${++written}`;
      const isLarge = random.below(20) === 0;
      const bytes = new TextEncoder().encode(isLarge ? id.padEnd(LARGE) : id);
      if (isLarge) count(counts, "large");
      return appear(await storage.save(target, contentOf(bytes, random.below(3))), id);
    }
    const source = random.pick([...free]);
    const known = files.get(source)!;
    free.delete(source);
    try {
      if (kind === "delete" || kind === "move") known.isLeaving = true;
      if (kind === "delete") await storage.delete(source);
      else await storage[kind](source, target);
      if (kind !== "delete" && target !== source) appear(target, known.content);
      if (kind === "delete" || (kind === "move" && target !== source)) return vanish(source, known);
    } catch (error) {
      if (!isStorageError(error, "AlreadyExists")) throw error;
      count(counts, "refused");
    }
    known.isLeaving = false;
    free.add(source);
  }

  await Promise.all(Array.from({ length: WORKERS }, async () => {
    while (left-- > 0) await step();
  }));
  check([...files.keys()].sort().join() === (await namesIn(storage)).join(), "the files are not those of the model");
  for (const [name, { content }] of files) {
    const stored = (await (await storage.open(name)).text()).trimEnd();
    check(stored === content, `${name} has ${stored.slice(0, 40)} instead of ${content}`);
  }
  count(counts, "files left", files.size);
}

const results = [
  await race("12 large saves under one name", saves),
  await race("12 moves and copies to one name", moves),
  await race(`${order.operations} operations of ${WORKERS} workers`, model),
];
console.log(RESULTS_MARKER + JSON.stringify(results));
