/** Files through devalue and superjson, as docs/records.md prints it. */
import { assertEquals, assertInstanceOf } from "@std/assert";
import { fileField, StoredFile } from "../../src/field/mod.ts";
import { MemoryStorage } from "../../src/storage/memory/memory_storage.ts";
import { throughBoth } from "./recipes/serialization.ts";

Deno.test("devalue and superjson keep files, and no files, by the printed recipe", () => {
  const avatar = fileField(new MemoryStorage());
  for (const name of ["avatars/me.png", undefined]) {
    for (const read of throughBoth({ avatar: avatar.file(name) }, avatar)) {
      const { avatar: file } = read as { avatar: unknown };
      assertInstanceOf(file, StoredFile);
      assertEquals([file.name, file.storage], [name, avatar.storage]);
    }
  }
});
