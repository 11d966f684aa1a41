import type { DevTools, Params } from "./devtools.ts";

/** A page of a browser. */
export class Page {
  readonly #devTools: DevTools;
  readonly #targetId: string;
  readonly #sessionId: string;
  /** Errors of the scripts of the page. */
  readonly errors: string[] = [];

  private constructor(devTools: DevTools, targetId: string, sessionId: string) {
    this.#devTools = devTools;
    this.#targetId = targetId;
    this.#sessionId = sessionId;
    this.on("Runtime.exceptionThrown", ({ exceptionDetails }) => this.errors.push(describe(exceptionDetails)));
  }

  static async open(devTools: DevTools): Promise<Page> {
    const { targetId } = await devTools.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await devTools.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(devTools, targetId, sessionId);
    for (const domain of ["Page", "Runtime", "Network", "DOM"]) await page.send(`${domain}.enable`);
    return page;
  }

  async send(method: string, params: Params = {}): Promise<Params> {
    return await this.#devTools.send(method, params, this.#sessionId);
  }

  on(method: string, listener: (params: Params) => void): void {
    this.#devTools.on(method, this.#sessionId, listener);
  }

  /** Navigates to an address as if typed by a user; resolves when the page is completely loaded. */
  async goTo(url: string): Promise<void> {
    const loaded = new Promise<Params>((resolve) => this.on("Page.loadEventFired", resolve));
    const { errorText } = await this.send("Page.navigate", { url });
    if (errorText !== undefined) throw new Error(`Cannot go to ${url}: ${errorText}`);
    await loaded;
  }

  /** The value of an expression in the page; promises are awaited. */
  // deno-lint-ignore no-explicit-any -- only the caller knows the type
  async evaluate<T = any>(expression: string): Promise<T> {
    const asked = { expression, awaitPromise: true, returnByValue: true, userGesture: true };
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", asked);
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${describe(exceptionDetails)}`);
    return result.value;
  }

  /** Waits until an expression is true, also across navigations. */
  async until(condition: string): Promise<void> {
    await this.evaluate(`new Promise((resolve) => {
      const check = () => (${condition}) && (observer.disconnect(), resolve());
      const observer = new MutationObserver(check);
      observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
      check();
    })`);
  }

  /** Chooses a file in the file input of the page. */
  async choose(selector: string, path: string): Promise<void> {
    const { root } = await this.send("DOM.getDocument");
    const { nodeId } = await this.send("DOM.querySelector", { nodeId: root.nodeId, selector });
    await this.send("DOM.setFileInputFiles", { nodeId, files: [path] });
  }

  /** Limits the upload rate of the page, in bytes per second. */
  async limitUpload(bytesPerSecond: number): Promise<void> {
    await this.send("Network.emulateNetworkConditions", {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: bytesPerSecond,
    });
  }

  /**
   * Closes the page, and waits until it is gone: on a busy machine its uploads would go on meanwhile. Chromium does not close
   * a page that is navigating, so it is asked again.
   */
  async close(): Promise<void> {
    while (await this.#isOpen()) {
      await this.#devTools.send("Target.closeTarget", { targetId: this.#targetId }).catch(() => {}); // it is gone
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #isOpen(): Promise<boolean> {
    const { targetInfos } = await this.#devTools.send("Target.getTargets");
    return targetInfos.some(({ targetId }: Params) => targetId === this.#targetId);
  }
}

function describe({ text, exception }: Params): string {
  return exception?.description ?? text;
}
