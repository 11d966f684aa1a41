/** The servers of the documentation and the examples refuse forms from other sites, and store nothing. */
import { assert, assertEquals } from "@std/assert";
import { RuntimeUnavailableError } from "../runtimes/install.ts";
import { EXAMPLE_SERVERS, formsPageServer, type PrintedServer } from "./printed_servers.ts";
import { sendRaw } from "./raw_http.ts";

/** Headers of browsers for requests from other sites; `{host}` is the host of the server. */
const FOREIGN: readonly Readonly<Record<string, string>>[] = [
  { "origin": "http://evil.example" },
  { "origin": "http://{host}.evil.example" },
  { "origin": "http://127.0.0.1:1" },
  { "origin": "null" }, // a sandboxed frame, a file
  { "origin": "http://evil.example", "sec-fetch-site": "cross-site" },
  { "origin": "http://{host}", "sec-fetch-site": "cross-site" },
  { "origin": "http://evil.example", "sec-fetch-site": "same-site" },
];

/** Headers of the own page of a server, and of a client other than a browser. */
const OWN: readonly Readonly<Record<string, string>>[] = [
  {},
  { "origin": "http://{host}" },
  { "origin": "http://{host}", "sec-fetch-site": "same-origin" },
];

/** A simple request with one file, or with text, as a page of another site can send it. */
function request(host: string, path: string, name: string, headers: Readonly<Record<string, string>>): string {
  const body = `--b\r\ncontent-disposition: form-data; name="file"; filename="${name}"\r\n\r\nGIF89a\r\n--b--\r\n`;
  const lines = Object.entries(headers).map(([key, value]) => `${key}: ${value.replace("{host}", host)}\r\n`);
  return `POST /${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: multipart/form-data; boundary=b\r\n${
    lines.join("")
  }` +
    `Content-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

/** Servers whose forms have no files, or whose files are not served. */
const OTHER_POSTS: Readonly<Record<string, readonly string[]>> = {
  "examples/browser_upload.ts": ["form", "put", "parts", "complete", "abort"],
  "examples/cloudfront_login.ts": ["login"],
  "examples/demo.ts": [""],
};

async function attack({ name, upload }: PrintedServer, url: string): Promise<void> {
  const { host } = new URL(url);
  for (const headers of FOREIGN) {
    for (const path of OTHER_POSTS[name] ?? []) {
      const { status } = await sendRaw(url, request(host, path, "a.gif", headers));
      assertEquals([path, status], [path, 403], JSON.stringify(headers));
    }
    if (upload === undefined) continue;
    const file = `${crypto.randomUUID()}.gif`;
    const { status, body } = await sendRaw(url, request(host, upload.path, file, headers));
    assertEquals([status, body.includes("CrossOrigin")], [403, true], JSON.stringify(headers));
    const stored = await fetch(url + upload.below + file);
    await stored.body?.cancel();
    assertEquals(stored.status, 404, "nothing was stored");
  }
  for (const headers of OWN) {
    for (const path of OTHER_POSTS[name] ?? []) {
      const { status } = await sendRaw(url, request(host, path, "a.gif", headers));
      // A wrong password also gives 403.
      assert(status !== 403 || path === "login", `${path} of its own page: ${status}`);
    }
    if (upload === undefined) continue;
    const file = `${crypto.randomUUID()}.gif`;
    assertEquals((await sendRaw(url, request(host, upload.path, file, headers))).status, 201, JSON.stringify(headers));
    const stored = await fetch(url + upload.below + file);
    assertEquals([stored.status, await stored.text()], [200, "GIF89a"]);
  }
}

const memory = { name: "MemoryStorage", code: "new MemoryStorage()" };

for (const server of [formsPageServer(memory), ...EXAMPLE_SERVERS]) {
  if (server.upload === undefined && OTHER_POSTS[server.name] === undefined) continue;
  Deno.test(`a form from another site is refused, and stores nothing: ${server.name}`, async (context) => {
    try {
      await using running = await server.start();
      await attack(server, running.url);
    } catch (error) {
      if (!(error instanceof RuntimeUnavailableError)) throw error;
      await context.step({ name: `skipped: ${error.message}`, ignore: true, fn: () => {} });
    }
  });
}
