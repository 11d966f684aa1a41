import { assertEquals } from "@std/assert";
import { BoundedMap } from "../../../src/kit/bounded_map.ts";

Deno.test("BoundedMap forgets its oldest entry when a new one comes and it is full", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("c", 3);
  assertEquals([map.get("a"), map.get("b"), map.get("c"), map.size], [undefined, 2, 3, 2]);
});

Deno.test("BoundedMap forgets nothing when a known key gets a new value", () => {
  const map = new BoundedMap<string, number>(2);
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  assertEquals([map.get("a"), map.get("b"), map.size], [3, 2, 2]);
});

Deno.test("BoundedMap stays within its limit for any number of entries, undefined as a key among them", () => {
  const map = new BoundedMap<number | undefined, number>(16);
  map.set(undefined, -1);
  for (let i = 0; i < 1000; i++) map.set(i, i);
  assertEquals([map.size, map.get(undefined), map.get(983), map.get(984)], [16, undefined, undefined, 984]);
});
