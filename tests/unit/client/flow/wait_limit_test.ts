import { assertEquals, assertRejects } from "@std/assert";
import { endOfCall, leastRate, waitInTime, WaitTimeout } from "../../../../src/client/flow/wait_limit.ts";
import { MIN_BYTES_PER_SECOND, type S3Request } from "../../../../src/client/request.ts";
import { sleep } from "../../../../src/kit/async/backoff.ts";
import type { TransferConfig } from "../../../../src/settings/options.ts";
import type { Settings } from "../../../../src/settings/resolve.ts";
import { HeldTime } from "../../held_time.ts";
import { clientOn, scripted } from "../../transport.ts";

const PUT: S3Request = { operation: "PutObject", method: "PUT", bucket: "bucket", key: "a.bin" };

const settingsWith = (transferConfig: TransferConfig): Settings =>
  clientOn(scripted(), { transferConfig, clientConfig: { callTimeout: 100 } }).settings;

Deno.test("a call has the time to send its body on a usable line, or with maxBandwidth if that is less", () => {
  for (const [maxBandwidth, rate] of [[undefined, MIN_BYTES_PER_SECOND], [1e9, MIN_BYTES_PER_SECOND], [1000, 1000]]) {
    const settings = settingsWith({ maxBandwidth });
    assertEquals(leastRate(settings), rate);
    assertEquals(endOfCall(5, settings, { body: new Uint8Array(10 * rate!) }), 5 + 110_000);
  }
  assertEquals(endOfCall(5, settingsWith({}), {}), 100_005);
});

Deno.test("waitInTime() ends at the end of the call, and with its signals", async () => {
  using time = new HeldTime();
  const wait = (request: S3Request): Promise<void> =>
    waitInTime(request, "it", performance.now() + 5000, (signal) => sleep(10_000, signal));
  const late = assertRejects(() => wait(PUT), WaitTimeout, "PutObject failed: it waited for it until callTimeout");
  const controller = new AbortController();
  const aborted = assertRejects(() => wait({ ...PUT, signal: controller.signal }), Error, "changed my mind");
  const unsent = assertRejects(() => wait({ ...PUT, unsentSignal: controller.signal }), Error, "changed my mind");
  await time.pass(4000);
  controller.abort(new Error("changed my mind"));
  await Promise.all([aborted, unsent]);
  await time.pass(1000);
  await late;
  await waitInTime(PUT, "it", performance.now() + 5000, () => Promise.resolve());
  assertEquals(time.pending, 0);
});
