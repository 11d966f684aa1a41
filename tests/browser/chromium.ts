/** Starts a headless Chromium for a test run, if Debian's package is installed. */
import { Attended } from "./attended.ts";
import { DevTools } from "./devtools.ts";
import { Page } from "./page.ts";

/** The command to install it, for the names of skipped tests. */
export const CHROMIUM_INSTALL_HINT = "Chromium is not installed: apt-get install -y --no-install-recommends chromium";

/** No sandbox, which does not work for root; no shared memory, as containers have little; no connections to other hosts. */
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

/** Whether Chromium is installed. */
export async function isChromiumInstalled(command = "chromium"): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args: ["--version"], stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** A browser with a temporary profile. */
export class Chromium implements AsyncDisposable {
  readonly #process: Attended;
  readonly #devTools: DevTools;

  private constructor(process: Attended, devTools: DevTools) {
    this.#process = process;
    this.#devTools = devTools;
  }

  /**
   * @param flags Further command-line flags.
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
