/** Ports for servers that cannot choose a free one themselves. */

/** The range of ports to try. */
const LEAST_PORT = 10_000;

/** Listening here reserves a port for its server, which listens on 127.0.0.1. Only Linux has this address by default. */
const RESERVING_ADDRESS = "127.0.0.2";

/** The start of the ephemeral range on systems without this file, as IANA recommends it. */
const OWN_RANGE_PORT = 49_152;

/**
 * Free ports of loopback outside the ephemeral range, so that the system does not assign them to connections or to servers
 * that listen on any port. No other process of these tests gets the same ones while this process runs.
 */
export function freePorts(count: number): number[] {
  const ports = new Set<number>();
  const end = firstOwnPort();
  while (ports.size < count) {
    const port = LEAST_PORT + Math.floor(Math.random() * (end - LEAST_PORT));
    if (reserve(port) && isFree(port)) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return false;
  }
}

/** Reserves a port until this process ends; returns whether it was not reserved. */
function reserve(port: number): boolean {
  if (Deno.build.os !== "linux") return true;
  try {
    Deno.listen({ hostname: RESERVING_ADDRESS, port }).unref();
    return true;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    return false;
  }
}

/** The first port of the ephemeral range. */
function firstOwnPort(): number {
  try {
    return parseInt(Deno.readTextFileSync("/proc/sys/net/ipv4/ip_local_port_range"));
  } catch {
    return OWN_RANGE_PORT;
  }
}
