/** Attacks over sockets on the servers of the documentation and the examples: no response is a 500 or reveals secrets. */
import { assert, assertEquals } from "@std/assert";
import { bundle } from "../runtimes/bundle.ts";
import { RuntimeUnavailableError, workerdPath } from "../runtimes/install.ts";
import { withWorkerd } from "../runtimes/workerd.ts";
import { EXAMPLE_SERVERS, formsPageServer, type PrintedServer } from "./printed_servers.ts";
import { type RawResponse, sendRaw } from "./raw_http.ts";
import { serve } from "./served_server.ts";

/** A file outside the served folder. */
const SECRET = "nobody may read this";

const TARGETS: readonly string[] = [
  // Malformed escapes, and escapes of characters that no name has.
  ...["/%ff", "/%", "/%%", "/%zz", "/%2", "/%u002e", "/a%00.txt", "/%00", "/%c0%ae%c0%ae/secret.txt", "/%ed%a0%80"],
  ...["/%0d%0aset-cookie:%20a=b", "/%1b%5b2J", "/%e2%80%ae"],
  // Path traversal.
  ...[
    "/../secret.txt",
    "/../../../../../../etc/passwd",
    "/%2e%2e/secret.txt",
    "/%2e%2e%2fsecret.txt",
    "/..%2fsecret.txt",
  ],
  ...["/.%2e/secret.txt", "/%252e%252e%252fsecret.txt", "/a/../../secret.txt", "/a/%2e%2e/%2e%2e/secret.txt"],
  ...[
    "/..\\secret.txt",
    "/..%5csecret.txt",
    "/..%5c..%5cwindows%5cwin.ini",
    "/\\..\\secret.txt",
    "/%5c..%5csecret.txt",
  ],
  ...["/....//secret.txt", "/..;/secret.txt", "/;/../secret.txt", "/.\\./secret.txt", "/a/..%00/secret.txt"],
  // Absolute paths and other hosts.
  ...[
    "//etc/passwd",
    "///etc/passwd",
    "/\\etc\\passwd",
    "/%2fetc%2fpasswd",
    "/%5c%5chost%5cshare",
    "//evil.example/a.txt",
  ],
  ...[
    "http://evil.example/../secret.txt",
    "http://evil.example//etc/passwd",
    "http://evil.example/%ff",
    "file:///etc/passwd",
  ],
  ...["http://[::1/a.txt", "http://a b/c", "http://", "*", "etc/passwd", "a.txt", "?", "#", "/#/../secret.txt"],
  // Internal files of the storage, and unusual names.
  ...[
    "/.storages/1-1-1.json",
    "/.storages",
    "/.env",
    "/.git/config",
    "/",
    "/?",
    "/a.txt/",
    "/a.txt/b",
    "/CON",
    "/a:b",
    "/~",
  ],
  ...["/__proto__", "/constructor", "/albums/../secret.txt", "/albums/a/..%2f..%2fsecret.txt", "/albums/%ff/%ff"],
  // Bytes that are not allowed in a request target.
  ...["/\0", "/\x7f", "/\xff\xfe", "/\xc3\xa4.txt", "/a b", "/a\tb", "/\r", "/\x1b[2J"],
  // Long targets.
  ...[
    `/${"a".repeat(6000)}`,
    `/${"a/".repeat(3000)}`,
    `/${"%2e%2e%2f".repeat(700)}`,
    `/${"%".repeat(6000)}`,
    `/${"../".repeat(2000)}`,
  ],
  ...[`/${"%c3%a4".repeat(1000)}`, `/${"a".repeat(100_000)}`, `/${"//".repeat(3000)}`, `/a.txt?${"a=b&".repeat(1500)}`],
];

const HOSTS: readonly string[] = [
  "",
  "a b",
  "evil.example:99999",
  "[::1",
  "evil.example/../",
  "a@b",
  "\xff",
  "..",
  "%00",
  "a,b",
];

const METHODS: readonly string[] = [
  "TRACE",
  "CONNECT",
  "OPTIONS",
  "DELETE",
  "PUT",
  "PATCH",
  "get",
  "FOO",
  "G\0T",
  "PRI",
];

