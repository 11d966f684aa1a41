import { assert, assertEquals } from "@std/assert";
import { findRepetition } from "../../../src/client/repetition.ts";

Deno.test("findRepetition() detects a cycle of any length after any start, within three times as many steps", () => {
  for (const length of [1, 2, 3, 7, 100]) {
    for (const begin of [0, 1, 5, 50]) {
      const isRepeated = findRepetition();
      let steps = 0;
      while (!isRepeated(`${steps < begin ? steps : begin + (steps - begin) % length}`)) steps++;
      assert(steps >= begin + length - 1 && steps <= 3 * (begin + length), `${begin} ${length}: ${steps}`);
    }
  }
});

Deno.test("findRepetition() returns false for different values", () => {
  const isRepeated = findRepetition();
  assertEquals(Array.from({ length: 10_000 }, (_, index) => isRepeated(`${index}`)).includes(true), false);
});
