/**
 * Runs the conformance suite in a page or a service worker. It posts each line that a process would print to the server that
 * it came from: to `/lines`, in their order.
 */
import { runConformance } from "../conformance/suite.ts";
import { CASE_MARKER, RESULTS_MARKER } from "./results_marker.ts";

interface BrowserGlobals {
  /** Only a page has it. */
  readonly document?: unknown;
  /** Calls the suite of the page. */
  runSuite?: (environment: string) => Promise<void>;
  addEventListener(
    type: string,
    listener: (event: { readonly data: string; waitUntil(work: Promise<void>): void }) => void,
  ): void;
}

const scope = globalThis as unknown as BrowserGlobals;

/** Cases replace the global one, and count its calls. */
const { fetch } = globalThis;

if (scope.document === undefined) {
  scope.addEventListener("message", (event) => event.waitUntil(runSuite(event.data)));
} else {
  scope.runSuite = runSuite;
}

async function runSuite(environment: string): Promise<void> {
  let sent: Promise<unknown> = Promise.resolve();
  const print = (line: string): void => {
    sent = sent.then(async () => await (await fetch("/lines", { method: "POST", body: `${line}\n` })).text());
  };
  try {
    print(
      RESULTS_MARKER +
        JSON.stringify(await runConformance(JSON.parse(environment), (name) => print(CASE_MARKER + name))),
    );
  } catch (error) {
    print(error instanceof Error ? error.stack ?? error.message : String(error));
  }
  print("end of the suite");
  await sent;
}