/** Hostile values of headers that `serve` reads, below the header limit of servers. */
const HEADERS: readonly string[] = [
  `range: bytes=${"0-0,".repeat(1500)}`,
  `range: bytes=${"9".repeat(6000)}-`,
  "range: bytes=-9999999999999999999999",
  `if-none-match: ${'"a", '.repeat(1000)}`,
  `if-none-match: ${'"'.repeat(6000)}`,
  `if-match: ${'W/"'.repeat(2000)}`,
  `accept-encoding: ${"gzip;q=0,".repeat(600)}`,
  `accept-encoding: ${"gzip".repeat(1000)};${";".repeat(2000)}`,
  "if-modified-since: Sun, 06 Nov 1994 08:49:37 GMT\r\nif-modified-since: x",
  "content-length: -1",
  "transfer-encoding: chunked, identity",
  "expect: 200-maybe",
  "\xff: \xff",
];

/** All requests of the attack, with their names. */
function* attacks(host: string): Generator<readonly [what: string, request: string]> {
  const close = "Connection: close\r\n\r\n";
  for (const method of ["GET", "HEAD"]) {
    for (const target of TARGETS) {
      yield [`${method} ${target}`, `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${close}`];
    }
  }
  for (const other of HOSTS) yield [`Host: ${other}`, `GET /a.txt HTTP/1.1\r\nHost: ${other}\r\n${close}`];
  for (const other of HOSTS) {
    const sent = `Host: ${other}\r\nOrigin: http://${other}\r\nContent-Type: multipart/form-data; boundary=a\r\n`;
    for (const path of ["/", "/albums/a", "/login", "/put"]) {
      yield [`POST ${path} Host: ${other}`, `POST ${path} HTTP/1.1\r\n${sent}Content-Length: 5\r\n${close}--a--`];
    }
  }
  yield ["no Host", `GET /a.txt HTTP/1.1\r\n${close}`];
  yield ["two Hosts", `GET /a.txt HTTP/1.1\r\nHost: ${host}\r\nHost: evil.example\r\n${close}`];
  yield ["HTTP/1.0", `GET /../secret.txt HTTP/1.0\r\n\r\n`];
  for (const method of METHODS) {
    for (const target of ["/a.txt", "/%ff", "*"]) {
      yield [`${method} ${target}`, `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n${close}`];
    }
  }
  for (const header of HEADERS) yield [header, `GET /a.txt HTTP/1.1\r\nHost: ${host}\r\n${header}\r\n${close}`];
  for (
    const type of [
      "multipart/form-data",
      "multipart/form-data; boundary=",
      "text/plain",
      "\xff",
      `a/b;${"x=y;".repeat(1000)}`,
    ]
  ) {
    const form = `Content-Type: ${type}\r\nContent-Length: 5\r\n${close}--a--`;
    for (const target of ["/", "/%ff", "/albums/..", "/albums/%ff", "/albums/%2e%2e", "/login", "/put"]) {
      yield [`POST ${target} ${type}`, `POST ${target} HTTP/1.1\r\nHost: ${host}\r\n${form}`];
    }
  }
}

/** Describes what is wrong with a response; `undefined` if it is acceptable. */
function fault({ status, headers, body }: RawResponse): string | undefined {
  // 501 and 505 are the responses of servers to unknown methods and versions.
  if (status >= 500 && status !== 501 && status !== 505) return `gets ${status}: ${body.slice(0, 200)}`;
  if (/nobody may read this|root:|\[fonts\]/.test(body)) return "reveals a file outside the storage";
  if (headers.has("set-cookie")) return "injects a header";
  return undefined;
}

/** Attacks a server, which must keep serving. */
async function attack(url: string): Promise<void> {
  const { host } = new URL(url);
  const faults: string[] = [];
  for (const [what, request] of attacks(host)) {
    const wrong = fault(await sendRaw(url, request));
    if (wrong !== undefined) faults.push(`${what.slice(0, 80)} ${wrong}`);
  }
  assertEquals(faults, []);
}

/** Uploads a file like a client other than a browser, and returns its name. */
async function upload(url: string, path: string, name: string, type: string): Promise<Response> {
  const body = new FormData();
  body.append("file", new File(["GIF89a, as pictures begin"], name, { type }));
  return await fetch(url + path, { method: "POST", body });
}

