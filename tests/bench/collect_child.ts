// deno-lint-ignore-file no-console -- it answers by its output
/** Collects once, in a process of its own, and tells how long that took: for collect.ts. */
import http from "node:http";
import { cpuUsage } from "node:process";
import { collect, S3ManifestStaticStorage } from "../../src/static/mod.ts";

const { folder, endpoint, bucket, accessKey, secretKey } = JSON.parse(Deno.args[0]!);
const requests: Record<string, number> = {};
const count = (method = "GET"): void => void (requests[method] = (requests[method] ?? 0) + 1);
// Counted where they leave: a `fetch` of its own would take the storage from its quickest ways.
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
const { copied, unmodified, postProcessed, elapsedMilliseconds } = await collect({ from: folder, to: storage });
const { user, system } = cpuUsage(before);
/** The most memory this process has had, where Linux tells: in bytes. */
const status = await Deno.readTextFile("/proc/self/status").catch(() => "");
console.log(JSON.stringify({
  peakBytes: Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? NaN) * 1024,
  milliseconds: elapsedMilliseconds,
  cpuMilliseconds: (user + system) / 1000,
  summary: `${copied} static files copied, ${unmodified} unmodified, ${postProcessed} post-processed.`,
  requests,
}));
