/** Nobody waits longer than this for work that only tidies up, in milliseconds. */
const PATIENCE_MILLISECONDS = 5000;

/**
 * Waits for work that only tidies up, but not for long: a caller who gave up should not hang on a server that does. The
 * work goes on all the same, and its failure is nobody's.
 */
export async function cleanUp(work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const timeout = new Promise<void>((resolve) => timer = setTimeout(resolve, PATIENCE_MILLISECONDS));
  await Promise.race([work.catch(() => {}), timeout]);
  clearTimeout(timer!);
}
