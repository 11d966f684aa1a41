/** collect({ invalidate }) on all kinds of storages: the names that it passes on, and those that it records. */
import { MemoryBackend } from "../../../../src/storage/memory/memory_backend.ts";
import { LocalBackend } from "../../../../src/storage/local/local_backend.ts";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { collect, ManifestStaticStorage, type PendingInvalidation } from "../../../../src/static/mod.ts";
import { LocalStorage, MemoryStorage, Storage } from "../../../../src/storage/mod.ts";
import { SeededRandom } from "../../random.ts";
import { collectFiles, type Files, namesOf, source, textOf } from "../stage.ts";

const FOLDER = ".pending-invalidation/";

/** Checks invalidations against the changes of a storage, as a cache in front of it would. */
class Judge {
  readonly sent: PendingInvalidation[] = [];
  /** The results of the next invalidations; later ones are accepted. */
  script: ("refuse" | "throw")[] = [];
  writes = 0;
  /** The number of the write at which the process is killed. */
  killAt = Infinity;
  /** Whether that write is stored. */
  arrives = true;
  isKilled = false;
  readonly #stale = new Set<string>();
  readonly #bytes = new Map<string, string | undefined>();

  get stale(): string[] {
    return [...this.#stale].sort();
  }

  /** Runs a write, or fails as if the process were killed. */
  async write<T>(act: () => Promise<T>, names: readonly string[], bytes: string | undefined): Promise<T> {
    if (this.isKilled) throw new Error("killed");
    this.isKilled = ++this.writes === this.killAt;
    let written: T | undefined;
    if (!this.isKilled || this.arrives) {
      written = await act();
      for (const name of names) {
        const before = this.#bytes.get(name);
        if (before !== undefined && before !== bytes && !name.startsWith(FOLDER)) this.#stale.add(name);
        this.#bytes.set(name, bytes);
      }
    }
    if (this.isKilled) throw new Error("killed");
    return written!;
  }

  readonly invalidate = ({ names, reference }: PendingInvalidation): boolean => {
    if (this.isKilled) throw new Error("killed");
    const turn = this.script.shift();
    if (turn === "throw") throw new Error("refused");
    if (turn === "refuse") return false;
    this.sent.push({ names, reference });
    for (const name of names) this.#stale.delete(name);
    return true;
  };
}

class WatchedMemory extends MemoryBackend {
  constructor(readonly judge: Judge) {
    super();
  }
  override async put(
    ...args: Parameters<MemoryBackend["put"]>
  ): ReturnType<MemoryBackend["put"]> {
    const text = await new Response(args[1]).text();
    return await this.judge.write(() => super.put(...args), [args[0]], text);
  }
  override async delete(...args: Parameters<MemoryBackend["delete"]>): Promise<void> {
    await this.judge.write(() => super.delete(...args), args[0], undefined);
  }
}

class WatchedFolder extends LocalBackend {
  constructor(folder: string, readonly judge: Judge) {
    super(folder, { location: "" });
  }
  override async put(
    ...args: Parameters<LocalBackend["put"]>
  ): ReturnType<LocalBackend["put"]> {
    const text = await new Response(args[1]).text();
    return await this.judge.write(() => super.put(...args), [args[0]], text);
  }
  override async delete(...args: Parameters<LocalBackend["delete"]>): Promise<void> {
    await this.judge.write(() => super.delete(...args), args[0], undefined);
  }
}

function site(random: SeededRandom): Files {
  const files: Record<string, string> = { "index.html": random.pick(["1", "2"]) };
  for (let i = 0; i < 8; i++) if (random.below(4) > 0) files[`${i}.css`] = random.pick(["a{}", "b{}", "a{b:c}"]);
  return files;
}

Deno.test("collect({ invalidate }) catches up after runs that fail at random writes, in memory and in a folder, with a manifest and without", async () => {
  const root = await Deno.makeTempDir();
  let killed = 0;
  let stale = 0;
  for (let seed = 0; seed < 40; seed++) {
    const random = new SeededRandom(seed);
    const judge = new Judge();
    const files = seed % 2 === 0
      ? new Storage(new WatchedMemory(judge))
      : new Storage(new WatchedFolder(`${root}/${seed}`, judge));
    const storage: Storage = seed % 4 < 2 ? files : new ManifestStaticStorage(files);
    await collectFiles(site(random), storage, { invalidate: judge.invalidate });
    let last: Files = {};
    for (let round = 0; round < 4; round++) {
      last = site(random);
      judge.killAt = random.pick([Infinity, 1 + random.below(12)]);
      judge.arrives = random.below(2) === 0;
      judge.writes = 0;
      judge.script = random.pick([[], ["refuse"], ["throw"]]);
      const options = {
        delete: random.below(2) === 0,
        clear: random.below(6) === 0,
        invalidate: random.below(4) === 0 ? undefined : judge.invalidate,
        concurrency: 1 + random.below(4),
      };
      await collectFiles(last, storage, options).catch(() => {});
      if (judge.isKilled) killed++;
      judge.isKilled = false;
    }
    judge.killAt = Infinity;
    judge.script = [];
    if (judge.stale.length > 0) stale++;
    const { pendingInvalidation } = await collectFiles(last, storage, { invalidate: judge.invalidate });
    assertEquals([pendingInvalidation, judge.stale], [[], []], `seed ${seed}`);
    const { length } = judge.sent;
    await collectFiles(last, storage, { invalidate: judge.invalidate });
    assertEquals(judge.sent.length, length, `seed ${seed}`);
  }
  assert(killed > 15 && stale > 8, JSON.stringify({ killed, stale }));
  await Deno.remove(root, { recursive: true });
});

Deno.test("collect() resolves if invalidate resolves to false, and rejects with its error; the names stay pending in both cases", async () => {
  const storage = new MemoryStorage();
  await collectFiles({ "a.txt": "1", "b.txt": "1" }, storage, { invalidate: () => {} });
  const refused = await collectFiles({ "a.txt": "2", "b.txt": "1" }, storage, {
    invalidate: () => Promise.resolve(false),
  });
  assertEquals([refused.changed, refused.pendingInvalidation], [["a.txt"], ["a.txt"]]);
  await assertRejects(
    () =>
      collectFiles({ "a.txt": "2", "b.txt": "2" }, storage, { invalidate: () => Promise.reject(new Error("no CDN")) }),
    Error,
    "no CDN",
  );
  const dry = await collectFiles({ "a.txt": "2", "b.txt": "3" }, storage, { dryRun: true });
  assertEquals(dry.pendingInvalidation, ["a.txt", "b.txt"]);
  const sent: PendingInvalidation[] = [];
  const { changed, pendingInvalidation } = await collectFiles({ "a.txt": "2", "b.txt": "2" }, storage, {
    invalidate: (pending) => sent.push(pending),
  });
  assertEquals([sent.map(({ names }) => names), changed, pendingInvalidation], [[["a.txt", "b.txt"]], [], []]);
});

Deno.test("the reference stays the same until something changes", async () => {
  const storage = new MemoryStorage();
  const references: string[] = [];
  const refuse = ({ reference }: PendingInvalidation): boolean => {
    references.push(reference);
    return false;
  };
  await collectFiles({ "a.txt": "1" }, storage, { invalidate: refuse });
  for (const text of ["2", "2", "3", "3", "2"]) await collectFiles({ "a.txt": text }, storage, { invalidate: refuse });
  const [one, two, three, four, five] = references;
  assertEquals([one === two, three === four, new Set([one, three, five]).size], [true, true, 3]);
  assert(references.every((reference) => /^[0-9a-f]{32}$/.test(reference)));
});

Deno.test("a storage without invalidate has no records, and one without pending names has one file", async () => {
  const storage = new MemoryStorage();
  await collectFiles({ "a.txt": "1" }, storage);
  assertEquals((await collectFiles({ "a.txt": "2" }, storage)).pendingInvalidation, undefined);
  assertEquals(await namesOf(storage), ["a.txt"]);
  await collectFiles({ "a.txt": "3" }, storage, { invalidate: () => {} });
  assertEquals(await namesOf(storage), [`${FOLDER}place.json`, "a.txt"]);
});

/** A storage that runs a callback once, after its listing or before a file is stored. */
class Disturbed extends MemoryBackend {
  afterListing: (() => Promise<unknown>) | undefined;
  before: { name: string; act: () => Promise<unknown> } | undefined;

