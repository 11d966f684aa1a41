/** Chromium sends forms to a service from its own page and from other sites, with and without scripts. */
import { assertEquals } from "@std/assert";
import { MemoryStorage } from "../../src/storage/mod.ts";
import { handleUpload, UploadError, type UploadOptions } from "../../src/upload/mod.ts";
import { Chromium, CHROMIUM_INSTALL_HINT, isChromiumInstalled } from "./chromium.ts";

/** The origin headers of a request, and the status of its answer. */
interface Seen {
  readonly site: string | null;
  readonly origin: string | null;
  readonly status: number;
}

/** A service for forms, with empty pages for itself and for the attacker. */
class FormService implements AsyncDisposable {
  readonly storage = new MemoryStorage();
  readonly options: { allowedOrigins?: readonly string[]; host?: string } = {};
  readonly #seen: Seen[] = [];
  readonly #waiting: ((seen: Seen) => void)[] = [];
  readonly #http = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => this.#answer(request),
  );

  get port(): number {
    return this.#http.addr.port;
  }

  /** The headers and status of the next form. */
  next(): Promise<Seen> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async #answer(request: Request): Promise<Response> {
    if (request.method !== "POST") {
      const policy = new URL(request.url).searchParams.get("policy") ?? "strict-origin-when-cross-origin";
      return new Response("<!doctype html><title>a page</title>", {
        headers: { "content-type": "text/html", "referrer-policy": policy },
      });
    }
    const { allowedOrigins, host } = this.options;
    const options: UploadOptions = { ...(allowedOrigins && { allowedOrigins }) };
    // Simulates a proxy that changes the Host header.
    const received = host === undefined
      ? request
      : new Request(`http://${host}/`, { method: "POST", headers: request.headers, body: request.body });
    const response = await handleUpload(this.storage, received, options).then(
      ({ files }) => Response.json(files, { status: 201 }),
      (error) => {
        if (error instanceof UploadError) return error.toResponse();
        throw error;
      },
    );
    await request.body?.cancel().catch(() => {}); // it may have been read
    const { headers } = request;
    this.#waiting.shift()!({
      site: headers.get("sec-fetch-site"),
      origin: headers.get("origin"),
      status: response.status,
    });
    return response;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http.shutdown();
  }
}

/** Expressions that send a form with a file to any site. */
const WAYS: Readonly<Record<string, (url: string) => string>> = {
  "a script": (url) =>
    `{
    const body = new FormData();
    body.append("file", new File(["hello"], "a.txt"));
    fetch("${url}", { method: "POST", mode: "no-cors", credentials: "include", body });
  }`,
  "a form": (url) =>
    `{
    document.body.innerHTML = '<form method="post" enctype="multipart/form-data" action="${url}"><input type="file" name="file"></form>';
    const chosen = new DataTransfer();
    chosen.items.add(new File(["hello"], "a.txt"));
    document.forms[0].file.files = chosen.files;
    document.forms[0].submit();
  }`,
};

const installed = await isChromiumInstalled();

Deno.test({
  name: `handleUpload accepts forms of its own pages in Chromium, and refuses those of other sites${
    installed ? "" : ` (${CHROMIUM_INSTALL_HINT})`
  }`,
  ignore: !installed,
  fn: async (context) => {
    await using service = new FormService();
    await using other = new FormService();
    // Browsers treat localhost like https. They send no Sec-Fetch-Site to other names over http.
    await using chromium = await Chromium.start(["--host-resolver-rules=MAP *.test 127.0.0.1"]);
    const own = `http://127.0.0.1:${service.port}/`;
    const plain = `http://shop.test:${service.port}/`;
    const foreign = `http://evil.test:${other.port}`;

    const send = async (from: string, way: string, to: string): Promise<Seen> => {
      const page = await chromium.open();
      await page.goTo(from);
      const seen = service.next();
      await page.evaluate(`void setTimeout(() => ${WAYS[way]!(to)})`); // a page that navigates may not answer
      const result = await seen;
      await page.close();
      return result;
    };

    for (const way of Object.keys(WAYS)) {
      await context.step(`${way}: by Sec-Fetch-Site`, async () => {
        assertEquals(await send(own, way, own), { site: "same-origin", origin: own.slice(0, -1), status: 201 });
        const quiet = await send(`${own}?policy=no-referrer`, way, own);
        assertEquals([quiet.site, quiet.status], ["same-origin", 201]);
        const sameSite = `http://127.0.0.1:${other.port}`;
        assertEquals(await send(sameSite, way, own), { site: "same-site", origin: sameSite, status: 403 });
        const crossSite = `http://localhost:${other.port}`;
        assertEquals(await send(crossSite, way, own), { site: "cross-site", origin: crossSite, status: 403 });
        const hidden = await send(`${crossSite}?policy=no-referrer`, way, own); // a form sends "null" then
        assertEquals([hidden.site, hidden.status], ["cross-site", 403]);
        if (way === "a form") { // Chromium blocks scripts of such a page from loopback
          const opaque = await send("data:text/html,<body>", way, own);
          assertEquals(opaque, { site: "cross-site", origin: "null", status: 403 });
        }
        service.options.allowedOrigins = [crossSite];
        assertEquals((await send(crossSite, way, own)).status, 201);
        assertEquals((await send(sameSite, way, own)).status, 403);
        delete service.options.allowedOrigins;
      });

      await context.step(`${way}: by Origin, over plain http`, async () => {
        assertEquals(await send(plain, way, plain), { site: null, origin: plain.slice(0, -1), status: 201 });
        assertEquals(await send(foreign, way, plain), { site: null, origin: foreign, status: 403 });
        // Behind a proxy only the service knows its public host.
        service.options.host = "127.0.0.1:3000";
        assertEquals((await send(plain, way, plain)).status, 403);
        service.options.allowedOrigins = [plain.slice(0, -1)];
        assertEquals((await send(plain, way, plain)).status, 201);
        assertEquals((await send(foreign, way, plain)).status, 403);
        delete service.options.host;
        delete service.options.allowedOrigins;
      });
    }
    assertEquals((await Array.fromAsync(service.storage.list(""))).length, 2 * 5, "refused files are not stored");
  },
});
