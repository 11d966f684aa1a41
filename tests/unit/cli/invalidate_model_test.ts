/** Random sites, changes and failures: every path that CloudFront may have cached is invalidated. */
import { assert, assertEquals } from "@std/assert";
import type { Turn } from "../../fakes/scripted_cloudfront.ts";
import { SeededRandom } from "../random.ts";
import { DISTRIBUTION, type Kill, pauses, WatchedBucket, writeSite } from "./invalidate_stage.ts";

const NAMES = [
  "index.html",
  "sub/index.html",
  "a.css",
  "b.css",
  "app.js",
  "a*.txt",
  "*",
  "~ada.txt",
  "50%?#.txt",
  "ä ß/日本.txt",
  "[x]{y}|z.txt",
  "css/@scope/x&y'.css",
  ...Array.from({ length: 40 }, (_, i) => `many/${i}.txt`),
];
const CONTENTS = ["one ", "two ", "three "].map((text) => text.repeat(200));
const TURNS: readonly Turn[] = ["AccessDenied", "Throttling", "ServiceUnavailable", "TooMany", "lost", "hang"];
const MANY = 12;

/** Changes, reverts, adds and removes some files of a site. */
function change(random: SeededRandom, site: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const next = new Map(site);
  const names = random.below(5) === 0 ? NAMES : NAMES.slice(0, MANY);
  for (let changes = 1 + random.below(random.below(4) === 0 ? 60 : 6); changes > 0; changes--) {
    const name = random.pick(names);
    if (random.below(5) === 0 && next.size > 1) next.delete(name);
    else next.set(name, random.pick(CONTENTS));
  }
  return next;
}

function failure(random: SeededRandom): { script: Turn[]; kill: Kill | undefined } {
  const kind = random.below(3);
  const arrives = random.pick(["now", "never", "later"] as const);
  return {
    script: kind === 0 ? Array(1 + random.below(4)).fill(random.pick(TURNS)) : [],
    kill: kind === 1 ? { atWrite: 1 + random.below(random.pick([4, 12, 60])), arrives } : undefined,
  };
}

Deno.test("collect --invalidate sends every cached path in 50 random histories of failures", async () => {
  const root = await Deno.makeTempDir({ prefix: "storages-cli-" });
  let [changes, killed, refused, pending, twoAtOnce, histories] = [0, 0, 0, 0, 0, 0];
  try {
    for (let seed = 0; seed < 50; seed++) {
      const random = new SeededRandom(seed);
      const bucket = new WatchedBucket();
      const location = random.pick(["", "static", "st*t~c"]);
      const place = `s3://testkey:testsecret@media/${
        encodeURIComponent(location)
      }?clientConfig=%7B%22maxAttempts%22:1%7D`;
      const fixed = random.pick([[], ["--manifest"], ["--precompress", "gzip", "--siblings"], [
        "--manifest",
        "--precompress",
        "gzip",
      ]]);
      const argv = (folder: string, ...more: string[]): string[] => [
        "collect",
        folder,
        "--to",
        place,
        ...fixed,
        ...more,
      ];
      const invalidate = ["--invalidate", DISTRIBUTION];
      let site = change(random, new Map([["index.html", CONTENTS[0]!]]));
      const [one, two] = [`${root}/one`, `${root}/two`];
      await writeSite(one, site);
      assertEquals((await bucket.run(argv(one, ...invalidate))).code, 0);
      for (let round = 2 + random.below(3); round > 0; round--) {
        site = change(random, site);
        await writeSite(one, site);
        const { script, kill } = failure(random);
        bucket.cloudFront.script = script;
        const removal = random.pick([[], ["--delete"], ["--delete"], ["--clear", "--yes"]]);
        const more = [...removal, ...(random.below(4) > 0 ? invalidate : [])];
        if (random.below(4) === 0) {
          twoAtOnce++;
          await writeSite(two, change(random, site));
          const pause = pauses(new SeededRandom(1000 * seed + round));
          await Promise.all([
            bucket.run(argv(one, ...more), kill, pause),
            bucket.run(argv(two, ...(random.below(2) === 0 ? invalidate : [])), failure(random).kill, pause),
          ]);
        } else {
          const { stderr } = await bucket.run(argv(one, ...more), kill);
          if (stderr.includes("invalidation failed")) refused++;
        }
        if (random.below(2) === 0) await bucket.deliverLate();
      }
      await bucket.deliverLate();
      bucket.cloudFront.script = [];
      if (bucket.cloudFront.stale().length > 0) pending++;
      const last = await bucket.run(argv(one, ...invalidate));
      assertEquals(last.code, 0, last.stderr);
      assertEquals(bucket.cloudFront.stale(), [], `seed ${seed}`);
      // Nothing is pending: the next run invalidates nothing, and a dry run reports the same.
      const { length } = bucket.cloudFront.requests;
      const again = await bucket.run(argv(one, ...invalidate, "--json"));
      assertEquals(JSON.parse(again.stdout).pendingInvalidation, [], `seed ${seed}`);
      assertEquals(bucket.cloudFront.requests.length, length, `seed ${seed}`);
      changes += bucket.cloudFront.changes;
      killed += bucket.killed;
      histories++;
    }
  } finally {
    await Deno.remove(root, { recursive: true });
  }
  assertEquals(histories, 50);
  const counts = JSON.stringify({ changes, killed, refused, pending, twoAtOnce });
  assert(changes > 200 && killed > 15 && refused > 5 && pending > 8 && twoAtOnce > 10, counts);
});
