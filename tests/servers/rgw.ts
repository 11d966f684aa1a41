/** Starts a separate Ceph RADOS Gateway for a test run, if Debian's packages are installed. */

import { lifetime } from "../runtimes/ending.ts";
import { freePorts } from "./free_ports.ts";

export interface RgwServer {
  readonly endpoint: string;
  readonly accessKey: string;
  readonly secretKey: string;
  readonly tlsEndpoint: string;
  /** The certificate authority to trust for {@linkcode tlsEndpoint}. */
  readonly caPath: string;
  stop(): Promise<void>;
}

const SCRIPT = decodeURIComponent(new URL("./rgw.sh", import.meta.url).pathname);

/** The command to install it, for the note about a skipped server. */
export const RGW_INSTALL_HINT =
  "Ceph RGW is not installed: apt-get install -y --no-install-recommends radosgw ceph-mon ceph-osd ceph-common";

/**
 * Starts a gateway on free ports with a new folder, independent of others on this machine.
 *
 * `stop()` stops it, as do a signal that ends this process and `Deno.exit`.
 *
 * @param dnsName The host name for virtual-hosted requests.
 * @throws {Error} If it is installed but does not start.
 */
export async function startRgw(dnsName = "localhost"): Promise<RgwServer | { skipped: string }> {
  if (!await isInstalled()) return { skipped: RGW_INSTALL_HINT };
  const [port, tlsPort, monitorPort] = freePorts(3) as [number, number, number];
  const folder = await Deno.makeTempDir({ prefix: "storages-rgw-" });
  const env = {
    RGW_DIR: folder,
    RGW_PORT: String(port),
    RGW_TLS_PORT: String(tlsPort),
    MON_PORT: String(monitorPort),
    RGW_DNS_NAME: dnsName,
  };
  const stopSync = (): void => {
    new Deno.Command("bash", { args: [SCRIPT, "stop"], env, stdin: "null", stdout: "null", stderr: "null" })
      .outputSync();
  };
  // ENDING converts signals to an exit, which dispatches `unload`.
  globalThis.addEventListener("unload", stopSync);
  const stop = (): Promise<void> => {
    globalThis.removeEventListener("unload", stopSync);
    stopSync();
    return Promise.resolve();
  };
  try {
    await start(env);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    tlsEndpoint: `https://127.0.0.1:${tlsPort}`,
    caPath: `${folder}/tls/ca.pem`,
    accessKey: "testkey",
    secretKey: "testsecret",
    stop,
  };
}

/** The daemons keep the output of the script open, so it goes to a file: a pipe would not end. */
async function start(env: Record<string, string>): Promise<void> {
  const log = await Deno.makeTempFile({ prefix: "storages-rgw-", suffix: ".log" });
  try {
    const { success } = await new Deno.Command("bash", {
      args: ["-c", 'exec bash "$0" start >"$1" 2>&1', SCRIPT, log],
      env,
      stdin: "null",
      stdout: "null",
      stderr: "null",
      signal: lifetime(),
    }).output();
    if (!success) throw new Error(`Cannot start Ceph RGW: ${(await Deno.readTextFile(log)).trim()}`);
  } finally {
    await Deno.remove(log);
  }
}

async function isInstalled(): Promise<boolean> {
  for (const program of ["radosgw", "ceph-mon", "ceph-osd", "radosgw-admin"]) {
    try {
      const command = new Deno.Command(program, { args: ["--version"], stdout: "null", stderr: "null" });
      if (!(await command.output()).success) return false;
    } catch {
      return false;
    }
  }
  return true;
}
