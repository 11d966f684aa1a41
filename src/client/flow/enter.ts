import type { Settings } from "../../settings/resolve.ts";
import type { S3Request } from "../request.ts";
import { waitForTurn } from "./connection_queue.ts";
import type { ConnectionState } from "./connection_state.ts";

/** Starts a request as soon as the limits of its client allow it. Loaded on demand: most programs stay below them. */
export async function enter(
  connections: ConnectionState,
  { clientConfig, transferConfig }: Settings,
  { signal, unsentSignal = signal, isNested }: S3Request,
): Promise<void> {
  if (transferConfig.maxBandwidth !== undefined && connections.bandwidth === undefined) {
    const { Bandwidth } = await import("./bandwidth.ts");
    connections.bandwidth ??= new Bandwidth();
  }
  if (clientConfig.retryMode === "adaptive") {
    const { AdaptiveRate } = await import("./adaptive_rate.ts");
    await (connections.rate ??= new AdaptiveRate()).take(unsentSignal);
  }
  if (isNested) connections.sending++;
  else await waitForTurn(connections, clientConfig.maxConnections, unsentSignal);
}
