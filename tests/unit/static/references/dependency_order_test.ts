import { assert, assertEquals } from "@std/assert";
import { dependencyOrder } from "../../../../src/static/references/dependency_order.ts";
import { SeededRandom } from "../../random.ts";

Deno.test("dependencyOrder() puts needed files first, and circles into groups", () => {
  const needs = new Map([
    ["page", ["theme", "reset", "unknown"]],
    ["theme", ["colors"]],
    ["colors", ["theme"]],
    ["reset", []],
    ["self", ["self"]],
  ]);
  assertEquals(dependencyOrder(needs), [["theme", "colors"], ["reset"], ["page"], ["self"]]);
  assertEquals(dependencyOrder(new Map()), []);
});

Deno.test("dependencyOrder() is right for random graphs, and groups are the strongly connected components", () => {
  const random = new SeededRandom(4);
  for (let round = 0; round < 200; round++) {
    const size = 1 + random.below(9);
    const names = Array.from({ length: size }, (_, i) => `${i}`);
    const needs = new Map(names.map((name) => [name, names.filter(() => random.below(size) === 0)]));
    const reached = new Map(names.map((name) => [name, new Set(needs.get(name))]));
    for (const by of names) {
      for (const from of names) {
        if (reached.get(from)!.has(by)) { for (const to of reached.get(by)!) reached.get(from)!.add(to); }
      }
    }
    const groups = dependencyOrder(needs);
    const place = new Map(groups.flatMap((group, index) => group.map((name) => [name, index] as const)));
    assertEquals([...place.keys()].sort(), names);
    for (const one of names) {
      for (const other of names) {
        const isCircle = reached.get(one)!.has(other) && reached.get(other)!.has(one);
        if (one !== other) assertEquals(place.get(one) === place.get(other), isCircle);
        if (needs.get(one)!.includes(other)) assert(place.get(other)! <= place.get(one)!);
      }
    }
  }
});

Deno.test("dependencyOrder() handles a chain of 100,000 files", () => {
  const needs = new Map(Array.from({ length: 100_000 }, (_, i) => [`${i}`, [`${i + 1}`]]));
  const order = dependencyOrder(needs);
  assertEquals([order.length, order[0], order.at(-1)], [100_000, ["99999"], ["0"]]);
});
