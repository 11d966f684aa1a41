// deno-lint-ignore-file no-console -- its output is what it is for
/**
 * Measures the memory of `handleUpload` for a form with a large file: curl sends it, another process stores it on Ceph RGW.
 *
 * `deno task bench upload_form [MEBIBYTES]`, 2048 by default. Exits with 1 if the process used more than 200 MiB.
 */
import { type RgwServer, startRgw } from "../servers/rgw.ts";
import { measureUpload } from "./upload_form_run.ts";

const MEBIBYTE = 1024 ** 2;
const MOST_BYTES = 200 * MEBIBYTE;

const size = Number(Deno.args[0] ?? 2048) * MEBIBYTE;
const rgw: RgwServer | { skipped: string } = await startRgw();
if ("skipped" in rgw) {
  console.log(rgw.skipped);
  Deno.exit(1);
}
try {
  const { peakBytes, seconds, cpuSeconds } = await measureUpload(rgw, size);
  const rate = size / MEBIBYTE / seconds;
  console.log(
    `${size / MEBIBYTE} MiB by a form to RGW: peak RSS ${(peakBytes / MEBIBYTE).toFixed(0)} MiB, ` +
      `${seconds.toFixed(1)} s (${rate.toFixed(0)} MiB/s), ${cpuSeconds.toFixed(1)} s of CPU`,
  );
  if (peakBytes > MOST_BYTES) Deno.exitCode = 1;
} finally {
  await rgw.stop();
}
