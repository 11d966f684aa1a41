/** Serves the in-memory S3 server over HTTP on a free loopback port, so that every runtime can reach it. */

/** The options of the server. */
const BUCKET = "conformance";

export interface MemoryServer {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  stop(): Promise<void>;
}

/** Imports the server lazily, so that the rest of a run works if it does not compile. */
export async function startMemoryServer(): Promise<MemoryServer> {
  const { createS3Server } = await import("../../src/testing/mod.ts");
  const s3 = createS3Server({ buckets: [BUCKET], cors: true }) /* browsers too */;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => s3.fetch(request));
  return {
    endpoint: `http://127.0.0.1:${server.addr.port}`,
    accessKey: "testkey",
    secretKey: "testsecret",
    stop: () => server.shutdown(),
  };
}
