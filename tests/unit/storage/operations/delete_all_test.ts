import { assertEquals, assertRejects } from "@std/assert";
import { ConnectionError, PermissionDeniedError } from "../../../../src/errors.ts";
import { deleteAll } from "../../../../src/storage/operations/delete_all.ts";
import { MemoryStorage } from "../../../../src/storage/memory/memory_storage.ts";

const NAMES = Array.from({ length: 20 }, (_, index) => `${index}.txt`);
const { signal } = new AbortController();

/** A storage whose server refuses to delete several files in one request. */
class Judging extends MemoryStorage {
  refused = "";
  override deleteMany(): Promise<void> {
    const denied = NAMES.map((key) => new PermissionDeniedError("AccessDenied", { key }));
    return Promise.reject(new AggregateError(denied, "20 files could not be removed"));
  }
  override async delete(name: string): Promise<void> {
    if (name === this.refused) throw new PermissionDeniedError(`${name} is not yours`);
    await super.delete(name);
  }
}

Deno.test("deleteAll() deletes files one by one if deleting them together is denied", async () => {
  const storage = new Judging();
  for (const name of NAMES) await storage.save(name, "x");
  await deleteAll(storage, NAMES, signal);
  assertEquals(await storage.listdir(), [[], []]);
});

Deno.test("deleteAll() repeats only the denied deletions", async () => {
  const storage = new MemoryStorage({ location: "in" });
  const asked: string[] = [];
  storage.deleteMany = () => {
    const denied = new PermissionDeniedError("AccessDenied", { key: "in/3.txt" });
    const broken = new ConnectionError("no route", { key: "in/5.txt" });
    return Promise.reject(new AggregateError([denied, broken], "2 files could not be removed"));
  };
  storage.delete = (name) => Promise.resolve(void asked.push(name));
  await deleteAll(storage, NAMES, signal);
  assertEquals(asked, ["3.txt", "5.txt"]);
});

Deno.test("deleteAll() repeats all deletions if the errors have other keys, as those of a wrapped backend", async () => {
  for (const key of ["tenants/7/3.txt", undefined]) {
    const storage = new Judging();
    for (const name of NAMES) await storage.save(name, "x");
    storage.deleteMany = () => {
      const denied = new PermissionDeniedError("AccessDenied", { key });
      return Promise.reject(new AggregateError([denied, new PermissionDeniedError("AccessDenied", { key: "5.txt" })]));
    };
    await deleteAll(storage, NAMES, signal);
    assertEquals(await storage.listdir(), [[], []]);
  }
});

Deno.test("deleteAll() throws if a single deletion is denied too, or fails for another reason", async () => {
  const storage = new Judging();
  for (const name of NAMES) await storage.save(name, "x");
  storage.refused = "7.txt";
  await assertRejects(() => deleteAll(storage, NAMES, signal), PermissionDeniedError, "7.txt is not yours");
  assertEquals(await storage.exists("7.txt"), true);

  const broken = new MemoryStorage();
  broken.deleteMany = () => Promise.reject(new ConnectionError("no route"));
  broken.delete = () => Promise.reject(new Error("it was asked one by one"));
  await assertRejects(() => deleteAll(broken, NAMES, signal), ConnectionError, "no route");
});
