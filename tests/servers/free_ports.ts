/** Ports for servers that cannot choose a free one themselves. */

/** Where they are looked for. */
const LEAST_PORT = 10_000;

/** Where there is no file that says it: of the other systems this is the range that is told to be used. */
const OWN_RANGE_PORT = 49_152;

/**
 * Ports of loopback that are free, and stay so until somebody listens there: the system gives none of them to connections,
 * nor to servers that ask for any port.
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

/** The first of the ports that the system hands out itself. */
function firstOwnPort(): number {
  try {
    return parseInt(Deno.readTextFileSync("/proc/sys/net/ipv4/ip_local_port_range"));
  } catch {
    return OWN_RANGE_PORT;
  }
}
