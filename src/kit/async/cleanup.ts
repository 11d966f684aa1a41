/** The longest wait for cleanup, in milliseconds. */
const TIMEOUT_MILLISECONDS = 5000;

/**
 * Waits for cleanup, but only a few seconds: a caller who aborted should not hang on a server that does. The work continues
 * in the background, and its failures are ignored.
 */
export async function cleanUp(work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout>;
  const timeout = new Promise<void>((resolve) => timer = setTimeout(resolve, TIMEOUT_MILLISECONDS));
  await Promise.race([work.catch(() => {}), timeout]);
  clearTimeout(timer!);
}