  override async *list(
    ...args: Parameters<MemoryBackend["list"]>
  ): ReturnType<MemoryBackend["list"]> {
    yield* super.list(...args);
    const { afterListing } = this;
    this.afterListing = undefined;
    await afterListing?.();
  }

  override async put(
    ...args: Parameters<MemoryBackend["put"]>
  ): ReturnType<MemoryBackend["put"]> {
    const { before } = this;
    if (before?.name === args[0]) {
      this.before = undefined;
      await before.act();
    }
    return await super.put(...args);
  }
}

Deno.test("a run without invalidate that began before the first one with it records its later changes", async () => {
  const backend = new Disturbed();
  const storage = new Storage(backend);
  await collectFiles({ "a.txt": "1" }, storage);
  const sent: (readonly string[])[] = [];
  const invalidate = ({ names }: PendingInvalidation): unknown => sent.push(names);
  backend.before = { name: "a.txt", act: () => collectFiles({ "a.txt": "1" }, storage, { invalidate }) };
  await collectFiles({ "a.txt": "2" }, storage);
  assertEquals(sent, []);
  await collectFiles({ "a.txt": "2" }, storage, { invalidate });
  assertEquals(sent, [["a.txt"]]);
});

Deno.test("names that a run may change stay pending while it runs, even if another run has invalidated them", async () => {
  for (const isKilled of [false, true]) {
    const backend = new Disturbed();
    const storage = new Storage(backend);
    const sent: (readonly string[])[] = [];
    const invalidate = ({ names }: PendingInvalidation): unknown => sent.push(names);
    await collectFiles({ "a.txt": "1", "b.txt": "1" }, storage, { invalidate });
    backend.before = {
      name: "a.txt",
      act: () => collectFiles({ "a.txt": "1", "b.txt": "1" }, storage, { invalidate }),
    };
    const stop = new AbortController();
    const running = collectFiles({ "a.txt": "2", "b.txt": "1" }, storage, {
      signal: stop.signal,
      onProgress: ({ kind, name }) =>
        isKilled && kind === "uploaded" && name === "a.txt" && stop.abort(new Error("stopped")),
    });
    if (isKilled) await assertRejects(() => running, Error, "stopped");
    else await running;
    assertEquals([sent.splice(0), await textOf(storage, "a.txt")], [[["a.txt"]], "2"]);
    await collectFiles({ "a.txt": "2", "b.txt": "1" }, storage, { invalidate });
    assertEquals(sent.splice(0), [["a.txt"]]);
    await collectFiles({ "a.txt": "2", "b.txt": "1" }, storage, { invalidate });
    assertEquals(sent, []);
  }
});

Deno.test("a new name that two runs store at the same time counts as changed", async () => {
  const backend = new Disturbed();
  const storage = new Storage(backend);
  const sent: (readonly string[])[] = [];
  const invalidate = ({ names }: PendingInvalidation): unknown => sent.push(names);
  await collectFiles({ "a.txt": "1" }, storage, { invalidate });
  backend.afterListing = () => collectFiles({ "a.txt": "1", "new.txt": "one" }, storage);
  await collectFiles({ "a.txt": "1", "new.txt": "two" }, storage, { invalidate });
  assertEquals([sent, await textOf(storage, "new.txt")], [[["new.txt"]], "two"]);
});

Deno.test("a run that changes 2,000 files announces them in few records, and deletes its own afterwards", async () => {
  const files = (text: string): Files => Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`${i}.txt`, text]));
  let records = 0;
  class Counting extends MemoryBackend {
    override async put(
      ...args: Parameters<MemoryBackend["put"]>
    ): ReturnType<MemoryBackend["put"]> {
      if (args[0].startsWith(FOLDER)) records++;
      return await super.put(...args);
    }
  }
  const storage = new Storage(new Counting());
  await collectFiles(files("1"), storage, { invalidate: () => {} });
  records = 0;
  const sent: (readonly string[])[] = [];
  await collectFiles(files("2"), storage, { invalidate: ({ names }) => sent.push(names) });
  assertEquals(sent.map(({ length }) => length), [2000]);
  assert(records <= 66, `${records}`); // at most 64 of one name each, one of all other names, one of the changed names
  assertEquals((await namesOf(storage)).filter((name) => name.startsWith(FOLDER)), [`${FOLDER}place.json`]);
});

