/** What was sent and received. */
export interface Traffic {
  requests: number;
  /** Bytes of responses that were read, without those still in the connection's buffers. */
  receivedBytes: number;
}

/** Returns a counting fetch for a storage. */
export function countedFetch(): { fetch: (request: Request) => Promise<Response>; traffic: Traffic } {
  const traffic: Traffic = { requests: 0, receivedBytes: 0 };
  return {
    traffic,
    fetch: async (request) => {
      traffic.requests++;
      const response = await fetch(request);
      if (response.body === null) return response;
      return new Response(counted(response.body, traffic), response);
    },
  };
}

/** Reads from the source only on demand: unread bytes are neither fetched nor counted. */
function counted(source: ReadableStream<Uint8Array<ArrayBuffer>>, traffic: Traffic): ReadableStream<Uint8Array> {
  const reader = source.getReader();
  return new ReadableStream({
    async pull(controller): Promise<void> {
      const { done, value } = await reader.read();
      if (done) return controller.close();
      traffic.receivedBytes += value.byteLength;
      controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}
