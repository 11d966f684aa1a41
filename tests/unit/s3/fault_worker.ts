/** One of several concurrent users of an unreliable storage: runs random operations, and checks every outcome. */
import { assert, assertEquals } from "@std/assert";
import { isStorageError, type StorageError } from "../../../src/errors.ts";
import type { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { BinaryFile } from "../../../src/storage/files/binary_file.ts";
import { chunkedStream, SeededRandom } from "../random.ts";
import { bytesOf, type Content, type Folder, type SharedFolder, type Tally } from "./fault_content.ts";

/** Longer than any operation takes with all its attempts, even on a busy machine. */
const LIMIT_MILLISECONDS = 300_000;

const MIB = 1024 ** 2;

/** Knows what the server holds, without the storage that is tested. */
export interface Judge {
  /**
   * Waits until all requests to a folder are executed, then compares its content.
   *
   * @param folder The prefix of its keys.
   * @returns The index of the content that the folder has, or a description of its content if none of them is right.
   */
  find(folder: string, allowed: readonly Folder[]): Promise<number | string>;
}

/** The storages of one bucket that a worker uses. */
export interface Storages {
  /** Overwrites. */
  readonly plain: S3Storage;
  /** Does not overwrite. */
  readonly careful: S3Storage;
  /** Overwrites, keeps parts on disk, and sends checksums. */
  readonly spooling: S3Storage;
}

export class FaultWorker {
  readonly #judge: Judge;
  readonly #storages: Storages;
  readonly #shared: SharedFolder;
  readonly #tally: Tally;
  readonly #random: SeededRandom;
  readonly #number: number;
  #folder: string;
  /** The content of the worker's folder, which no other worker writes to. */
  #state: Folder = new Map();
  #contents = 0;

  constructor(
    number: number,
    seed: number,
    world: { judge: Judge; storages: Storages; shared: SharedFolder; tally: Tally },
  ) {
    this.#number = number;
    this.#folder = `worker${number}`;
    this.#random = new SeededRandom(seed * 1000 + number);
    this.#judge = world.judge;
    this.#storages = world.storages;
    this.#shared = world.shared;
    this.#tally = world.tally;
  }

  /** The expected content of the worker's folder, by full names. */
  get state(): Folder {
    return this.#state;
  }

  /**
   * Runs random operations.
   *
   * @param onWrong Called with a wrong outcome, after which the worker continues in another folder. By default it throws.
   */
  async run(operations: number, onWrong?: (what: string, folder: string) => void): Promise<void> {
    for (let i = 0; i < operations; i++) {
      const operation = this.#pick();
      this.#tally.operations++;
      try {
        await operation.call(this);
      } catch (error) {
        const what = `worker ${this.#number}, operation ${i} (${operation.name}): ${error}`;
        if (onWrong === undefined) throw new Error(what, { cause: error });
        onWrong(what, this.#folder);
        this.#folder = `worker${this.#number}-${i}`;
        this.#state = new Map();
      }
    }
  }

  #pick(): () => Promise<void> {
    const { random } = { random: this.#random.below(100) };
    for (const [upTo, operation] of this.#operations) if (random < upTo) return operation;
    throw new RangeError("the shares of the operations end below 100");
  }

  readonly #operations: readonly (readonly [upTo: number, () => Promise<void>])[] = [
    [14, this.saveSmall],
    [24, this.saveStream],
    [28, this.saveLarge],
    [38, this.writeHandle],
    [44, this.writeNew],
    [52, this.saveShared],
    [62, this.read],
    [66, this.download],
    [73, this.stat],
    [78, this.list],
    [86, this.copy],
    [91, this.move],
    [96, this.delete],
    [100, this.deleteMany],
  ];

  // The operations

  async saveSmall(): Promise<void> {
    const [name, content] = [this.#name(), this.#content(this.#random.below(30_000))];
    const bytes = bytesOf(content);
    const storage = this.#random.pick([this.#storages.plain, this.#storages.spooling]);
    const body = this.#random.pick([bytes, new Blob([bytes])]);
    await this.#change(() => storage.save(name, body), this.#with([name, content]), [this.#state]);
  }

  async saveStream(): Promise<void> {
    const isLong = this.#random.below(8) === 0;
    const [name, content] = [this.#name(), this.#content((isLong ? 5 * MIB : 0) + this.#random.below(MIB))];
    const storage = this.#random.pick([this.#storages.plain, this.#storages.spooling]);
    const stream = chunkedStream(bytesOf(content), [70_000, 1, 64 * 1024]);
    await this.#change(() => storage.save(name, stream), this.#with([name, content]), [this.#state]);
  }

  /** In one to three parts, mostly one. */
  async saveLarge(): Promise<void> {
    const length = this.#random.below(3) === 0 ? 5 * MIB + this.#random.below(7 * MIB) : 300_000;
    const [name, content] = [this.#name(), this.#content(length)];
    const bytes = bytesOf(content);
    const body = this.#random.pick([bytes, new Blob([bytes])]);
    await this.#change(() => this.#storages.plain.save(name, body), this.#with([name, content]), [this.#state]);
  }

  async writeHandle(): Promise<void> {
    const isLong = this.#random.below(12) === 0;
    const gives = this.#random.below(6) > 0;
    const [name, content] = [this.#name(), this.#content((isLong ? 5 * MIB : 0) + this.#random.below(200_000))];
    const storage = this.#random.pick([this.#storages.plain, this.#storages.spooling]);
    const write = async (): Promise<void> => {
      await withFile(storage.open(name, "wb"), async (file) => {
        for await (const chunk of chunkedStream(bytesOf(content), [100_000, 333])) await file.write(chunk);
        if (gives) await file.close();
        else await file.abort();
      });
    };
    await this.#change(write, gives ? this.#with([name, content]) : this.#state, [this.#state]);
  }

  /** Under a name that must be free. */
  async writeNew(): Promise<void> {
    const isLong = this.#random.below(12) === 0;
    const [name, content] = [this.#name(), this.#content((isLong ? 5 * MIB : 0) + this.#random.below(20_000))];
    const isTaken = this.#state.has(name);
    const write = async (): Promise<void> => {
      await withFile(this.#storages.careful.open(name, "wb"), async (file) => {
        await file.write(bytesOf(content));
        await file.close();
      });
    };
    const error = await this.#change(write, isTaken ? undefined : this.#with([name, content]), [this.#state]);
    if (isStorageError(error, "AlreadyExists")) assert(isTaken, `${name} was free, and may hold what was written now`);
  }

  async saveShared(): Promise<void> {
    const { stored, unsure } = this.#shared;
    const isLong = this.#random.below(20) === 0;
    const content = this.#content((isLong ? 8.5 * MIB : 0) + this.#random.below(20_000));
    const bytes = bytesOf(content);
    const body = this.#random.pick<Blob | ReadableStream<Uint8Array>>([
      new Blob([bytes]),
      chunkedStream(bytes, [64 * 1024]),
    ]);
    try {
      const wanted = `shared/file${this.#random.below(20)}.bin`;
      const name = await this.#limited(() => this.#storages.careful.save(wanted, body));
      assert(!stored.has(name), `${name} was given to two`);
      stored.set(name, content);
    } catch (error) {
      this.#count(error);
      if (!isStorageError(error, "AlreadyExists")) unsure.push(content);
    }
  }

  async read(): Promise<void> {
    const name = this.#name();
    const content = this.#state.get(name);
    const read = async (): Promise<void> => {
      const opening = this.#storages.plain.open(name, "rb", { spool: this.#random.below(4) === 0 });
      await withFile(opening, async (file) => {
        assert(content !== undefined, `${name} was opened, though it is not there`);
        assertEquals(file.size, content.length);
        await this.#readAround(file, content);
      });
    };
    await this.#look(read, name);
  }

  async #readAround(file: BinaryFile, content: Content): Promise<void> {
    const bytes = bytesOf(content);
    for (let reads = this.#random.below(4); reads > 0; reads--) {
      const start = this.#random.below(content.length + 10);
      const length = this.#random.below(100_000);
      await file.seek(start);
      assertSame(await file.read(length), bytes.subarray(start, start + length));
    }
    if (this.#random.below(2) === 0) return;
    const { position } = file;
    assertSame(await file.bytes(), bytes.subarray(position));
  }

  /** In several ranges at the same time. */
  async download(): Promise<void> {
    const name = this.#name();
    const content = this.#state.get(name);
    const download = async (): Promise<void> => {
      const stream = await this.#storages.plain.download(name, { partSize: 64 * 1024, maxConcurrency: 3 });
      const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
      assert(content !== undefined, `${name} was downloaded, though it is not there`);
      assertSame(bytes, bytesOf(content));
    };
    await this.#look(download, name);
  }

  async stat(): Promise<void> {
    const name = this.#name();
    const content = this.#state.get(name);
    const { plain } = this.#storages;
    if (this.#random.below(2) === 0) {
      return await this.#look(async () => assertEquals(await plain.exists(name), content !== undefined), name);
    }
    await this.#look(async () => assertEquals((await plain.stat(name)).size, content?.length), name);
  }

  async list(): Promise<void> {
    const list = async (): Promise<void> => {
      const found: Record<string, number> = {};
      for await (const entry of this.#storages.plain.list(this.#folder, { recursive: true })) {
        found[entry.name] = entry.size;
      }
      const expected = [...this.#state].map(([name, { length }]) => [name, length]);
      assertEquals(found, Object.fromEntries(expected));
    };
    await this.#look(list, undefined);
  }

  async copy(): Promise<void> {
    const [from, to] = [this.#name(), this.#name()];
    const { plain, careful } = this.#storages;
    const storage = this.#random.pick([plain, careful]);
    const content = this.#state.get(from);
    const isRefused = storage === careful && from !== to && this.#state.has(to);
    const done = content === undefined || isRefused ? undefined : this.#with([to, content]);
    const error = await this.#change(() => storage.copy(from, to), done, [this.#state]);
    this.#judgeCopy(error, { isMissing: content === undefined, isRefused });
  }

  async move(): Promise<void> {
    const [from, to] = [this.#name(), this.#name()];
    const { plain, careful } = this.#storages;
    const storage = this.#random.pick([plain, careful]);
    const content = this.#state.get(from);
    const isRefused = storage === careful && from !== to && this.#state.has(to);
    if (content === undefined || isRefused || from === to) {
      const done = content === undefined || isRefused ? undefined : this.#state;
      const error = await this.#change(() => storage.move(from, to), done, [this.#state]);
      return this.#judgeCopy(error, { isMissing: content === undefined, isRefused });
    }
    const [copied, moved] = [this.#with([to, content]), this.#with([to, content], [from, undefined])];
    const error = await this.#change(() => storage.move(from, to), moved, [this.#state, copied]);
    this.#judgeCopy(error, { isMissing: false, isRefused: false });
  }

  #judgeCopy(error: unknown, { isMissing, isRefused }: { isMissing: boolean; isRefused: boolean }): void {
    if (isStorageError(error, "NotFound")) assert(isMissing, `an existing file was not found: ${error}`);
    if (isStorageError(error, "AlreadyExists")) assert(isRefused, `a free name was reported as taken: ${error}`);
  }

  async delete(): Promise<void> {
    const name = this.#name();
    await this.#change(() => this.#storages.plain.delete(name), this.#with([name, undefined]), [this.#state]);
  }

  async deleteMany(): Promise<void> {
    const names = [...new Set([this.#name(), this.#name(), this.#name()])];
    const before = this.#state;
    const done = this.#with(...names.map((name) => [name, undefined] as const));
    const subsets = Array.from({ length: 2 ** names.length }, (_, bits) => {
      return this.#with(...names.filter((_, i) => bits >> i & 1).map((name) => [name, undefined] as const));
    });
    const error = await this.#change(() => this.#storages.plain.deleteMany(names), done, subsets);
    if (error === undefined) return;
    assert(error instanceof AggregateError);
    const reported = error.errors.map(({ key }) => key);
    for (const name of names) {
      assert(reported.includes(name) || !this.#state.has(name), `${name} still exists, and no error reports it`);
    }
    assert(before.size >= this.#state.size);
  }

  // The checks

  #name(): string {
    return `${this.#folder}/file${this.#random.below(6)}.bin`;
  }

  #content(length: number): Content {
    return { id: this.#number * 10_000 + this.#contents++, length };
  }

  #with(...changes: (readonly [name: string, content: Content | undefined])[]): Folder {
    const state = new Map(this.#state);
    for (const [name, content] of changes) {
      if (content === undefined) state.delete(name);
      else state.set(name, content);
    }
    return state;
  }

  /**
   * Runs an operation, and compares the state of the server.
   *
   * @param done The folder's content if the operation succeeds; `undefined` if it must fail.
   * @param failed Other contents that the folder may have if the operation fails, as it may have worked nevertheless.
   * @returns The error of the operation.
   */
  async #change(
    work: () => Promise<unknown>,
    done: Folder | undefined,
    failed: readonly Folder[],
  ): Promise<unknown> {
    let error: unknown;
    let allowed = done === undefined ? [] : [done];
    try {
      await this.#limited(work);
    } catch (thrown) {
      error = thrown;
      this.#count(error, done === undefined);
      allowed = [...failed, ...allowed];
    }
    const found = await this.#judge.find(`${this.#folder}/`, allowed);
    if (typeof found === "string") {
      const format = (folder: Folder): string =>
        JSON.stringify([...folder].map(([name, { length }]) => [name, length]));
      throw new Error(
        `the server holds ${found}, allowed are ${allowed.map(format).join(" or ")} after ${error ?? "success"}`,
        { cause: error },
      );
    }
    this.#state = allowed[found]!;
    return error;
  }

  /** Runs a read: its result is right, or its error is allowed. */
  async #look(work: () => Promise<void>, name: string | undefined): Promise<void> {
    try {
      await this.#limited(work);
    } catch (error) {
      this.#count(error, name !== undefined && !this.#state.has(name));
      if (!isStorageError(error, "NotFound")) return;
      assert(name !== undefined && !this.#state.has(name), `an existing file was not found: ${error}`);
    }
  }

  /**
   * Counts an allowed error; throws any other.
   *
   * @param asked Whether the operation must fail.
   */
  #count(error: unknown, asked = false): void {
    const errors: unknown[] = error instanceof AggregateError ? error.errors : [error];
    for (const one of errors) {
      if (!isStorageError(one) || isStorageError(one, "Configuration")) throw error;
      assert(isExplained(one), `${one.name} has neither a cause nor a response: ${one}`);
    }
    if (asked && (isStorageError(error, "NotFound") || isStorageError(error, "AlreadyExists"))) {
      this.#tally.refused++;
      return;
    }
    this.#tally.failed++;
    for (const { name, operation, s3Code, attempts, message } of errors as StorageError[]) {
      const what = `${name}${operation ? ` of ${operation}` : ""}${s3Code ? `: ${s3Code}` : ""}`;
      const counted = this.#tally.errors.get(what) ??
        { count: 0, message: `${message} (${attempts ?? "no"} attempts)` };
      counted.count++;
      this.#tally.errors.set(what, counted);
    }
  }

  async #limited<T>(work: () => Promise<T>): Promise<T> {
    let timer: ReturnType<typeof setTimeout>;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`it hangs since ${LIMIT_MILLISECONDS / 1000} s`)), LIMIT_MILLISECONDS);
    });
    try {
      return await Promise.race([work(), limit]);
    } finally {
      clearTimeout(timer!);
    }
  }
}

/** Whether an error has what its kind promises: the failure of the network, or the response, and where it happened. */
function isExplained({ code, cause, status, operation, key, bucket }: StorageError): boolean {
  const isPlaced = operation !== undefined || key !== undefined || bucket !== undefined;
  if (code === "Connection" || code === "Timeout") return isPlaced && (cause !== undefined || status !== undefined);
  if (code === "Throttled" || code === "Unauthenticated" || code === "PermissionDenied") return status !== undefined;
  return isPlaced;
}

/** Opens a file, uses it and closes it; Node 20 has no `await using`. */
async function withFile<F extends AsyncDisposable>(
  opening: Promise<F>,
  use: (file: F) => Promise<void>,
): Promise<void> {
  const file = await opening;
  await use(file).finally(() => file[Symbol.asyncDispose]());
}

function assertSame(actual: Uint8Array, expected: Uint8Array): void {
  assertEquals(actual.length, expected.length);
  assert(actual.every((byte, i) => byte === expected[i]), "other bytes were read than were stored");
}
