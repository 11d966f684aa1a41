/** How long `withFiles` waits for the deletion of files, and what may fail without an effect on the outcome. */
import { assert, assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import { TimeoutError } from "../../../src/errors.ts";
import { fileField, type FileTransaction, withFiles, type WithFilesOptions } from "../../../src/field/mod.ts";
import type { SaveOptions } from "../../../src/storage/contract/options.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import { HeldTime, until } from "../held_time.ts";

const never = new Promise<never>(() => {});

/** A storage whose server never answers a deletion. */
class SilentStorage extends MemoryStorage {
  deletions = 0;
  override delete(): Promise<void> {
    this.deletions++;
    return never;
  }
  override deleteMany(): Promise<void> {
    this.deletions++;
    return never;
  }
}

type Report = [names: readonly string[], error: unknown];

/** Replaces `old.txt` by `new.txt`. */
async function replace(
  storage: MemoryStorage,
  options: WithFilesOptions<undefined>,
  body: (files: FileTransaction<undefined>) => Promise<void> = () => Promise.resolve(),
): Promise<string> {
  const field = fileField(storage);
  await field.save("old.txt", "old");
  return await withFiles((body) => body(undefined), async (files) => {
    const file = await files.save(field, "new.txt", "new");
    await files.transaction(async () => {
      files.deleteAfterCommit(field.file("old.txt"));
      await body(files);
    });
    return String(file);
  }, options);
}

const fails = (): Promise<void> => Promise.reject(new Error("rolled back"));

Deno.test("withFiles() waits for deletions at most deleteTimeoutSeconds, and reports the names", async () => {
  for (const deleteTimeoutSeconds of [undefined, 5]) {
    using time = new HeldTime();
    const storage = new SilentStorage();
    const reports: Report[] = [];
    const work = replace(storage, { deleteTimeoutSeconds, onLeftBehind: (...report) => void reports.push(report) });
    await until(() => storage.deletions > 0);
    await time.pass(1000 * (deleteTimeoutSeconds ?? 30));
    assertEquals(await work, "new.txt");
    const [[names, error]] = reports as [Report];
    assertEquals(names, ["old.txt"]);
    assertInstanceOf(error, TimeoutError);
    assertEquals(error.message, `Files were not deleted within ${deleteTimeoutSeconds ?? 30} s`);
  }
});

Deno.test("withFiles() waits for the deletion of new files after a rollback at most deleteTimeoutSeconds", async () => {
  using time = new HeldTime();
  const storage = new SilentStorage();
  const left: string[] = [];
  const work = replace(storage, { onLeftBehind: (names) => left.push(...names) }, fails);
  const rejected = assertRejects(() => work, Error, "rolled back");
  await until(() => storage.deletions > 0);
  await time.pass(30_000);
  await rejected;
  assertEquals(left, ["new.txt"]);
});

Deno.test("withFiles() with deleteTimeoutSeconds 0 deletes nothing, and reports the names", async () => {
  const storage = new SilentStorage();
  const left: string[] = [];
  await replace(storage, { deleteTimeoutSeconds: 0, onLeftBehind: (names) => left.push(...names) });
  assertEquals([left, storage.deletions], [["old.txt"], 0]);
});

Deno.test("withFiles() stops waiting for deletions when its signal is aborted, and keeps the result", async () => {
  const storage = new SilentStorage();
  const reports: Report[] = [];
  const controller = new AbortController();
  const work = replace(storage, {
    signal: controller.signal,
    onLeftBehind: (...report) => void reports.push(report),
  });
  await until(() => storage.deletions > 0);
  controller.abort(new Error("the client has gone"));
  assertEquals(await work, "new.txt");
  assertEquals(reports.map(([names, error]) => [names, String(error)]), [[["old.txt"], "Error: the client has gone"]]);
});

Deno.test("withFiles() with waitUntil returns before the deletions, and hands their end to waitUntil", async () => {
  const storage = new MemoryStorage();
  const deleting = Promise.withResolvers<void>();
  const { deleteMany } = storage;
  storage.deleteMany = async (...args) => {
    await deleting.promise;
    await deleteMany.apply(storage, args);
  };
  const held: Promise<unknown>[] = [];
  assertEquals(await replace(storage, { waitUntil: (work) => void held.push(work) }), "new.txt");
  assertEquals([held.length, await storage.exists("old.txt")], [1, true]);
  deleting.resolve();
  await held[0];
  assertEquals(await storage.exists("old.txt"), false);
});

Deno.test("withFiles() does nothing if waitUntil throws", async () => {
  const storage = new MemoryStorage();
  let calls = 0;
  const work = (): Promise<void> => Promise.resolve(void calls++);
  const waitUntil = (): never => {
    throw new TypeError("Illegal invocation");
  };
  await assertRejects(() => withFiles((body) => body(undefined), work, { waitUntil }), TypeError, "Illegal invocation");
  assertEquals([calls, await storage.listdir()], [0, [[], []]]);
});

Deno.test("withFiles() ignores errors of onLeftBehind: the outcome of the transaction is final", async () => {
  const callbacks: WithFilesOptions["onLeftBehind"][] = [
    () => {
      throw new Error("the log is full");
    },
    () => Promise.reject(new Error("the log is full")),
  ];
  for (const onLeftBehind of callbacks) {
    const storage = new MemoryStorage();
    storage.deleteMany = () => Promise.reject(new Error("the network is down"));
    storage.delete = storage.deleteMany;
    assertEquals(await replace(storage, { onLeftBehind }), "new.txt");
    await assertRejects(() => replace(storage, { onLeftBehind }, fails), Error, "rolled back");
  }
});

Deno.test("withFiles() keeps all files, and the error of the transaction, if isRolledBack throws", async () => {
  const storage = new MemoryStorage();
  const field = fileField(storage);
  const isRolledBack = (): never => {
    throw new Error("no code");
  };
  const work = async (files: FileTransaction<undefined>): Promise<void> => {
    await files.save(field, "new.txt", "new");
    await files.transaction(() => Promise.resolve());
  };
  const lost = async <T>(body: (tx: undefined) => Promise<T>): Promise<T> => {
    await body(undefined);
    throw new Error("connection lost");
  };
  await assertRejects(() => withFiles(lost, work, { isRolledBack }), Error, "connection lost");
  assertEquals(await storage.listdir(), [[], ["new.txt"]]);
});

/** A storage whose saves end only when they are aborted. */
class SlowStorage extends MemoryStorage {
  saves = 0;
  override save(...args: Parameters<MemoryStorage["save"]>): Promise<never> {
    this.saves++;
    const { signal } = args[2] as SaveOptions;
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  }
}

Deno.test("withFiles() aborts the other saves if the work fails", async () => {
  const storage = new SlowStorage();
  const field = fileField(storage);
  await assertRejects(
    () =>
      withFiles((body) => body(undefined), async (files) => {
        const saves = [files.save(field, "a.txt", "a"), files.save(field, "../b.txt", "b")];
        await Promise.all(saves);
      }),
    Error,
    "../b.txt",
  );
  assertEquals(storage.saves, 1);
});

Deno.test("withFiles() does not wait longer than deleteTimeoutSeconds for a save that ignores its abort", async () => {
  using time = new HeldTime();
  const storage = new SilentStorage();
  storage.save = () => never;
  const field = fileField(storage);
  let failed = false;
  const work = withFiles((body) => body(undefined), (files) => {
    void files.save(field, "a.txt", "a");
    failed = true;
    return Promise.reject(new Error("not yours"));
  });
  const rejected = assertRejects(() => work, Error, "not yours");
  await until(() => failed);
  await new Promise((resolve) => setTimeout(resolve, 1));
  await time.pass(30_000);
  await rejected;
});

Deno.test("withFiles() with an aborted signal aborts its saves, and begins no transaction", async () => {
  const storage = new SlowStorage();
  const field = fileField(storage);
  const controller = new AbortController();
  const { signal } = controller;
  let transactions = 0;
  const transaction = <T>(body: (tx: undefined) => Promise<T>): Promise<T> => {
    transactions++;
    return body(undefined);
  };
  const work = withFiles(transaction, async (files) => {
    await files.save(field, "a.txt", "a").catch(() => {});
    await files.transaction(() => Promise.resolve());
  }, { signal });
  const rejected = assertRejects(() => work, Error, "gone");
  await until(() => storage.saves > 0);
  controller.abort(new Error("gone"));
  await rejected;
  let calls = 0;
  await assertRejects(() => withFiles(transaction, () => Promise.resolve(calls++), { signal }), Error, "gone");
  assertEquals([transactions, calls], [0, 0]);
});

Deno.test("withFiles() deletes the new file of an aborted work", async () => {
  const storage = new MemoryStorage();
  const field = fileField(storage);
  const controller = new AbortController();
  await assertRejects(
    () =>
      withFiles((body) => body(undefined), async (files) => {
        await files.save(field, "a.txt", "a");
        controller.abort(new Error("gone"));
        await files.transaction(() => Promise.resolve());
      }, { signal: controller.signal }),
    Error,
    "gone",
  );
  assert(!await storage.exists("a.txt"));
});