async function attackPrinted(server: PrintedServer): Promise<void> {
  await using running = await server.start();
  const { url } = running;
  const isServed = async (): Promise<void> => {
    if (server.upload === undefined) return;
    const { path, below } = server.upload;
    const name = `${crypto.randomUUID()}.gif`;
    const stored = await upload(url, path, name, "image/gif");
    assertEquals([stored.status, JSON.stringify(await stored.json()).includes(name)], [201, true]);
    const answer = await fetch(url + below + name);
    assertEquals([answer.status, await answer.text()], [200, "GIF89a, as pictures begin"]);
    const policy = answer.headers.get("content-security-policy") ?? "";
    assert(policy.startsWith("sandbox;"), "the policy blocks scripts");
    for (const folder of ["/etc/", "C:\\etc\\"]) { // only the last part of an absolute path counts
      const stored = await upload(url, path, `${folder}${crypto.randomUUID()}.gif`, "image/gif");
      assertEquals([stored.status, /etc|C:/.test(await stored.text())], [201, false]);
    }
    for (const hostile of ["../a.gif", "%2e%2e%2fa.gif", "..", "a\0.gif"]) {
      const refused = await upload(url, path, hostile, "image/gif");
      assertEquals([hostile, refused.status, (await refused.text()).includes("\0")], [hostile, 400, false]);
    }
  };
  await isServed();
  await attack(url);
  await isServed();
}

/** Creates a folder to serve, and a secret file beside it. */
async function withSecret(run: (folder: string) => Promise<void>): Promise<void> {
  const outside = await Deno.makeTempDir({ prefix: "storages-attacked-" });
  try {
    await Deno.writeTextFile(`${outside}/secret.txt`, SECRET);
    await Deno.mkdir(`${outside}/files`);
    await Deno.writeTextFile(`${outside}/files/a.txt`, "a file of the storage");
    await run(`${outside}/files`);
  } finally {
    await Deno.remove(outside, { recursive: true });
  }
}

Deno.test("the documented server responds to attacks over sockets with 4xx, in memory", async () => {
  await attackPrinted(formsPageServer({ name: "MemoryStorage", code: "new MemoryStorage()" }));
});

Deno.test("the documented server responds to attacks over sockets with 4xx, on a disk, and serves no file outside its folder", async () => {
  await withSecret(async (folder) => {
    await attackPrinted(formsPageServer({ name: "LocalStorage", code: `new LocalStorage(${JSON.stringify(folder)})` }));
  });
});

for (const server of EXAMPLE_SERVERS) {
  Deno.test(`the server of ${server.name} responds to attacks over sockets with 4xx`, async (context) => {
    try {
      await attackPrinted(server);
    } catch (error) {
      if (!(error instanceof RuntimeUnavailableError)) throw error;
      await context.step({ name: `skipped: ${error.message}`, ignore: true, fn: () => {} });
    }
  });
}

Deno.test("the in-memory S3 server responds to attacks over sockets with errors of S3", async () => {
  await using s3 = serve();
  await attack(`${s3.endpoint}/`);
});

Deno.test("the example of a Cloudflare Worker responds to attacks over sockets with 4xx", async (context) => {
  try {
    const workerd = await workerdPath();
    await using s3 = serve();
    const variables = {
      AWS_STORAGE_BUCKET_NAME: "media",
      AWS_S3_ENDPOINT_URL: s3.endpoint,
      AWS_ACCESS_KEY_ID: "testkey",
      AWS_SECRET_ACCESS_KEY: "testsecret",
      UPLOAD_TOKEN: "t",
    };
    const worker = await bundle("tests/clients/worker_example.ts", "tests/.build/worker_example.js");
    const header = `x-test-env: ${JSON.stringify(variables)}\r\n`;
    await withWorkerd(workerd, worker, async (url) => {
      const { host } = new URL(url);
      const faults: string[] = [];
      for (const [what, request] of attacks(host)) {
        if (what.startsWith("CONNECT")) continue; // workerd itself answers it with 500
        const wrong = fault(await sendRaw(url, request.replace("Connection:", `${header}Connection:`)));
        if (wrong !== undefined) faults.push(`${what.slice(0, 80)} ${wrong}`);
      }
      assertEquals(faults, []);
    });
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    await context.step({ name: `skipped: ${error.message}`, ignore: true, fn: () => {} });
  }
});
