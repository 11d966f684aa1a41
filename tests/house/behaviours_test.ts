import { assertEquals } from "@std/assert";
import { behaviourViolations, readBehaviours } from "./behaviours.ts";
import { readSource } from "./source_files.ts";

/** Sections of `tests/django_storages_behaviours.md` with the last number of each. */
const LAST_NUMBERS = { C: 26, G: 14, H: 13 };

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readSource(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

Deno.test("every numbered behaviour of django-storages has a test that exists", async () => {
  const behaviours = readBehaviours(await readSource("tests/django_storages_behaviours.md"));
  assertEquals(await behaviourViolations(behaviours, LAST_NUMBERS, readIfPresent), []);
});

Deno.test("behaviourViolations() reports missing files, tests and numbers", async () => {
  const table = [
    "| No. | django-storages | Here | Test file | Test |",
    "|-|-|-|-|-|",
    "| C1 | x | Same | a_test.ts | splits at \\n |",
    "| C2 | x | Same | a_test.ts | gone |",
    "| C3 | x | Same | b_test.ts | save() on ${kind} |",
  ].join("\n");
  const read = (path: string): Promise<string | undefined> =>
    Promise.resolve(path === "a_test.ts" ? 'Deno.test("splits at \\\\n", () => {});' : undefined);
  assertEquals(await behaviourViolations(readBehaviours(table), { C: 4 }, read), [
    'C2: a_test.ts has no test "gone"',
    "C3: no file b_test.ts",
    "C4: no test",
  ]);
});
