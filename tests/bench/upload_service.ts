// deno-lint-ignore-file no-console -- prints the port for the bench
/** A service that stores forms in the bucket of the environment, and reports its peak memory. */
import process from "node:process";
import { S3Storage } from "../../mod.ts";
import { handleUpload, UploadError } from "../../src/upload/mod.ts";

// Parts are spooled to disk: several of 8 MiB in memory and the copies of fetch would take about 300 MiB.
// Two concurrent parts take 20 MiB less than four.
const storage = new S3Storage({ maxMemorySize: 1024 ** 2, transferConfig: { maxConcurrency: 2 } });

/** The peak memory of this process, in bytes. */
function peakBytes(): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return Number(/VmHWM:\s*(\d+)/.exec(status)![1]) * 1024;
}

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
  if (request.method === "GET") return Response.json({ peakBytes: peakBytes(), cpu: process.cpuUsage() });
  try {
    return Response.json(await handleUpload(storage, request, { maxTotalBytes: Infinity }));
  } catch (error) {
    if (error instanceof UploadError) return error.toResponse();
    throw error;
  }
});
console.error(`Listening on http://127.0.0.1:${server.addr.port}/`);
