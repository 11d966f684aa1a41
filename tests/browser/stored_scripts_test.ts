/** Chromium must not run scripts in files uploaded to the servers of the documentation and the examples. */
import { assert, assertEquals } from "@std/assert";
import { EXAMPLE_SERVERS, formsPageServer, type PrintedServer } from "../clients/printed_servers.ts";
import { RuntimeUnavailableError } from "../runtimes/install.ts";
import { Chromium, CHROMIUM_INSTALL_HINT, isChromiumInstalled } from "./chromium.ts";
import type { Page } from "./page.ts";
import { type HostileFile, hostileFiles } from "./stored_scripts.ts";

/** How long the test waits for scripts after everything is loaded. */
const PATIENCE_MILLISECONDS = 2_000;

/** The limit where scripts are expected to run; the test ends with the last of them. */
const TRUSTED_PATIENCE_MILLISECONDS = 60_000;

/** The number of pages that load concurrently. */
const PAGES_AT_ONCE = 6;

const COOKIE = "session=the-cookie";

/** A page of another site that receives the requests of scripts, and embeds files. */
class Listener implements AsyncDisposable {
  readonly heard: string[] = [];
  readonly #http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
    const { pathname, search, searchParams } = new URL(request.url);
    if (pathname === "/beacon") {
      this.heard.push(decodeURIComponent(search.slice(1)));
      return new Response("heard", { headers: { "access-control-allow-origin": "*" } });
    }
    return new Response(`<!doctype html><title>embeds</title>${searchParams.get("html") ?? ""}`, {
      headers: { "content-type": "text/html; charset=utf-8" },
    });
  });

  get url(): string {
    return `http://127.0.0.1:${this.#http.addr.port}/`;
  }

  /** The address of a page with the given content. */
  pageOf(html: string): string {
    return `${this.url}?${new URLSearchParams({ html })}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http.shutdown();
  }
}

/** A page that records and closes dialogs. */
async function openNoting(chromium: Chromium, heard: string[]): Promise<Page> {
  const page = await chromium.open();
  page.on("Page.javascriptDialogOpening", ({ message }) => {
    heard.push(`dialog ${message}`);
    page.send("Page.handleJavaScriptDialog", { accept: true }).catch(() => {}); // the page is gone
  });
  return page;
}

/**
 * Opens files as documents, at top level and in frames of another site, and as scripts of that site. The pages are not
 * closed, since closing a page with an open dialog may end the browser.
 *
 * @param isEnough Whether all expected requests were received.
 * @param limit How many milliseconds to wait after everything is loaded.
 */
async function show(
  chromium: Chromium,
  listener: Listener,
  urls: Iterable<string>,
  isEnough: () => boolean = () => false,
  limit = PATIENCE_MILLISECONDS,
): Promise<void> {
  const embeds = [...urls].map((url) =>
    `<iframe src="${url}"></iframe><object data="${url}"></object><embed src="${url}"><script src="${url}"></script>`
  );
  const waiting = [...urls, listener.pageOf(embeds.join(""))];
  const visit = async (): Promise<void> => {
    for (let url = waiting.shift(); url !== undefined; url = waiting.shift()) {
      const page = await openNoting(chromium, listener.heard);
      await page.send("Network.setCookie", { url, name: "session", value: "the-cookie" });
      const loaded = new Promise<void>((resolve) => page.on("Page.loadEventFired", () => resolve()));
      const { errorText } = await page.send("Page.navigate", { url }); // set for a download
      if (errorText === undefined) await Promise.race([loaded, elapsed(PATIENCE_MILLISECONDS)]); // a dialog may block it
    }
  };
  await Promise.all(Array.from({ length: PAGES_AT_ONCE }, visit));
  for (let left = limit; left > 0 && !isEnough(); left -= 100) await elapsed(100);
}

function elapsed(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Uploads files like a client other than a browser; refused files have no URL. */
async function upload(
  url: string,
  { path, below }: NonNullable<PrintedServer["upload"]>,
  files: readonly HostileFile[],
): Promise<Map<string, string>> {
  const urls = new Map<string, string>();
  for (const { name, type, content } of files) {
    // Written by hand, since FormData would correct the type.
    const bytes = typeof content === "string" ? Uint8Array.from(content, (one) => one.charCodeAt(0)) : content;
    const head = `--form-boundary\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n` +
      `${type && `content-type: ${type}\r\n`}\r\n`;
    const body = new Blob([head, bytes, "\r\n--form-boundary--\r\n"]);
    const headers = { "content-type": "multipart/form-data; boundary=form-boundary" };
    const response = await fetch(url + path, { method: "POST", body, headers });
    const said = await response.text();
    if (response.status === 201) urls.set(name, url + below + name);
    else assertEquals([name, response.status], [name, 415], said);
  }
  return urls;
}

/** The width of an image in a page of another site; 0 if it is not shown. */
async function widthOf(chromium: Chromium, listener: Listener, url: string): Promise<number> {
  const page = await chromium.open();
  await page.goTo(listener.pageOf(`<img src="${url}">`));
  const width = await page.evaluate<number>("document.images[0].naturalWidth");
  await page.close();
  return width;
}

const memory = { name: "MemoryStorage", code: "new MemoryStorage()" };
const anyType = (code: string): string => code.replace('accept: ["image/*"], ', "");
const trusting = (code: string): string =>
  anyType(code).replace("serve(storage, request)", "serve(storage, request, { trusted: true })");

const installed = await isChromiumInstalled();
const test = installed
  ? Deno.test
  : (name: string, _run: (context: Deno.TestContext) => Promise<void>): void =>
    Deno.test.ignore(`${name}: ${CHROMIUM_INSTALL_HINT}`, () => {});

test("where files are trusted their scripts run in Chromium, and see the cookie: the test below can fail", async () => {
  await using listener = new Listener();
  const printed = formsPageServer(memory, trusting);
  await using server = await printed.start();
  await using chromium = await Chromium.start();
  const names = [
    "page.html",
    "page.xhtml",
    "data.xml",
    "image.svg",
    "sheet.xml",
    "styled.xml",
    "document.pdf",
    "code.js",
  ];
  const files = hostileFiles(`${listener.url}beacon`).filter(({ name }) => names.includes(name));
  const urls = await upload(server.url, printed.upload!, files);
  const wanted = [
    // Each at top level and in three frames, except the script, which runs in the page with the frames.
    ...["html", "xhtml", "xml", "svg", "xslt"].flatMap((who) => [`dialog ${who}`, `${who}=${COOKIE}`]),
    ...["dialog pdf", "dialog js", "html-image"],
  ];
  const missing = (): string[] => wanted.filter((one) => !listener.heard.includes(one));
  await show(chromium, listener, urls.values(), () => missing().length === 0, TRUSTED_PATIENCE_MILLISECONDS);
  assertEquals(missing(), []);
});

const SERVERS: readonly PrintedServer[] = [
  formsPageServer(memory),
  { ...formsPageServer(memory, anyType), name: "the documented server without accept" },
  ...EXAMPLE_SERVERS.filter(({ upload }) => upload !== undefined),
];

for (const printed of SERVERS) {
  test(`no script of an uploaded file runs in Chromium: ${printed.name}`, async (context) => {
    await using listener = new Listener();
    let server;
    try {
      server = await printed.start();
    } catch (error) {
      if (!(error instanceof RuntimeUnavailableError)) throw error;
      await context.step({ name: `skipped: ${error.message}`, ignore: true, fn: () => {} });
      return;
    }
    try {
      await using chromium = await Chromium.start();
      const files = hostileFiles(`${listener.url}beacon`);
      const urls = await upload(server.url, printed.upload!, files);
      assert(urls.has("image.svg"), "an SVG is accepted as an image");
      if (printed.name.includes("without accept")) assertEquals(urls.size, files.length);
      await show(chromium, listener, urls.values());
      assertEquals(await widthOf(chromium, listener, urls.get("image.svg")!), 32, "an <img> shows the SVG");
      assertEquals(listener.heard, [], "a script ran or sent a request");
    } finally {
      await server[Symbol.asyncDispose]();
    }
  });
}

test("no script of a file runs that Chromium itself uploads by a server's own form", async () => {
  const folder = await Deno.makeTempDir({ prefix: "storages-hostile-" });
  try {
    await using listener = new Listener();
    const printed = EXAMPLE_SERVERS.find(({ name }) => name === "examples/deno_upload_service.ts")!;
    await using server = await printed.start();
    await using chromium = await Chromium.start();
    const svg = hostileFiles(`${listener.url}beacon`).find(({ name }) => name === "image.svg")!;
    await Deno.writeTextFile(`${folder}/image.svg`, svg.content as string);
    const page = await openNoting(chromium, listener.heard);
    await page.goTo(server.url);
    await page.choose("input[type=file]", `${folder}/image.svg`);
    const answered = new Promise<void>((resolve) => page.on("Page.loadEventFired", () => resolve()));
    await page.evaluate("document.querySelector('button').click()");
    await answered;
    const [{ url }] = JSON.parse(await page.evaluate<string>("document.body.textContent"));
    await page.close();
    const stored = new URL(url, server.url).href;
    await show(chromium, listener, [stored]);
    assertEquals(await widthOf(chromium, listener, stored), 32);
    assertEquals(listener.heard, [], "a script ran or sent a request");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
