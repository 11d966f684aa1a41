// deno-lint-ignore-file no-console -- results are passed to the test on standard output
/**
 * Tests TLS verification and proxies on a runtime: Deno runs this file directly, Bun and Node run a bundle of it. The last
 * argument has the addresses of the servers, as JSON.
 */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { isStorageError, S3Storage, type StorageErrorCode } from "../../mod.ts";
import { createTransport } from "../../src/runtime/transport/create_transport.ts";
import type { Transport, TransportOptions } from "../../src/runtime/transport/transport.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";

export interface ProbeEnvironment {
  readonly tlsEndpoint: string;
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly caPath: string;
  readonly caText: string;
  readonly otherCaText: string;
  /** The hosts and ports of proxies. */
  readonly tunnelProxy: string;
  readonly forwardProxy: string;
  readonly guardedProxy: string;
  /** A proxy with TLS between client and proxy. */
  readonly tlsProxy: string;
  readonly silentProxy: string;
  /** A port without a server. */
  readonly downProxy: string;
  readonly tlsOrigin: string;
  readonly origin: string;
}

export interface ProbeResult {
  readonly name: string;
  readonly error?: string;
}

const LOGIN = "user:p%40ss";

interface ProcessLike {
  readonly argv: string[];
  readonly env: Record<string, string>;
}

const { process } = globalThis as unknown as { process: ProcessLike };
const environment = JSON.parse(process.argv.at(-1)!) as ProbeEnvironment;
const { tlsEndpoint, endpoint, caPath, caText, tlsOrigin, origin } = environment;
const isDeno = "Deno" in globalThis;
// Proxies in code take precedence over these, except on Deno.
if (!isDeno) process.env.NO_PROXY = "*";

/** Creates a storage with options. */
function storageWith(options: TransportOptions, endpointUrl = tlsEndpoint): S3Storage {
  const { accessKey, secretKey } = environment;
  return new S3Storage({
    bucketName: "transport",
    endpointUrl,
    accessKey,
    secretKey,
    clientConfig: { maxAttempts: 1, timeout: 120 },
    ...options,
  });
}

/** Saves, reads, lists and deletes. */
async function roundTrip(storage: S3Storage): Promise<void> {
  const name = `a b+ü ${crypto.randomUUID()}.txt`;
  assertEquals(await storage.save(name, "storage contents"), name);
  const file = await storage.open(name);
  assertEquals(await file.text(), "storage contents");
  await file.close();
  assert((await storage.listdir(""))[1].includes(name));
  await storage.delete(name);
  assertEquals(await storage.exists(name), false);
}

async function assertFails(storage: S3Storage, code: StorageErrorCode, part = ""): Promise<void> {
  const error = await assertRejects(() => storage.exists("a.txt")) as Error;
  assert(isStorageError(error, code), `${code} expected, not ${error.name}: ${error.message}`);
  assertStringIncludes(error.message, part);
  assertEquals(/p@ss|p%40ss|wrong/.test(`${error.stack} ${JSON.stringify(error)} ${error.cause}`), false);
}

async function withTransport(options: TransportOptions, use: (transport: Transport) => Promise<void>): Promise<void> {
  const transport = createTransport(options)!;
  try {
    await use(transport);
  } finally {
    await transport.close();
  }
}

async function state(transport: Transport, url: string): Promise<{ sentMebibytes: number; cancelled: number }> {
  return await (await transport.fetch(`${url}/state`)).json();
}

/** Polls until a condition is true; the test ends a process that waits forever. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** A paused reader stops the server, and a resumed one receives every byte. */
async function streams(transport: Transport, url: string): Promise<void> {
  const reader = (await transport.fetch(`${url}/mebibytes?count=64`)).body!.getReader();
  let bytes = (await reader.read()).value!.byteLength;
  let last = -1;
  await until(async () => last === (last = (await state(transport, url)).sentMebibytes));
  assert(last < 32, `${last} MiB were sent to a reader that had asked for one chunk`);
  for (;;) {
    const { value, done } = await reader.read();
    if (done) break;
    bytes += value.byteLength;
  }
  assertEquals(bytes, 64 * 1024 * 1024);
}

async function cancels(transport: Transport, url: string): Promise<void> {
  const before = (await state(transport, url)).cancelled;
  const { body } = await transport.fetch(`${url}/mebibytes?count=64`);
  await body!.cancel();
  await until(async () => (await state(transport, url)).cancelled === before + 1);
}

/** A signal ends a request in any phase, with its reason. */
async function aborts(transport: Transport, url: string): Promise<void> {
  const reason = new Error("enough");
  await assertRejects(() => transport.fetch(url, { signal: AbortSignal.abort(reason) }), Error, "enough");
  const bytes = new Uint8Array(20_000_000);
  // The fetch of Deno sometimes keeps the process alive forever after the upload of a Blob is aborted.
  for (const init of [{}, { method: "PUT", body: isDeno ? bytes : new Blob([bytes]) }]) {
    const waiting = new AbortController();
    const answer = transport.fetch(`${url}/silence`, { ...init, signal: waiting.signal });
    setTimeout(() => waiting.abort(reason), 50);
    await assertRejects(() => answer, Error, "enough");
  }
  const reading = new AbortController();
  const response = await transport.fetch(`${url}/mebibytes?count=64`, { signal: reading.signal });
  reading.abort(reason);
  await assertRejects(() => response.arrayBuffer(), Error, "enough");
  const done = new AbortController();
  await (await transport.fetch(`${url}/echo`, { signal: done.signal })).body?.cancel();
  done.abort(reason);
  assertEquals((await transport.fetch(`${url}/echo`)).status, 200);
}

