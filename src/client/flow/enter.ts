import type { Settings } from "../../settings/resolve.ts";
import type { S3Request } from "../request.ts";
import { waitForTurn } from "./connection_queue.ts";
import type { ConnectionState } from "./connection_state.ts";
import { endOfCall, waitInTime } from "./wait_limit.ts";

/**
 * Starts a request as soon as the limits of its client allow it. Loaded on demand: most programs stay below them.
 *
 * @param startedAt When the first attempt began, on the clock of `performance.now`. Before that, only the rate of adaptive mode
 * has a limit of time: a program may begin any number of calls, which wait for free connections.
 * @throws {WaitTimeout} If the call has no time left.
 */
export async function enter(
  connections: ConnectionState,
  settings: Settings,
  request: S3Request,
  startedAt?: number,
): Promise<void> {
  const { clientConfig, transferConfig } = settings;
  const { signal, unsentSignal = signal, isNested } = request;
  if (transferConfig.maxBandwidth !== undefined && connections.bandwidth === undefined) {
    const { Bandwidth } = await import("./bandwidth.ts");
    connections.bandwidth ??= new Bandwidth();
  }
  if (clientConfig.retryMode === "adaptive") {
    const { AdaptiveRate } = await import("./adaptive_rate.ts");
    const rate = connections.rate ??= new AdaptiveRate();
    if (rate.perSecond < Infinity) {
      const end = endOfCall(startedAt ?? performance.now(), settings, request);
      await waitInTime(request, 'the rate of retryMode "adaptive"', end, (signal) => rate.take(signal));
    }
  }
  if (isNested) connections.sending++;
  else if (startedAt === undefined) await waitForTurn(connections, clientConfig.maxConnections, unsentSignal);
  else {
    await waitInTime(
      request,
      "a free connection (maxConnections)",
      endOfCall(startedAt, settings, request),
      (signal) => waitForTurn(connections, clientConfig.maxConnections, signal),
    );
  }
}
