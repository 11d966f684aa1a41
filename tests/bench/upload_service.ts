// deno-lint-ignore-file no-console -- how the bench learns the port
/** A service that stores forms in the bucket of the environment, and tells how much memory it took at most. */
import process from "node:process";
import { S3Storage } from "../../mod.ts";
import { handleUpload, UploadError } from "../../src/upload/mod.ts";

// Parts wait on the disk: in memory, several of 8 MiB at once and what fetch copies of them would take some 300 MiB.
// Two parts at once take 20 MiB less than four.
const storage = new S3Storage({ maxMemorySize: 1024 ** 2, transferConfig: { maxConcurrency: 2 } });

/** The most memory that this process had, in bytes. */
function peakBytes(): number {
  const status = Deno.readTextFileSync("/proc/self/status");
  return Number(/VmHWM:\s*(\d+)/.exec(status)![1]) * 1024;
}

const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
  if (request.method === "GET") return Response.json({ peakBytes: peakBytes(), cpu: process.cpuUsage() });
  try {
    return Response.json(await handleUpload(request, { storage, maxTotalBytes: Infinity }));
  } catch (error) {
    if (error instanceof UploadError) return error.toResponse();
    throw error;
  }
});
console.error(`Listening on http://127.0.0.1:${server.addr.port}/`);
