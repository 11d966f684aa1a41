/**
 * Aborts on a signal that ends this process. Pass it to every `Deno.Command` that may run for long, so that it ends, too.
 */
export const ENDING: AbortSignal = listen();

/** The limit for a child process, after which it counts as hanging; it usually takes some seconds. */
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

/** The signal for one child process, which must not outlive this process or hang. */
export function lifetime(limitMilliseconds: number = CHILD_LIMIT_MILLISECONDS): AbortSignal {
  return AbortSignal.any([ENDING, AbortSignal.timeout(limitMilliseconds)]);
}
