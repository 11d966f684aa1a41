/** Starts a Chromium of its own for a test run, headless, where Debian's package is installed. */
import { Attended } from "./attended.ts";
import { DevTools } from "./devtools.ts";
import { Page } from "./page.ts";

/** What to install, as the name of a skipped test says it. */
export const CHROMIUM_INSTALL_HINT = "Chromium is not installed: apt-get install -y --no-install-recommends chromium";

/** No sandbox, as it does not run for root; no shared memory, of which containers have little; no word to the world. */
const FLAGS = [
  "--headless=new",
  "--remote-debugging-port=0",
  "--user-data-dir=profile",
  "--no-sandbox",
  "--disable-dev-shm-usage",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Whether there is a Chromium to start. */
export async function isChromiumInstalled(command = "chromium"): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args: ["--version"], stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** A browser with a new profile, which is gone together with it. */
export class Chromium implements AsyncDisposable {
  readonly #process: Attended;
  readonly #devTools: DevTools;

  private constructor(process: Attended, devTools: DevTools) {
    this.#process = process;
    this.#devTools = devTools;
  }

  /**
   * @param flags Further flags of the command line.
   * @throws {Error} If it does not start.
   */
  static async start(flags: readonly string[] = []): Promise<Chromium> {
    const process = new Attended(["chromium", ...FLAGS, ...flags, "about:blank"], /DevTools listening on (ws:\S+)\s/);
    try {
      return new Chromium(process, await DevTools.connect(await process.address));
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Opens an empty page. */
  async open(): Promise<Page> {
    return await Page.open(this.#devTools);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#devTools.close();
    await this.#process[Symbol.asyncDispose]();
  }
}
