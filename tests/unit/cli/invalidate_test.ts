/** Records of pending invalidations of `collect --invalidate`. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { S3Storage } from "../../../mod.ts";
import type { ScriptedCloudFront, Turn } from "../../fakes/scripted_cloudfront.ts";
import { DISTRIBUTION, WatchedBucket, writeSite } from "./invalidate_stage.ts";

const PLACE = "s3://testkey:testsecret@media/static?clientConfig=%7B%22maxAttempts%22:1%7D";
const INVALIDATE = ["--invalidate", DISTRIBUTION];

interface Site {
  readonly bucket: WatchedBucket;
  readonly cloudFront: ScriptedCloudFront;
  /** Collects files, given by name and content. */
  collect(files: Record<string, string>, ...more: string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** Like `collect`, in a process that is killed at one of its writes. */
  killed(files: Record<string, string>, atWrite: number, arrives: "now" | "never" | "later"): Promise<void>;
  /** The paths of the last accepted request. */
  paths(): readonly string[];
}

/** Runs a function with a site that was collected with --invalidate before. */
async function onSite(files: Record<string, string>, act: (site: Site) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "storages-cli-" });
  const bucket = new WatchedBucket();
  const { cloudFront } = bucket;
  const write = async (files: Record<string, string>): Promise<string[]> => {
    await writeSite(`${root}/site`, new Map(Object.entries(files)));
    return ["collect", `${root}/site`, "--to", PLACE];
  };
  try {
    const site: Site = {
      bucket,
      cloudFront,
      collect: async (files, ...more) => await bucket.run([...await write(files), ...more]),
      killed: async (files, atWrite, arrives) => {
        await bucket.run([...await write(files), ...INVALIDATE, "--concurrency", "1"], { atWrite, arrives });
        assertEquals(bucket.killed, 1);
        bucket.killed = 0;
      },
      paths: () => cloudFront.accepted.at(-1)?.paths ?? [],
    };
    assertEquals((await site.collect(files, ...INVALIDATE)).code, 0);
    await act(site);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("collect --invalidate sends refused paths again, with later changes", async () => {
  for (const turn of ["AccessDenied", "Throttling", "ServiceUnavailable", "TooMany"] as Turn[]) {
    await onSite({ "a.txt": "1", "b.txt": "1", "c.txt": "1" }, async ({ collect, cloudFront, paths }) => {
      cloudFront.script = [turn, turn, turn];
      const refused = await collect({ "a.txt": "2", "b.txt": "1", "c.txt": "1" }, ...INVALIDATE);
      assertEquals(refused.code, 1);
      assertStringIncludes(
        refused.stderr,
        "The next run with --invalidate sends its paths again.",
      );
      cloudFront.script = [turn, turn, turn];
      assertEquals((await collect({ "a.txt": "2", "b.txt": "2", "c.txt": "1" }, ...INVALIDATE)).code, 1);
      assertEquals(cloudFront.accepted, []);
      cloudFront.script = [];
      const { code, stdout, stderr } = await collect({ "a.txt": "2", "b.txt": "2", "c.txt": "1" }, ...INVALIDATE);
      assertEquals([code, paths()], [0, ["/static/a.txt", "/static/b.txt"]]);
      assertMatch(stdout, /✓ 0 files stored, 3 unchanged/);
      assertStringIncludes(stderr, "Invalidating 2 paths in CloudFront");
      await collect({ "a.txt": "2", "b.txt": "2", "c.txt": "1" }, ...INVALIDATE);
      assertEquals(cloudFront.accepted.length, 1);
    });
  }
});

Deno.test("collect --invalidate sends the paths of runs that were killed at any write", async () => {
  const before = { "a.txt": "1", "b.txt": "1", "gone.txt": "1" };
  const after = { "a.txt": "2", "b.txt": "2", "new.txt": "2" };
  for (const arrives of ["now", "never", "later"] as const) {
    for (let atWrite = 1; atWrite <= 7; atWrite++) {
      await onSite(before, async ({ bucket, collect, killed, cloudFront }) => {
        await killed(after, atWrite, arrives);
        await bucket.deliverLate();
        assertEquals((await collect(after, ...INVALIDATE)).code, 0);
        assertEquals(cloudFront.stale(), [], `${arrives} ${atWrite}`);
        assert(cloudFront.changes >= 2);
      });
    }
  }
});

Deno.test("collect --invalidate exits with 130 if interrupted while CloudFront hangs, and the next run sends its paths", async () => {
  await onSite({ "a.txt": "1" }, async ({ collect, cloudFront, paths }) => {
    cloudFront.script = ["hang"];
    assertEquals((await collect({ "a.txt": "2" }, ...INVALIDATE)).code, 130);
    assertEquals((await collect({ "a.txt": "2" }, ...INVALIDATE)).code, 0);
    assertEquals([paths(), cloudFront.accepted.length], [["/static/a.txt"], 1]);
  });
});

Deno.test("an invalidation whose answer was lost is not created twice, by this run or the next", async () => {
  await onSite({ "a.txt": "1", "b.txt": "1" }, async ({ collect, cloudFront }) => {
    cloudFront.script = ["lost"];
    assertEquals((await collect({ "a.txt": "2", "b.txt": "1" }, ...INVALIDATE)).code, 0);
    assertEquals([cloudFront.accepted.length, cloudFront.requests.length], [1, 2]);
    cloudFront.script = ["lost", "lost", "lost"];
    assertEquals((await collect({ "a.txt": "3", "b.txt": "1" }, ...INVALIDATE)).code, 1);
    assertEquals((await collect({ "a.txt": "3", "b.txt": "1" }, ...INVALIDATE)).code, 0);
    assertEquals([cloudFront.accepted.length, cloudFront.requests.length], [2, 6]);
    // Later changes are sent in another invalidation.
    cloudFront.script = ["lost", "lost", "lost"];
    assertEquals((await collect({ "a.txt": "4", "b.txt": "1" }, ...INVALIDATE)).code, 1);
    assertEquals((await collect({ "a.txt": "5", "b.txt": "1" }, ...INVALIDATE)).code, 0);
    assertEquals(cloudFront.accepted.length, 4);
    assertEquals(cloudFront.stale(), []);
  });
});

Deno.test("the next run notices a write of a killed run that arrives after the invalidation", async () => {
  for (const atWrite of [2, 4]) { // writes 1 and 3 are records, 2 and 4 files
    await onSite({ "a.txt": "1", "b.txt": "1" }, async ({ bucket, collect, killed, cloudFront }) => {
      await killed({ "a.txt": "2", "b.txt": "2" }, atWrite, "later");
      assertEquals((await collect({ "a.txt": "1", "b.txt": "1" }, ...INVALIDATE)).code, 0);
      assertEquals(cloudFront.stale(), []);
      await bucket.deliverLate();
      assertEquals(cloudFront.stale().length, 1);
      // The sources equal the stored files, so that nothing is stored.
      const names = new Map(["a.txt", "b.txt"].map((name) => [`static/${name}`, name]));
      const late = names.get(cloudFront.stale()[0]!)!;
      const { stdout } = await collect({ "a.txt": "1", "b.txt": "1", [late]: "2" }, ...INVALIDATE);
      assertMatch(stdout, /✓ 0 files stored, 2 unchanged/);
      assertEquals(cloudFront.stale(), []);
      const { length } = cloudFront.requests;
      await collect({ "a.txt": "1", "b.txt": "1", [late]: "2" }, ...INVALIDATE);
      assertEquals(cloudFront.requests.length, length);
    });
  }
});

Deno.test("runs without --invalidate record and report changes only on targets that were once invalidated", async () => {
  await onSite({ "a.txt": "1", "b.txt": "1" }, async ({ bucket, collect, paths }) => {
    const { stderr } = await collect({ "a.txt": "2", "b.txt": "1" });
    assertStringIncludes(stderr, "Pending invalidation of 1 path: pass --invalidate ID to send it\n");
    await collect({ "b.txt": "1" }, "--delete");
    const quiet = await collect({ "b.txt": "1" });
    assertStringIncludes(quiet.stderr, "Pending invalidation of 1 path");
    await collect({ "b.txt": "2" }, ...INVALIDATE);
    assertEquals(paths(), ["/static/a.txt", "/static/b.txt"]);
    assertEquals(bucket.keys, ["static/.pending-invalidation/place.json", "static/b.txt"]);
  });
  const bucket = new WatchedBucket();
  const folder = await Deno.makeTempDir({ prefix: "storages-cli-" });
  for (const text of ["1", "2"]) {
    await writeSite(folder, new Map([["a.txt", text]]));
    assertEquals((await bucket.run(["collect", folder, "--to", PLACE])).code, 0);
  }
  assertEquals(bucket.keys, ["static/a.txt"]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("collect --invalidate --dry-run changes nothing and reports the number of paths", async () => {
  await onSite({ "a.txt": "1", "b.txt": "1" }, async ({ bucket, collect, cloudFront }) => {
    cloudFront.script = ["AccessDenied"];
    await collect({ "a.txt": "2", "b.txt": "1" }, ...INVALIDATE);
    const before = JSON.stringify(bucket.server.objects("media"));
    const { length } = cloudFront.requests;
    const dry = await collect({ "a.txt": "2", "b.txt": "2" }, ...INVALIDATE, "--dry-run");
    assertStringIncludes(dry.stderr, "Would invalidate 2 paths\n");
    const json = await collect({ "a.txt": "2", "b.txt": "2" }, ...INVALIDATE, "--dry-run", "--json");
    assertEquals(JSON.parse(json.stdout).pendingInvalidation, ["a.txt", "b.txt"]);
    assertEquals(JSON.stringify(bucket.server.objects("media")), before);
    assertEquals(cloudFront.requests.length, length);
  });
});

Deno.test("collect --invalidate encodes names, and covers removed files and the folders of index documents", async () => {
  const names = ["a*b.txt", "*", "~x", "50%?#", "ä b", "index.html", "sub/index.html", "gone.css", "a.css"];
  await onSite(Object.fromEntries(names.map((name) => [name, "1"])), async ({ collect, cloudFront, paths }) => {
    const next = Object.fromEntries(names.filter((name) => name !== "gone.css").map((name) => [name, "2"]));
    assertEquals((await collect(next, ...INVALIDATE, "--delete")).code, 0);
    assertEquals(
      [...paths()].sort(),
      [
        "/static/%2A",
        "/static/%7Ex",
        "/static/%C3%A4%20b",
        "/static/50%25%3F%23",
        "/static/",
        "/static/a%2Ab.txt",
        "/static/a.css",
        "/static/gone.css",
        "/static/index.html",
        "/static/sub/",
        "/static/sub/index.html",
      ].sort(),
    );
    assertEquals(cloudFront.stale(), []);
  });
});

Deno.test("a refused invalidation and the next one of together more than 30 paths become one wildcard", async () => {
  const files = (changed: number): Record<string, string> =>
    Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`${i}.txt`, i < changed ? "2" : "1"]));
  await onSite(files(0), async ({ collect, cloudFront, paths }) => {
    cloudFront.script = ["AccessDenied"];
    await collect(files(20), ...INVALIDATE);
    assertEquals(cloudFront.requests.at(-1)!.paths.length, 20);
    await collect(files(35), ...INVALIDATE);
    assertEquals(paths(), ["/static/*"]);
  });
});

Deno.test("--delete and --clear keep records of invalidations, and sources must not contain them", async () => {
  await onSite({ "a.txt": "1", "b.txt": "1" }, async ({ bucket, collect, cloudFront, paths }) => {
    cloudFront.script = ["AccessDenied"];
    await collect({ "a.txt": "2", "b.txt": "1" }, ...INVALIDATE);
    await collect({ "b.txt": "1" }, "--delete", "--ignore", "nothing");
    const { stderr } = await collect(
      { "b.txt": "1", ".pending-invalidation/x.json": "{}" },
      "--clear",
      "--yes",
      "--ignore",
      "nothing",
    );
    assertStringIncludes(
      stderr,
      ".pending-invalidation/x.json is skipped: that folder holds records of pending invalidations",
    );
    await collect({ "b.txt": "1" }, ...INVALIDATE);
    assertEquals(paths(), ["/static/a.txt", "/static/b.txt"]);
    assertEquals(bucket.keys, ["static/.pending-invalidation/place.json", "static/b.txt"]);
  });
});

Deno.test("collect fails with advice if a record is damaged", async () => {
  await onSite({ "a.txt": "1" }, async ({ bucket, collect }) => {
    const keys = { accessKey: "testkey", secretKey: "testsecret" };
    const storage = new S3Storage({ bucketName: "media", location: "static", ...keys, fetch: bucket.server.fetch });
    for (
      const text of ["{", '{"version":2}', '{"version":1,"state":"open","names":[1]}', '{"version":1,"state":"x"}']
    ) {
      await storage.save(".pending-invalidation/x.json", text, { onExisting: "replace" });
      const { code, stderr } = await collect({ "a.txt": "2" }, ...INVALIDATE);
      assertEquals(code, 1);
      assertStringIncludes(stderr, "Cannot read pending invalidation '.pending-invalidation/x.json'");
      assertStringIncludes(stderr, "Invalidate the whole site, then delete that file");
    }
  });
});

Deno.test("without permission to delete, collect --invalidate empties records and warns", async () => {
  await onSite({ "a.txt": "1" }, async ({ bucket, collect, cloudFront }) => {
    const { send } = bucket;
    bucket.send = (request: Request) => {
      const isRemoval = request.method === "DELETE" || (request.method === "POST" && request.url.includes("delete"));
      return isRemoval
        ? Promise.resolve(new Response("<Error><Code>AccessDenied</Code></Error>", { status: 403 }))
        : send.call(bucket, request);
    };
    for (const text of ["2", "3"]) {
      const { code, stderr } = await collect({ "a.txt": text }, ...INVALIDATE);
      assertEquals(code, 0, stderr);
      assertStringIncludes(stderr, "warning: Cannot delete records in .pending-invalidation/");
      assertStringIncludes(stderr, "allow s3:DeleteObject");
    }
    await collect({ "a.txt": "3" }, ...INVALIDATE);
    assertEquals([cloudFront.accepted.length, cloudFront.stale()], [2, []]);
  });
});
