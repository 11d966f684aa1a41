/** Runs the conformance suite in a page or a service worker of Chromium. */
import { Chromium, CHROMIUM_INSTALL_HINT, isChromiumInstalled } from "../browser/chromium.ts";
import type { CaseResult } from "../conformance/suite.ts";
import { bundle } from "./bundle.ts";
import { RuntimeUnavailableError } from "./install.ts";
import { lastCase, resultsIn } from "./results_marker.ts";
import { lastLines, Silence, SILENCE_SECONDS } from "./watch.ts";

/** Where the suite runs. */
export type BrowserScope = "page" | "service worker";

/** The expressions that start the suite in a page. */
const START: Readonly<Record<BrowserScope, (environment: string) => string>> = {
  "page": (environment) => `void runSuite(${JSON.stringify(environment)})`,
  "service worker": (environment) =>
    `navigator.serviceWorker.register("/suite.js")
      .then(() => navigator.serviceWorker.ready)
      .then(({ active }) => active.postMessage(${JSON.stringify(environment)}))`,
};

/**
 * @param environment That of the suite, as JSON. Its server must allow the origins of other servers (CORS).
 * @throws {RuntimeUnavailableError} If Chromium is not installed.
 * @throws {Error} If the suite hangs or prints no results.
 */
export async function runInChromium(scope: BrowserScope, environment: string): Promise<CaseResult[]> {
  if (!await isChromiumInstalled()) throw new RuntimeUnavailableError(CHROMIUM_INSTALL_HINT);
  // A script: a module keeps the `await` of examples outside functions, which a service worker cannot load.
  const bundled = await bundle("tests/runtimes/browser.ts", "tests/.build/browser.js", "browser", "iife");
  const suite = await Deno.readTextFile(bundled);
  let output = "";
  const { promise: end, resolve, reject } = Promise.withResolvers<void>();
  const silence = new Silence(SILENCE_SECONDS, () => {
    reject(new Error(`Stopped after ${SILENCE_SECONDS} s without output, ${lastCase(output)}`));
  });
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/suite.js") return new Response(suite, { headers: { "content-type": "text/javascript" } });
    if (pathname === "/lines") {
      const text = await request.text();
      silence.progress();
      output += text;
      if (text === "end of the suite\n") resolve();
      return new Response(null, { status: 204 });
    }
    const script = scope === "page" ? '<script src="/suite.js"></script>' : "";
    return new Response(`<!doctype html><title>suite</title>${script}`, { headers: { "content-type": "text/html" } });
  });
  try {
    await using chromium = await Chromium.start();
    const page = await chromium.open();
    await page.goTo(`http://127.0.0.1:${server.addr.port}/`);
    await page.evaluate(START[scope](environment));
    await end;
  } finally {
    silence.end();
  }
  const results = resultsIn<CaseResult>(output);
  if (results === undefined) throw new Error(`The suite failed in Chromium:\n${lastLines(output)}`);
  return results;
}

/** The version of the installed Chromium. */
export async function chromiumVersion(): Promise<string | undefined> {
  if (!await isChromiumInstalled()) return undefined;
  const { stdout } = await new Deno.Command("chromium", { args: ["--version"] }).output();
  return /\d+/.exec(new TextDecoder().decode(stdout))?.[0];
}
