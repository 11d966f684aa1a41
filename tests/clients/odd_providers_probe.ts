// deno-lint-ignore-file no-console -- results are passed to the test on standard output
/**
 * Makes the calls of every case on a runtime: Deno runs this file directly, Bun and Node run a bundle of it. The last argument
 * is the origin of the scripted server.
 */
import { S3Storage, type S3StorageOptions } from "../../mod.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import { CASES } from "./odd_providers.ts";

const { process } = globalThis as unknown as { process: { argv: string[] } };
const server = process.argv.at(-1)!;

const results: [name: string, result: unknown][] = [];
for (const [name, { call }] of Object.entries(CASES)) {
  const common = { bucketName: name, accessKey: "testkey", secretKey: "testsecret" };
  const own = (options: S3StorageOptions = {}): S3Storage => {
    const slashes = name === "endpoint-ends-in-slashes" ? "//" : "";
    return new S3Storage({ ...common, endpointUrl: server + slashes, ...options });
  };
  /** Sends what is meant for AWS to the server, with the runtime's own `fetch`. */
  const redirected = async (request: Request): Promise<Response> => {
    const headers = new Headers(request.headers);
    headers.set("x-meant-url", request.url);
    const body = request.body === null ? null : await request.arrayBuffer();
    return await fetch(`${server}/${name}/`, { method: request.method, headers, body, redirect: "manual" });
  };
  const aws = (options: S3StorageOptions = {}): S3Storage =>
    new S3Storage({ ...common, fetch: redirected, ...options });
  try {
    results.push([name, await call({ own, aws })]);
  } catch (error) {
    results.push([name, `${error}`]);
  }
}
console.log(RESULTS_MARKER + JSON.stringify(results));
