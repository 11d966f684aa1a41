/** The memory of workerd while a large file passes through a Worker, with the defaults. */
import { assert, assertEquals } from "@std/assert";
import { bundle } from "../runtimes/bundle.ts";
import { RuntimeUnavailableError, workerdPath } from "../runtimes/install.ts";
import { withWorkerd } from "../runtimes/workerd.ts";
import { serve } from "./served_server.ts";

const FILE_BYTES = 200_000_000;

/** The most memory above that of workerd before it has handled a file: a Worker has 128 MiB. */
const MAX_BYTES = 100 * 1024 ** 2;

/** A value of a process in bytes: `VmRSS` is its memory now, `VmHWM` the most that it had. */
async function memoryOf(pid: number, name: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)![1]) * 1024;
}

/** A stream of a large file, which is never in memory as a whole. */
function largeFile(): ReadableStream<Uint8Array> {
  let missing = FILE_BYTES;
  return new ReadableStream({
    pull(controller): void {
      const chunk = new Uint8Array(Math.min(missing, 65_536)).fill(missing % 251);
      controller.enqueue(chunk);
      missing -= chunk.byteLength;
      if (missing === 0) controller.close();
    },
  }, { highWaterMark: 0 });
}

/** Runs workerd while a file is sent or received, and returns the memory that this took. */
async function memoryFor(
  endpointUrl: string,
  transfer: (url: string, init: RequestInit) => Promise<void>,
): Promise<number> {
  const script = await bundle("tests/clients/worker_transfers.ts", "tests/.build/worker_transfers.js");
  return await withWorkerd(await workerdPath(), script, async (url, pid) => {
    await (await fetch(url, { headers: { "x-test-empty": "" } })).text();
    const empty = await memoryOf(pid, "VmRSS");
    await transfer(url, { headers: { "x-test-options": JSON.stringify({ endpointUrl }) } });
    return await memoryOf(pid, "VmHWM") - empty;
  });
}

const unavailable = Deno.build.os !== "linux" ? "the memory of a process is read from /proc" : await workerdPath().then(
  () => undefined,
  (error) => {
    if (error instanceof RuntimeUnavailableError) return error.message;
    throw error;
  },
);

Deno.test({
  name: `a Worker takes less than 100 MiB for 200 MB up, and for 200 MB down${unavailable ? `: ${unavailable}` : ""}`,
  ignore: unavailable !== undefined,
  fn: async () => {
    await using s3 = serve();
    const up = await memoryFor(s3.endpoint, async (url, init) => {
      const response = await fetch(url, { ...init, method: "POST", body: largeFile() });
      assertEquals([response.status, await response.text()], [200, "large.bin"]);
    });
    assert(up < MAX_BYTES, `${up} bytes for a file up`);
    const down = await memoryFor(s3.endpoint, async (url, init) => {
      let received = 0;
      for await (const chunk of (await fetch(url, init)).body!) received += chunk.byteLength;
      assertEquals(received, FILE_BYTES);
    });
    assert(down < MAX_BYTES, `${down} bytes for a file down`);
  },
});
