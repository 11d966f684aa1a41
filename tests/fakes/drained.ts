import { until } from "../unit/held_time.ts";

/**
 * Waits until a server in this process has done all that its clients had sent, also those that were killed.
 *
 * @param underWay How many requests the server is at.
 */
export async function drained(url: string, underWay: () => number): Promise<void> {
  // What was sent before is read before what is sent now, however busy the machine is.
  for (let round = 0; round < 2; round++) await (await fetch(url)).body?.cancel();
  await until(() => underWay() === 0, "the end of all requests");
}
