import { createS3Server, type S3Server, type S3ServerOptions } from "../../src/testing/mod.ts";

/** The credentials of every server. */
export const CREDENTIALS = { accessKeyId: "testkey", secretAccessKey: "testsecret" } as const;

/** An in-memory S3 server on loopback that stops when disposed. */
export interface ServedServer extends AsyncDisposable {
  readonly endpoint: string;
  readonly port: number;
  readonly server: S3Server;
}

/** Serves an in-memory S3 server on a free loopback port. */
export function serve(options: S3ServerOptions = {}): ServedServer {
  const server = createS3Server({ buckets: ["media"], credentials: [CREDENTIALS], ...options });
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, server.fetch);
  return {
    endpoint: `http://127.0.0.1:${http.addr.port}`,
    port: http.addr.port,
    server,
    [Symbol.asyncDispose]: () => http.shutdown(),
  };
}

/** Bytes that reveal swapped and missing parts. */
export function patternBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let index = 0; index < size; index++) bytes[index] = (index * 31 + (index >>> 8) * 7) & 0xff;
  return bytes;
}