Deno.test("replaced manifests and changed siblings are invalidated, new hashed copies are not", async () => {
  const storage = new ManifestStaticStorage(new MemoryStorage());
  const sent: (readonly string[])[] = [];
  const options = {
    invalidate: ({ names }: PendingInvalidation): unknown => sent.push(names),
    precompress: { encodings: ["gzip"], as: "siblings" },
  } as const;
  const text = (digit: string): string => `a{} /* ${digit.repeat(3000)} */`;
  await collectFiles({ "a.css": text("1"), "b.css": text("1") }, storage, options);
  await collectFiles({ "a.css": text("2"), "b.css": text("1") }, storage, options);
  assertEquals(sent, [["a.css", "a.css.gz", "staticfiles.json"]]);
});

Deno.test("collect() skips records of pending invalidations in its sources", async () => {
  const folder = await Deno.makeTempDir();
  await collectFiles({ "a.txt": "1" }, new LocalStorage(folder), { invalidate: () => {} });
  const copy = new MemoryStorage();
  await collect(copy, { from: folder });
  const events: string[] = [];
  const all = { from: folder, ignore: [".storages*"] };
  await collect(copy, { ...all, onProgress: ({ message }) => message !== undefined && events.push(message) });
  assertEquals(await namesOf(copy), ["a.txt"]);
  assertEquals(events, [`${FOLDER}place.json is skipped: that folder holds records of pending invalidations`]);
  await collect(copy, { from: source({ "a.txt": "1" }) });
  await Deno.remove(folder, { recursive: true });
});
