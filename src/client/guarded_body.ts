import { ConnectionError } from "../errors.ts";
import { type NetworkStep, underDeadline } from "./deadline.ts";

/**
 * An answer's body that is not waited for without end, fails with errors of ours, and is an error when it ends early,
 * which not every transport notices.
 *
 * @param step What each chunk is waited for with.
 */
export function guardedBody(response: Response, step: NetworkStep): ReadableStream<Uint8Array> {
  const reader = response.body?.getReader();
  // A body that the runtime decodes has another length than the service says.
  const plain = /^(identity)?$/.test(response.headers.get("content-encoding") ?? "");
  let missing = plain ? Number(response.headers.get("content-length") ?? NaN) : NaN;
  return new ReadableStream({
    async pull(controller): Promise<void> {
      try {
        const chunk = await underDeadline(step, async () => await reader?.read());
        if (chunk?.value !== undefined) {
          missing -= chunk.value.byteLength;
          return controller.enqueue(chunk.value);
        }
        if (missing > 0) {
          const { operation, bucket, key } = step.request;
          throw new ConnectionError(`${operation} ended ${missing} bytes early`, { operation, bucket, key });
        }
        controller.close();
      } catch (error) {
        reader?.cancel().catch(() => {}); // it may have failed already
        throw error;
      }
    },
    cancel: (reason) => reader?.cancel(reason),
  }, { highWaterMark: 0 });
}
