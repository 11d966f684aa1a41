import { assertEquals, assertRejects } from "@std/assert";
import { BackendWrapper, MemoryStorage, NotSupportedError, Storage } from "../../../../src/storage/mod.ts";

Deno.test("deleteMany() collects the errors of a backend that throws synchronously", async () => {
  let calls = 0;
  class Throwing extends BackendWrapper {
    override delete(...[keys, options]: Parameters<BackendWrapper["delete"]>): Promise<void> {
      if (++calls === 1) throw new NotSupportedError(`Cannot delete '${keys[0]}'`);
      return super.delete(keys, options);
    }
  }
  const files = new MemoryStorage();
  await files.save("last.txt", "hello");
  const names = [...Array.from({ length: 1000 }, (_, index) => `${index}.txt`), "last.txt"];
  const storage = new Storage(new Throwing(files.backend));
  const error = await assertRejects(() => storage.deleteMany(names), AggregateError, "1 files could not be deleted");
  assertEquals(error.errors.map(String), ["NotSupportedError: Cannot delete '0.txt'"]);
  assertEquals(await files.exists("last.txt"), false);
});
