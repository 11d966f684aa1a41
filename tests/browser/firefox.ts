/** Starts a headless Firefox for a test run, if Debian's package is installed. */
import { Attended } from "./attended.ts";

/** The command to install it, for the names of skipped tests. */
export const FIREFOX_INSTALL_HINT = "Firefox is not installed: apt-get install -y --no-install-recommends firefox-esr";

/** No connections to hosts other than this one: all go to a proxy that does not exist. No first-run pages. */
const PREFERENCES = {
  "network.proxy.type": 1,
  "network.proxy.http": "127.0.0.1",
  "network.proxy.http_port": 9,
  "network.proxy.ssl": "127.0.0.1",
  "network.proxy.ssl_port": 9,
  "network.proxy.no_proxies_on": "127.0.0.1",
  "browser.shell.checkDefaultBrowser": false,
  "browser.aboutwelcome.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "toolkit.telemetry.enabled": false,
  "app.update.auto": false,
};

/** The command of Debian's package. */
const COMMAND = "firefox-esr";

/** Whether Firefox is installed. */
export async function isFirefoxInstalled(): Promise<boolean> {
  try {
    return (await new Deno.Command(COMMAND, { args: ["--version"], stdout: "null", stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}

/** Opens a page in a new Firefox with a temporary profile, which ends when disposed. The page has to report to its server. */
export function openInFirefox(url: string): AsyncDisposable {
  const preferences = Object.entries(PREFERENCES).map(([name, value]) =>
    `user_pref("${name}", ${JSON.stringify(value)});`
  );
  const script =
    'mkdir profile && printf "%s\\n" "$1" >profile/user.js && HOME=$PWD exec "$2" --headless --profile profile "$3"';
  const browser = new Attended(["sh", "-c", script, "sh", preferences.join("\n"), COMMAND, url], /(?!)/);
  browser.address.catch(() => {}); // it prints none
  return browser;
}
