/** Forms and files behind Debian's nginx, with curl, on Deno, Bun and Node. */
import { assertEquals } from "@std/assert";
import { Attended } from "../browser/attended.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, RuntimeUnavailableError } from "../runtimes/install.ts";
import { freePorts } from "../servers/free_ports.ts";
import { isNginxInstalled, NGINX_INSTALL_HINT, type NginxServer, PROXIES, startNginx } from "../servers/nginx.ts";
import { answerProxied, contentOf, PACKED, SIZES } from "./proxied_service.ts";

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Sends a request with curl, over HTTP/2 where the proxy has it. */
async function curl(nginx: NginxServer, ...args: readonly string[]): Promise<Answer> {
  const output = await Deno.makeTempFile();
  try {
    const { success, stdout, stderr } = await new Deno.Command("curl", {
      args: ["-sS", "--max-time", "60", "--cacert", nginx.caPath, "-D", "-", "-o", output, ...args],
    }).output();
    const text = new TextDecoder().decode(stdout);
    if (!success && text === "") throw new Error(new TextDecoder().decode(stderr));
    const [start, ...lines] = text.trimEnd().split("\r\n\r\n").at(-1)!.split("\r\n");
    return {
      status: Number(start!.split(" ")[1]),
      headers: new Headers(lines.map((line): [string, string] => [line.split(":")[0]!, line.replace(/^[^:]*:/, "")])),
      body: args.includes("--head") ? new Uint8Array(0) : await Deno.readFile(output), // curl writes the headers to it
    };
  } finally {
    await Deno.remove(output);
  }
}

/**
 * A form that is refused: its status and code, the options of the service, the file's name, and arguments of curl. Without a
 * name the file is the body, since curl adds a boundary to forms.
 */
type Refusal = readonly [outcome: string, options: object, fileName: string | undefined, ...args: string[]];

/** Refused by the headers first, then by what is in the form. */
const REFUSALS: Readonly<Record<string, Refusal>> = {
  "an announced length": ["413 TooLarge", { maxTotalBytes: 1_000_000 }, "a.bin"],
  "another type": ["415 UnsupportedType", {}, "a.bin", "-H", "Content-Type: text/plain"],
  "no boundary": ["400 Malformed", {}, undefined, "-H", "Content-Type: multipart/form-data"],
  "another site": ["403 CrossOrigin", {}, "a.bin", "-H", "Origin: https://evil.example"],
  "a name": ["400 SuspiciousName", {}, "../a.bin"],
  "a type": ["415 UnsupportedType", { accept: ["image/*"] }, "a.bin"],
  "a size": ["413 TooLarge", { maxFileBytes: 100_000 }, "a.bin"],
  "an existing file": ["409 AlreadyExists", { onExisting: "refuse" }, "taken.bin"],
};

/** Sends each refused form through each proxy, and returns what did not arrive as it was answered. */
async function refuseAll(nginx: NginxServer, direct: string): Promise<string[]> {
  const { buffered, unbuffered, buffered2, unbuffered2 } = nginx.urls;
  const wrong: string[] = [];
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, new Uint8Array(5_000_000));
    for (const url of [direct, buffered, unbuffered, buffered2, unbuffered2]) {
      for (const [name, [expected, options, fileName, ...args]] of Object.entries(REFUSALS)) {
        const query = encodeURIComponent(JSON.stringify(options));
        const body = fileName === undefined
          ? ["--data-binary", `@${path}`]
          : ["-F", `file=@${path};filename=${fileName}`];
        const answer = await curl(nginx, "-H", "Expect:", ...args, ...body, `${url}/?options=${query}`);
        const text = new TextDecoder().decode(answer.body);
        const got = `${answer.status} ${/"code":"(\w+)"/.exec(text)?.[1] ?? text}`;
        if (got !== expected) wrong.push(`${name} at ${url}: ${got}`);
      }
    }
    await Deno.truncate(path, 17_000_000); // more than client_max_body_size
    const large = await curl(nginx, "-F", `file=@${path};filename=a.bin`, `${buffered}/`);
    assertEquals([large.status, large.headers.get("server")?.trim().slice(0, 5)], [413, "nginx"]);
    await Deno.truncate(path, 5_000_000);
    const stored = await curl(nginx, "-F", `file=@${path};filename=a.bin`, `${unbuffered2}/`);
    assertEquals(JSON.parse(new TextDecoder().decode(stored.body)), [{ name: "a.bin", size: 5_000_000 }]);
  } finally {
    await Deno.remove(path);
  }
  return wrong;
}

