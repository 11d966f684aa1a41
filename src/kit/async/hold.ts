/** Keeps a request of an edge runtime alive until the work settles: `ctx.waitUntil` of a Worker. */
export type WaitUntil = (work: Promise<unknown>) => void;

/**
 * Begins to hold the request of this call.
 *
 * @param waitUntil Called immediately: if it throws, nothing is left half done.
 * @returns Ends the hold.
 */
export function hold(waitUntil: WaitUntil): () => void {
  let end: () => void;
  waitUntil(new Promise<void>((resolve) => end = resolve));
  return end!;
}

/** Does work that the runtime does not drop if the client disconnects meanwhile, if there is a function to hold it. */
export async function holding<T>(waitUntil: WaitUntil | undefined, work: () => Promise<T>): Promise<T> {
  if (waitUntil === undefined) return await work();
  const end = hold(waitUntil);
  try {
    return await work();
  } finally {
    end();
  }
}
