/** Certificates and proxies on sockets: Ceph RGW with https, counting proxies, and Deno, Bun and Node as clients. */
import { assert, assertEquals, assertGreater } from "@std/assert";
import { type ProxyServer, startProxy } from "../fakes/proxy_server.ts";
import { startStreamOrigin } from "../fakes/stream_origin.ts";
import { S3Peer } from "../conformance/s3_peer.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, RuntimeUnavailableError } from "../runtimes/install.ts";
import { runOnBun, runOnDeno, runOnNode } from "../runtimes/run_suite.ts";
import { freePorts } from "../servers/free_ports.ts";
import { type RgwServer, startRgw } from "../servers/rgw.ts";
import type { ProbeEnvironment, ProbeResult } from "./transport_probe.ts";

const PROBE = "tests/clients/transport_probe.ts";

interface Runtime {
  path(): Promise<string>;
  run(text: string): Promise<ProbeResult[]>;
}

const RUNTIMES: Readonly<Record<string, Runtime>> = {
  deno: {
    path: () => Promise.resolve(Deno.execPath()),
    // The permissions in the documentation of createTransport.
    run: (text) => runOnDeno(PROBE, text, ["--no-prompt", "--allow-net=127.0.0.1", `--allow-read=${server!.caPath}`]),
  },
  bun: {
    path: bunPath,
    run: async (text) => await runOnBun(await bundle(PROBE, "tests/.build/transport_probe.js"), text),
  },
  node: {
    path: nodePath,
    run: async (text) => await runOnNode(await bundle(PROBE, "tests/.build/transport_probe.js"), text),
  },
};

/** A certificate authority that has not signed any certificate. */
async function strangerCa(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "storages-ca-" });
  try {
    const { success, stderr } = await new Deno.Command("openssl", {
      args:
        `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=stranger -keyout ${folder}/key.pem -out ${folder}/ca.pem`
          .split(" "),
    }).output();
    if (!success) throw new Error(new TextDecoder().decode(stderr));
    return await Deno.readTextFile(`${folder}/ca.pem`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function counts({ connects, forwards, refusals }: ProxyServer): Record<string, number> {
  return { connects, forwards, refusals };
}

async function tryOn(
  run: (text: string) => Promise<ProbeResult[]>,
  { caPath, ...rgw }: RgwServer,
  step: (result: ProbeResult) => Promise<unknown>,
): Promise<void> {
  const tls = caPath.replace(/ca\.pem$/, "");
  const [cert, key, caText] = await Promise.all(
    ["cert.pem", "key.pem", "ca.pem"].map((name) => Deno.readTextFile(tls + name)),
  ) as [string, string, string];
  await using origin = startStreamOrigin();
  await using tlsOrigin = startStreamOrigin({ cert, key });
  await using tunnelProxy = startProxy();
  await using forwardProxy = startProxy();
  await using guardedProxy = startProxy({ login: "user:p@ss" });
  await using tlsProxy = startProxy({ login: "user:p@ss", tls: { cert, key } });
  await using silentProxy = startProxy();
  silentProxy.fallSilent();
  const environment: ProbeEnvironment = {
    ...rgw,
    caPath,
    caText,
    otherCaText: await strangerCa(),
    tunnelProxy: tunnelProxy.host,
    forwardProxy: forwardProxy.host,
    guardedProxy: guardedProxy.host,
    tlsProxy: tlsProxy.host,
    silentProxy: silentProxy.host,
    downProxy: `127.0.0.1:${freePorts(1)[0]}`,
    origin: origin.url,
    tlsOrigin: tlsOrigin.url,
  };
  const results = await run(JSON.stringify(environment));
  assertGreater(results.length, 40);
  for (const result of results) await step(result);
  if (results.some(({ error }) => error !== undefined)) return;
  // Three cases, two of them with five requests that share a tunnel; the pool of Deno sometimes opens one more.
  assert(tunnelProxy.connects >= 3 && tunnelProxy.connects < 6, `${tunnelProxy.connects} tunnels`);
  assertEquals(counts(tunnelProxy), { connects: tunnelProxy.connects, forwards: 0, refusals: 0 });
  assertEquals(counts(forwardProxy), { connects: 0, forwards: 5, refusals: 0 });
  assertGreater(tlsProxy.connects, 1);
  assertGreater(tlsProxy.forwards, 1);
  assertGreater(guardedProxy.connects, 1);
  assertGreater(guardedProxy.forwards, 5);
  assertEquals(guardedProxy.refusals, 8); // one attempt each, without retries
}

/** The reason why a test is skipped, for its name. */
async function missing(runtime: () => Promise<unknown>): Promise<string | undefined> {
  if (server === undefined) return "Ceph RGW is not installed";
  try {
    await runtime();
  } catch (error) {
    if (error instanceof RuntimeUnavailableError) return error.message;
    throw error;
  }
}

const rgw = await startRgw();
const server = "skipped" in rgw ? undefined : rgw;

for (const [name, { path, run }] of Object.entries(RUNTIMES)) {
  const reason = await missing(path);
  Deno.test({
    name: `${name} verifies certificates and uses proxies as configured${reason ? ` (skipped: ${reason})` : ""}`,
    ignore: reason !== undefined,
    fn: async (context) => {
      await new S3Peer({ ...server as RgwServer, bucket: "transport" }).createBucket();
      await tryOn(run, server as RgwServer, ({ name, error }) =>
        context.step(name, () => {
          if (error !== undefined) throw new Error(error);
        }));
    },
  });
}

Deno.test({
  name: "the gateway for certificates and proxies is stopped",
  ignore: server === undefined,
  fn: () => server!.stop(),
});
