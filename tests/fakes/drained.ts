import { until } from "../unit/held_time.ts";

/**
 * Waits until a server in this process has processed all requests, also those of killed clients.
 *
 * @param underWay Returns the number of requests that the server is processing.
 */
export async function drained(url: string, underWay: () => number): Promise<void> {
  // Connections are read in order, so requests that were sent before are read before this one.
  for (let round = 0; round < 2; round++) await (await fetch(url)).body?.cancel();
  await until(() => underWay() === 0, "the end of all requests");
}