async function sends(transport: Transport, url: string): Promise<void> {
  const echo = async (init: RequestInit): Promise<[string, string | undefined, number]> => {
    const { method, headers, sum } = await (await transport.fetch(`${url}/echo`, init)).json();
    return [method, headers["content-length"], sum];
  };
  const bytes = new Uint8Array(5_000_000).fill(1);
  assertEquals(await echo({ method: "PUT", body: bytes }), ["PUT", "5000000", 5_000_000]);
  assertEquals(await echo({ method: "PUT", body: bytes.subarray(7, 10) }), ["PUT", "3", 3]);
  assertEquals(await echo({ method: "PUT", body: new Blob([bytes, bytes]) }), ["PUT", "10000000", 10_000_000]);
  assertEquals(await echo({ method: "PUT", body: new Uint8Array(0) }), ["PUT", "0", 0]);
  assertEquals(await echo({ method: "POST", body: "ü" }), ["POST", "2", 0xc3 + 0xbc]);
  assertEquals(await echo({ method: "POST" }), ["POST", "0", 0]);
  const answer = await transport.fetch(`${url}/echo`, {
    headers: { "x-a": "b" },
    method: "PUT",
    body: new Blob(["x"]),
  });
  assertEquals((await answer.json()).headers["x-a"], "b");
  const redirect = await transport.fetch(`${url}/redirect`);
  assertEquals([redirect.status, redirect.headers.get("location")], [307, "/echo"]);
  await redirect.body?.cancel();
  assertEquals((await transport.fetch(`${url}/none`)).body, null);
  assertEquals((await transport.fetch(`${url}/echo`, { method: "HEAD" })).status, 200);
  await assertRejects(async () => await (await transport.fetch(`${url}/cut`)).arrayBuffer());
}

const through = (host: string, login = ""): Record<string, string> => {
  const url = `http://${login && `${login}@`}${host}`;
  return { http: url, https: url };
};
const { tunnelProxy, forwardProxy, guardedProxy, silentProxy, downProxy } = environment;

const CASES: Record<string, () => Promise<void>> = {
  "a CA bundle by its path": () => roundTrip(storageWith({ verify: caPath })),
  "a CA bundle as text, among others": () => roundTrip(storageWith({ verify: environment.otherCaText + caText })),
  "no CA bundle: refused": () => assertFails(storageWith({}), "Connection"),
  "another CA: refused": () => assertFails(storageWith({ verify: environment.otherCaText }), "Connection"),
  "verify: false": () => roundTrip(storageWith({ verify: false })),
  "https through a proxy": () => roundTrip(storageWith({ verify: caText, proxies: through(tunnelProxy) })),
  "https through a proxy, another CA: refused": () =>
    assertFails(storageWith({ verify: environment.otherCaText, proxies: through(tunnelProxy) }), "Connection"),
  "https through a proxy, verify: false": () =>
    roundTrip(storageWith({ verify: false, proxies: through(tunnelProxy) })),
  "http through a proxy": () => roundTrip(storageWith({ proxies: through(forwardProxy) }, endpoint)),
  "https through a proxy with a password": () =>
    roundTrip(storageWith({ verify: caText, proxies: through(guardedProxy, LOGIN) })),
  "http through a proxy with a password": () =>
    roundTrip(storageWith({ proxies: through(guardedProxy, LOGIN) }, endpoint)),
};
for (const url of [tlsEndpoint, endpoint]) {
  for (const verify of [caText, false]) {
    const proxies = { all: `https://${LOGIN}@${environment.tlsProxy}` };
    const way = `${url.split(":")[0]}${verify ? "" : ", verify: false"}`;
    const failing = (proxies: Record<string, string>): S3Storage => storageWith({ verify, proxies }, url);
    // The fetch of Deno omits the password of a proxy with TLS to the proxy, but not to the server.
    if (!(isDeno && verify && url === endpoint)) {
      CASES[`${way}: a proxy that speaks TLS itself`] = () => roundTrip(storageWith({ verify, proxies }, url));
    }
    CASES[`${way}: a proxy's password is wrong`] = () =>
      assertFails(failing(through(guardedProxy, "user:wrong")), "Configuration", "rejected the user name or password");
    CASES[`${way}: a proxy's password is missing`] = () =>
      assertFails(failing(through(guardedProxy)), "Configuration", "requires a user name and a password");
    CASES[`${way}: a proxy is down`] = () => assertFails(failing(through(downProxy)), "Connection");
    CASES[`${way}: a proxy is silent`] = async () => {
      const signal = AbortSignal.timeout(100);
      await assertRejects(() => failing(through(silentProxy)).exists("a.txt", { signal }), DOMException);
    };
  }
}
for (const [url, way] of [[origin, "http"], [tlsOrigin, "https"]] as const) {
  for (const verify of [caText, false]) {
    for (const proxies of [{}, through(guardedProxy, LOGIN)]) {
      const options = { verify, proxies };
      const name = `${way}${verify ? "" : ", verify: false"}${"http" in proxies ? ", proxy" : ""}`;
      for (const check of [sends, cancels, aborts, streams]) {
        // TLS of node:https on Deno has no backpressure.
        if (check === streams && isDeno && !verify && way === "https") continue;
        CASES[`${name}: ${check.name}`] = () => withTransport(options, (transport) => check(transport, url));
      }
    }
  }
}

/** The messages of an error and its causes. */
function describe(error: unknown): string {
  return error instanceof Error
    ? `${error.stack ?? error}${error.cause ? `\ncause: ${describe(error.cause)}` : ""}`
    : `${error}`;
}

const results: ProbeResult[] = [];
for (const [name, run] of Object.entries(CASES)) {
  results.push(await run().then(() => ({ name }), (error) => ({ name, error: describe(error) })));
}
console.log(RESULTS_MARKER + JSON.stringify(results));
// No transport is closed: idle connections must not keep the process alive.
