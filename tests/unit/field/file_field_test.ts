import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { SuspiciousNameError } from "../../../src/errors.ts";
import { fileField } from "../../../src/field/mod.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import type { Storage } from "../../../src/storage/storage.ts";

const storage = new MemoryStorage();

Deno.test("FileField.file() takes a name, a file or what JSON makes of one, and refuses other values", () => {
  const field = fileField(storage);
  for (const reference of ["a.txt", field.file("a.txt"), { name: "a.txt" }]) {
    assertEquals(field.file(reference).name, "a.txt");
  }
  for (const reference of ["", null, undefined, { name: null }, field.file()]) {
    assertEquals(field.file(reference).isEmpty, true);
  }
  for (const value of [7, {}, ["a.txt"], new Blob(["x"])]) {
    assertThrows(() => field.file(value as unknown as string), TypeError);
  }
});

Deno.test("FileField.save() stores below uploadTo, in at most maxLength characters", async () => {
  const now = (): Date => new Date("2026-03-04T00:00:00Z");
  const field = fileField(storage, { uploadTo: "%Y/%m", maxLength: 16, now });
  assertEquals((await field.save("a long name.txt", "x")).name, "2026/03/a_lo.txt");
  await assertRejects(() => field.save("../a.txt", "x"), SuspiciousNameError);
});

Deno.test("FileField calls the function given as storage once", () => {
  let calls = 0;
  const field = fileField(() => (calls++, storage));
  assertEquals([calls, field.storage === storage, field.storage === storage, calls], [0, true, true, 1]);
  assertThrows(
    () => fileField(() => ({}) as unknown as Storage).storage,
    TypeError,
    "must return a Storage",
  );
});
