/**
 * Aborts when this process is told to end, so that what it has started ends with it: pass it on to every
 * `Deno.Command` that may run for long.
 */
export const ENDING: AbortSignal = listen();

/** A child that takes longer hangs: on a quiet machine those with this limit take some seconds. */
const CHILD_LIMIT_MILLISECONDS = 300_000;

function listen(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => {
      controller.abort();
      Deno.exit(130);
    });
  }
  return controller.signal;
}

/** The signal for one child: it may not outlive this process, nor hang. */
export function lifetime(limitMilliseconds: number = CHILD_LIMIT_MILLISECONDS): AbortSignal {
  return AbortSignal.any([ENDING, AbortSignal.timeout(limitMilliseconds)]);
}
