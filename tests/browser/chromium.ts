/** Starts a Chromium of its own for a test run, headless, where Debian's package is installed. */
import { lifetime } from "../runtimes/ending.ts";
import { DevTools } from "./devtools.ts";
import { Page } from "./page.ts";

/** What to install, as the name of a skipped test says it. */
export const CHROMIUM_INSTALL_HINT = "Chromium is not installed: apt-get install -y --no-install-recommends chromium";

/** No group of tests takes longer than this, unless something hangs. */
const LIMIT_MILLISECONDS = 120_000;

/** It closes in a tenth of a second; a slow machine gets this many milliseconds. */
const CLOSE_LIMIT_MILLISECONDS = 10_000;

/** No sandbox, as it does not run for root; nothing that would speak to the world; no window of shared memory. */
const FLAGS = [
  "--headless=new",
  "--remote-debugging-port=0",
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

/** A browser with a profile of its own, which is gone together with it. */
export class Chromium implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #profile: string;
  readonly #devTools: DevTools;
  readonly #removeSync: () => void;

  private constructor(child: Deno.ChildProcess, profile: string, devTools: DevTools, removeSync: () => void) {
    this.#child = child;
    this.#profile = profile;
    this.#devTools = devTools;
    this.#removeSync = removeSync;
  }

  /** @throws {Error} If it does not start. */
  static async start(): Promise<Chromium> {
    const profile = await Deno.makeTempDir({ prefix: "storages-chromium-" });
    const child = new Deno.Command("chromium", {
      args: [...FLAGS, `--user-data-dir=${profile}`, "about:blank"],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      signal: lifetime(LIMIT_MILLISECONDS),
    }).spawn();
    // ENDING turns the signals that end this process into an exit, and an exit unloads.
    const removeSync = (): void => {
      kill(child);
      Deno.removeSync(profile, { recursive: true });
    };
    globalThis.addEventListener("unload", removeSync);
    try {
      const devTools = await DevTools.connect(await addressOf(child));
      return new Chromium(child, profile, devTools, removeSync);
    } catch (error) {
      kill(child);
      await remove(child, profile, removeSync);
      throw error;
    }
  }

  /** Opens an empty page. */
  async open(): Promise<Page> {
    return await Page.open(this.#devTools);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const late = setTimeout(() => kill(this.#child), CLOSE_LIMIT_MILLISECONDS);
    await this.#devTools.send("Browser.close").catch(() => kill(this.#child));
    await this.#devTools.close();
    await remove(this.#child, this.#profile, this.#removeSync);
    clearTimeout(late);
  }
}

/** Reads on to the end all the same: a browser whose output nobody takes stands still. */
async function addressOf(child: Deno.ChildProcess): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let said = "";
  (async (): Promise<void> => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      said += text;
      const address = /DevTools listening on (ws:\S+)\s/.exec(said)?.[1];
      if (address !== undefined) resolve(address);
    }
    reject(new Error(`Chromium does not start: ${said.trim()}`));
  })();
  return await promise;
}

async function remove(child: Deno.ChildProcess, profile: string, removeSync: () => void): Promise<void> {
  await child.status;
  globalThis.removeEventListener("unload", removeSync);
  await Deno.remove(profile, { recursive: true });
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch { /* it has ended by itself */ }
}
