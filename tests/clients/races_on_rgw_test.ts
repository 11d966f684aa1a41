/** Concurrent writers on Ceph RGW, which ignores conditions on copies and multipart uploads; on Deno, Bun and Node. */
import { assertEquals } from "@std/assert";
import { S3Peer } from "../conformance/s3_peer.ts";
import { bundle } from "../runtimes/bundle.ts";
import { runOnBun, runOnDeno, runOnNode } from "../runtimes/run_suite.ts";
import { startRgw } from "../servers/rgw.ts";
import type { RaceResult, RacesOrder } from "./races.ts";

const BUCKET = "races";

/** The rounds and operations of each runtime; `RACES=20,2000` sets others for all of them. */
const [ROUNDS, OPERATIONS] = (Deno.env.get("RACES") ?? "").split(",").map(Number);

const RUNTIMES = {
  Deno: (text: string) => runOnDeno<RaceResult>("tests/clients/races.ts", text),
  Bun: async (text: string) => await runOnBun<RaceResult>(await bundled(), text),
  Node: async (text: string) => await runOnNode<RaceResult>(await bundled(), text),
};

const bundled = (): Promise<string> => bundle("tests/clients/races.ts", "tests/.build/races.js", "deno");

const rgw = await startRgw();
const server = "skipped" in rgw ? undefined : rgw;
if (server) await new S3Peer({ ...server, bucket: BUCKET }).createBucket();

for (const [name, run] of Object.entries(RUNTIMES)) {
  Deno.test({
    name: `concurrent writers on Ceph RGW lose no file, on ${name}${server ? "" : " (it is not installed)"}`,
    ignore: server === undefined,
    fn: async (context) => {
      const { endpoint, accessKey, secretKey } = server!;
      const isFirst = name === "Deno";
      const order: RacesOrder = {
        ...{ endpoint, accessKey, secretKey, bucket: BUCKET },
        rounds: ROUNDS || (isFirst ? 4 : 1),
        operations: OPERATIONS || (isFirst ? 1000 : 250),
        seed: 1,
      };
      const results = await run(JSON.stringify(order));
      assertEquals(results.length, 3);
      for (const { name, ok, error } of results) {
        await context.step(name, () => assertEquals([ok, error], [true, undefined]));
      }
    },
  });
}

Deno.test({ name: "Ceph RGW is stopped", ignore: server === undefined, fn: () => server!.stop() });