/** Ranges of a file, with the first and last byte of their parts. */
function rangesOf(size: number): readonly (readonly [range: string, start: number, end: number])[] {
  const middle = Math.floor(size / 2);
  return [
    ["0-9", 0, 9],
    [`${middle}-${middle + 99}`, middle, middle + 99],
    [`${middle}-`, middle, size - 1],
    ["-5", size - 5, size - 1],
    [`0-${size + 5}`, 0, size - 1],
  ];
}

/**
 * Requests ranges of the files through each proxy, several times, since the first answer of a cache is the service's.
 *
 * @param hasLengths Whether the service sends the length of all files; without it nginx's cache has whole files only.
 */
async function rangeAll(nginx: NginxServer, hasLengths: boolean): Promise<void> {
  for (const proxy of PROXIES) {
    const isCache = proxy === "cached" || proxy === "sliced";
    for (const [name, size] of Object.entries(SIZES)) {
      if (!isCache && name !== "large.bin") continue;
      const url = `${nginx.urls[proxy]}/${name}`;
      const content = contentOf(size);
      for (let round = 0; round < (isCache ? 2 : 1); round++) {
        const whole = await curl(nginx, url);
        assertEquals([whole.status, whole.body.byteLength], [200, size], url);
        assertEquals(whole.body, content, url);
      }
      if (size === 0) continue;
      for (const [range, start, end] of rangesOf(size)) {
        const { status, headers, body } = await curl(nginx, "-r", range, url);
        const what = `${range} of ${name}, ${proxy}: ${headers.get("x-cache")}`;
        if (proxy === "cached" && !hasLengths && size > 1024 ** 2) {
          assertEquals([status, body], [200, content], what);
          continue;
        }
        assertEquals([status, headers.get("content-range")], [206, `bytes ${start}-${end}/${size}`], what);
        assertEquals(body, content.slice(start, end + 1), what);
      }
      const beyond = await curl(nginx, "-r", `${size}-`, url);
      if (proxy !== "cached" || hasLengths || size <= 1024 ** 2) assertEquals(beyond.status, 416, url);
    }
    const packed = `${nginx.urls[proxy]}/packed.txt`;
    assertEquals(new TextDecoder().decode((await curl(nginx, packed)).body), PACKED, proxy);
    const head = await curl(nginx, "--head", packed);
    assertEquals([head.status, head.headers.get("content-length")], [200, null], proxy);
  }
}

async function askAll(service: string, hasLengths: boolean): Promise<void> {
  const direct = service.replace(/\/$/, "");
  await using nginx = await startNginx(direct, ports);
  assertEquals(await refuseAll(nginx, direct), []);
  await rangeAll(nginx, hasLengths);
}

const isInstalled = await isNginxInstalled();
const ports = isInstalled ? freePorts(PROXIES.length) : [];

/** Runs a test if nginx and the runtime are available; otherwise skips it. */
async function testOn(
  runtime: string,
  path: () => Promise<string>,
  run: (binary: string) => Promise<void>,
): Promise<void> {
  const name = `40 of 40 refused forms are answered through nginx on ${runtime}, and ranges come from its cache`;
  try {
    const binary = await path();
    if (isInstalled) Deno.test(name, () => run(binary));
    else Deno.test.ignore(`${name}: ${NGINX_INSTALL_HINT}`, () => {});
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    Deno.test.ignore(`${name}: ${error.message}`, () => {});
  }
}

await testOn("Deno", () => Promise.resolve("deno"), async () => {
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answerProxied);
  await askAll(`http://127.0.0.1:${http.addr.port}/`, true);
  await http.shutdown();
});

await testOn("Bun", bunPath, async (bun) => {
  const script = await bundle("tests/clients/proxied_service_bun.ts", "tests/.build/proxied_service_bun.js");
  await using service = new Attended([bun, "run", script], /Listening on (http:\S+)/);
  await askAll(await service.address, false);
});

await testOn("Node", nodePath, async (node) => {
  const script = await bundle("tests/clients/proxied_service_node.ts", "tests/.build/proxied_service_node.js");
  await using service = new Attended([node, script], /Listening on (http:\S+)/);
  await askAll(await service.address, true);
});
