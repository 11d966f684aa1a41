import { assertEquals } from "@std/assert";
import { staleFiles } from "../../../../src/static/publish/stale.ts";

const HOUR = 3_600_000;
const entry = (etag = '"x"', modified = 0): { size: number; etag: string; modified: number } => ({
  size: 1,
  etag,
  modified,
});
const before = {
  paths: new Map([["a.css", "a.111111111111.css"]]),
  stale: new Map([["a.222222222222.css", HOUR]]),
  hash: "",
};

Deno.test("staleFiles() counts the grace from when a copy left the manifest", () => {
  const { expired, stale } = staleFiles({
    entries: new Map([
      ["a.css", entry()],
      ["a.000000000000.css", entry()], // current
      ["a.111111111111.css", entry()], // leaves the manifest now
      ["a.222222222222.css", entry()], // stale since 01:00
      ["a.222222222222.css.gz", entry(undefined, 3 * HOUR)], // its sibling, which no manifest named
      ["a.333333333333.css", entry(undefined, 2 * HOUR)], // of unknown age: since the manifest was written
      ["b.444444444444.css", entry()], // of another site
      ["b.555555555555.css", entry('"555555555555aaaa"', 0)], // the ETag proves that it is a hashed copy
    ]),
    before,
    writtenAt: 2.5 * HOUR,
    isCurrent: (name) => name === "a.css" || name === "a.000000000000.css",
    isOurs: (unhashed) => unhashed === "a.css",
    graceMilliseconds: 3 * HOUR,
    now: 5 * HOUR,
  });
  assertEquals(expired, ["a.222222222222.css"]);
  assertEquals([...stale], [
    ["a.111111111111.css", 5 * HOUR],
    ["a.222222222222.css.gz", 3 * HOUR],
    ["a.333333333333.css", 2.5 * HOUR],
    ["b.555555555555.css", 2.5 * HOUR],
  ]);
});

Deno.test("staleFiles() without a grace only forgets the copies that are current again", () => {
  const search = { entries: [], before, writtenAt: 0, isOurs: () => true, graceMilliseconds: undefined, now: 0 };
  assertEquals([...staleFiles({ ...search, isCurrent: () => false }).stale.keys()], ["a.222222222222.css"]);
  assertEquals(staleFiles({ ...search, isCurrent: (name) => name.startsWith("a.2") }), {
    expired: [],
    stale: new Map(),
  });
});
