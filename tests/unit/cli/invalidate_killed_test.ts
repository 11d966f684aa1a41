import { assert, assertEquals } from "@std/assert";
import { withImportMap } from "../../offline/import_map.ts";
import { SeededRandom } from "../random.ts";
import { DISTRIBUTION, WatchedBucket, writeSite } from "./invalidate_stage.ts";

const CHILD = decodeURIComponent(new URL("./invalidate_killed_child.ts", import.meta.url).pathname);
const ROUNDS = 10;

Deno.test("the next run sends the paths of processes that were killed by SIGKILL at 10 random requests", async () => {
  const bucket = new WatchedBucket();
  const { cloudFront } = bucket;
  const random = new SeededRandom(18);
  const root = await Deno.makeTempDir({ prefix: "storages-cli-" });
  let requests = 0;
  let underWay = 0;
  let atRequest: (() => void) | undefined;
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    underWay++;
    try {
      const isInvalidation = new URL(request.url).pathname.startsWith("/2020-05-31/");
      if (isInvalidation || /^(PUT|POST|DELETE)$/.test(request.method)) {
        requests++;
        atRequest?.();
      }
      return await (isInvalidation ? cloudFront.fetch(request) : bucket.send(request));
    } finally {
      underWay--;
    }
  });
  const origin = `http://127.0.0.1:${http.addr.port}`;
  const argv = (endpoint?: string): string[] => {
    const query = endpoint === undefined ? "" : `?endpoint=${encodeURIComponent(endpoint)}`;
    const place = `s3://testkey:testsecret@media/static${query}`;
    return ["collect", `${root}/site`, "--to", place, "--invalidate", DISTRIBUTION, "--delete"];
  };
  const site = (version: number): ReadonlyMap<string, string> =>
    new Map([
      ...Array.from({ length: 12 }, (_, i) => [`${i}*.txt`, i % 2 === 0 ? `${version}` : "same"] as const),
      [`only${version}.txt`, "x"],
    ]);
  try {
    await writeSite(`${root}/site`, site(0));
    assertEquals((await bucket.run(argv())).code, 0);
    let killed = 0;
    let stale = 0;
    for (let round = 1; round <= ROUNDS; round++) {
      await writeSite(`${root}/site`, site(round));
      // At least 1 record, 7 files, the deletion with its record, the record of changes, and the invalidation.
      const last = 1 + random.below(13);
      const args = await withImportMap(["run", "-A", CHILD, origin, ...argv(origin)]);
      const child = new Deno.Command(Deno.execPath(), { args, stdin: "null", stdout: "null", stderr: "null" }).spawn();
      requests = 0;
      atRequest = () => requests === last && child.kill("SIGKILL");
      if ((await child.status).signal === "SIGKILL") killed++;
      atRequest = undefined;
      while (underWay > 0) await new Promise((resolve) => setTimeout(resolve, 1));
      if (cloudFront.stale().length > 0) stale++;
      const { code, stderr } = await bucket.run(argv());
      assertEquals([code, cloudFront.stale()], [0, []], stderr);
    }
    assertEquals(killed, ROUNDS);
    assert(stale >= ROUNDS / 4, `${stale}`);
    assert(cloudFront.changes >= 7 * ROUNDS, `${cloudFront.changes}`);
  } finally {
    await http.shutdown();
    await Deno.remove(root, { recursive: true });
  }
});
