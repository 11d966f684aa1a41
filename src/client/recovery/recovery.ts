/** What the client does after a failure. Loaded on demand, as one module. */
export { Corrections } from "./corrections.ts";
export { pauseBeforeRetry } from "./retries.ts";
