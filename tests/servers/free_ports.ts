/** Ports for servers that cannot choose a free one themselves. */

/** The range of ports to try. */
const LEAST_PORT = 10_000;

/** The start of the ephemeral range on systems without this file, as IANA recommends it. */
const OWN_RANGE_PORT = 49_152;

/**
 * Free ports of loopback outside the ephemeral range, so that the system does not assign them to connections or to servers
 * that listen on any port.
 */
export function freePorts(count: number): number[] {
  const ports = new Set<number>();
  const end = firstOwnPort();
  while (ports.size < count) {
    const port = LEAST_PORT + Math.floor(Math.random() * (end - LEAST_PORT));
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      ports.add(port);
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  return [...ports];
}

/** The first port of the ephemeral range. */
function firstOwnPort(): number {
  try {
    return parseInt(Deno.readTextFileSync("/proc/sys/net/ipv4/ip_local_port_range"));
  } catch {
    return OWN_RANGE_PORT;
  }
}
