// deno-lint-ignore-file no-console -- the output is the result
/** Collects once in a separate process and prints the time, for collect.ts. */
import http from "node:http";
import { cpuUsage } from "node:process";
import { collect, S3ManifestStaticStorage } from "../../src/static/mod.ts";

const { folder, endpoint, bucket, accessKey, secretKey } = JSON.parse(Deno.args[0]!);
const requests: Record<string, number> = {};
const count = (method = "GET"): void => void (requests[method] = (requests[method] ?? 0) + 1);
// Requests are counted at the socket: a custom `fetch` would disable the fastest paths of the storage.
const { fetch } = globalThis;
globalThis.fetch = (input, init) => {
  count(init?.method);
  return fetch(input, init);
};
const { request } = http;
http.request = ((url: URL, options: http.RequestOptions) => {
  count(options.method);
  return request(url, options);
}) as typeof request;
const storage = new S3ManifestStaticStorage({
  bucketName: bucket,
  endpointUrl: endpoint,
  accessKey,
  secretKey,
});
const before = cpuUsage();
const { copied, unmodified, postProcessed, elapsedMilliseconds } = await collect(storage, { from: folder });
const { user, system } = cpuUsage(before);
/** The peak memory of this process in bytes, on Linux. */
const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
console.log(JSON.stringify({
  peakBytes: Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) * 1024,
  milliseconds: elapsedMilliseconds,
  cpuMilliseconds: (user + system) / 1000,
  summary: `${copied} static files copied, ${unmodified} unmodified, ${postProcessed} post-processed.`,
  requests,
}));
