/** Downloads over sockets that are cut, on Deno, Bun and Node. */
import { assert, assertEquals } from "@std/assert";
import { type Break, type CuttingServer, startCuttingServer } from "../fakes/cutting_server.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, whyMissing } from "../runtimes/install.ts";
import { runOnBun, runOnDeno, runOnNode } from "../runtimes/run_suite.ts";
import { patternBytes, SeededRandom } from "../unit/random.ts";
import type { DownloadResult, DownloadWish } from "./download_probe.ts";
import { testsOf } from "./tests_of.ts";

const PROBE = "tests/clients/download_probe.ts";

interface Runtime {
  path(): Promise<string>;
  run(text: string): Promise<DownloadResult[]>;
  /**
   * Bytes of a response that may be lost if the connection is closed early: the fetch of Bun drops chunks that were not read
   * yet.
   */
  readonly bufferBytes: number;
}

const MEBIBYTE = 1024 ** 2;

const RUNTIMES: Readonly<Record<string, Runtime>> = {
  deno: {
    path: () => Promise.resolve(Deno.execPath()),
    run: (text) => runOnDeno(PROBE, text),
    bufferBytes: MEBIBYTE,
  },
  bun: {
    path: bunPath,
    run: async (text) => await runOnBun(await bundle(PROBE, "tests/.build/download_probe.js"), text),
    bufferBytes: 4 * MEBIBYTE,
  },
  node: {
    path: nodePath,
    run: async (text) => await runOnNode(await bundle(PROBE, "tests/.build/download_probe.js"), text),
    bufferBytes: MEBIBYTE,
  },
};

/** A reset also drops the buffers of the system: 4 MiB to send and 6 MiB received, on Linux. */
const SYSTEM_BUFFER_BYTES = 10 * MEBIBYTE;

const OBJECT = patternBytes(64 * MEBIBYTE);

async function download(
  runtime: Runtime,
  wish: Omit<DownloadWish, "endpointUrl">,
  server: CuttingServer,
): Promise<DownloadResult> {
  const [result] = await runtime.run(JSON.stringify({ endpointUrl: server.origin, ...wish } satisfies DownloadWish));
  return result!;
}

/** Random offsets, identical in every run. */
function cutsIn(count: number): number[] {
  const random = new SeededRandom(20_261_122);
  return Array.from({ length: count }, () => 1 + random.below(OBJECT.byteLength - 1));
}

for (const [name, runtime] of Object.entries(RUNTIMES)) {
  const reason = await whyMissing(runtime.path);
  const test = testsOf(name, reason);

  // Each stall lasts as long as the limit, within which a busy machine must deliver a chunk.
  for (const [how, count, timeout] of [["close", 50, 120], ["reset", 50, 120], ["stall", 4, 4]] as const) {
    const ends = { close: "ends early", reset: "is reset", stall: "stalls" }[how];
    test(`64 MiB over a connection that ${ends} at ${count} random points are correct, and only buffered bytes are fetched twice`, async () => {
      const cuts: number[] = [];
      const options = { bytes: OBJECT, cuts: cutsIn(count), how: how as Break, onCut: (at: number) => cuts.push(at) };
      await using server = await startCuttingServer(options);
      const result = await download(runtime, { way: "open", timeout }, server);
      assertEquals(result, { bytes: OBJECT.byteLength, wrongAt: -1 });
      const buffer = how === "reset" ? SYSTEM_BUFFER_BYTES : runtime.bufferBytes;
      const starts = server.ranges.slice(1).map((range) => Number(/\d+/.exec(range!)));
      const lost = cuts.map((cut, index) => cut - starts[index]!);
      assertEquals(cuts.length, count);
      assert(lost.every((bytes) => bytes >= 0 && bytes <= buffer), `bytes that were sent twice: ${lost}`);
      assert(server.sentBytes <= OBJECT.byteLength + count * buffer, `${server.sentBytes} bytes were sent`);
    });
  }

  test("a download in parts that is cut at 50 random points is correct", async () => {
    await using server = await startCuttingServer({ bytes: OBJECT, cuts: cutsIn(50), how: "close" });
    const result = await download(runtime, { way: "download", timeout: 120 }, server);
    assertEquals(result, { bytes: OBJECT.byteLength, wrongAt: -1 });
    assert(server.sentBytes <= OBJECT.byteLength + 50 * runtime.bufferBytes, `${server.sentBytes} bytes were sent`);
  });

  test("replacing an object during a cut download is an error, also with the same size", async () => {
    for (const bytes of [OBJECT.subarray(5), OBJECT.slice().reverse()]) {
      for (const way of ["open", "download"] as const) {
        await using server: CuttingServer = await startCuttingServer({
          bytes: OBJECT,
          cuts: [41 * MEBIBYTE],
          how: "close",
          onCut: () => Object.assign(server.object, { bytes, etag: '"second"' }),
        });
        const result = await download(runtime, { way, timeout: 120 }, server);
        assertEquals([result.error, result.wrongAt], ["PreconditionFailedError", -1]);
        assert(result.bytes <= 41 * MEBIBYTE, `${result.bytes} bytes were handed out`);
      }
    }
  });
}
