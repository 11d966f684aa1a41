/** Forms over HTTP from curl and from clients that disconnect, on each runtime that serves a `fetch` handler. */
import { assert, assertEquals } from "@std/assert";
import { Attended } from "../browser/attended.ts";
import { measureUpload } from "../bench/upload_form_run.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, RuntimeUnavailableError, workerdPath } from "../runtimes/install.ts";
import { withWorkerd } from "../runtimes/workerd.ts";
import { startRgw } from "../servers/rgw.ts";
import { until } from "../unit/held_time.ts";
import { asBytes, BOUNDARY } from "../unit/upload/forms.ts";
import { answerForm } from "./form_service.ts";
import { patternBytes, serve, type ServedServer } from "./served_server.ts";

const LARGE = patternBytes(25_000_000);

/** The header with the address of the S3 server. */
function storageHeader({ endpoint }: ServedServer): string {
  const keys = { accessKey: "testkey", secretKey: "testsecret" };
  return `x-test-storage: ${JSON.stringify({ bucketName: "media", endpointUrl: endpoint, ...keys })}`;
}

async function sendByCurl(url: string, served: ServedServer, ...form: readonly string[]): Promise<[number, string]> {
  const { stdout, stderr } = await new Deno.Command("curl", {
    args: [
      ...[
        "--silent",
        "--show-error",
        "--max-time",
        "300",
        "--write-out",
        "\\n%{http_code}",
        "-H",
        storageHeader(served),
      ],
      ...form.flatMap((part) => ["--form", part]),
      url,
    ],
  }).output();
  const text = new TextDecoder().decode(stdout);
  const [, body, status] = /^(.*)\n(\d+)$/s.exec(text) ?? [];
  assert(status !== undefined && status !== "000", new TextDecoder().decode(stderr));
  return [Number(status), body!];
}

/** Sends the beginning of a form with a large file. */
async function beginForm(url: string, served: ServedServer, ...headers: readonly string[]): Promise<Deno.Conn> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const writer = connection.writable.getWriter();
  const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="f"; filename="gone.bin"\r\n\r\n`;
  await writer.write(asBytes(
    `POST / HTTP/1.1\r\nHost: ${hostname}:${port}\r\nContent-Type: multipart/form-data; boundary=${BOUNDARY}\r\n` +
      `Content-Length: ${head.length + LARGE.byteLength + 1000}\r\n` +
      `${[storageHeader(served), ...headers].join("\r\n")}\r\n\r\n${head}`,
  ));
  await writer.write(LARGE);
  writer.releaseLock();
  return connection;
}

/** Begins a form, and sends nothing more; returns the first line of the answer. */
async function stall(url: string, served: ServedServer): Promise<string> {
  const connection = await beginForm(url, served, "x-test-idle: 5");
  const { value } = await connection.readable.getReader().read();
  connection.close();
  return new TextDecoder().decode(value).split("\r\n")[0]!;
}

async function askAll(url: string): Promise<void> {
  await using served = serve();
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, LARGE);
    const stored = await sendByCurl(url, served, "title=ü", `file=@${path};filename=a "large" 日本.bin`);
    assertEquals([stored[0], JSON.parse(stored[1])], [200, {
      fields: [["title", "ü"]],
      files: [{
        fieldName: "file",
        name: "a_large_日本.bin",
        originalName: 'a "large" 日本.bin',
        size: LARGE.byteLength,
        contentType: "application/octet-stream",
      }],
    }]);
    assertEquals(served.server.objects("media").map(({ bytes }) => bytes.byteLength), [LARGE.byteLength]);

    await Deno.writeFile(path, new Uint8Array(30_000_001));
    const [status, body] = await sendByCurl(url, served, `file=@${path};filename=larger.bin`);
    assertEquals([status, JSON.parse(body).error.code], [413, "TooLarge"]);
    await Deno.truncate(path, 10_000_000); // a form that is refused at its first bytes must be answered, too
    assertEquals((await sendByCurl(url, served, `file=@${path};filename=../outside.bin`))[0], 400);

    assertEquals(await stall(url, served), "HTTP/1.1 408 Request Timeout");
    assertEquals(served.server.openUploads("media"), []);

    const gone = await beginForm(url, served);
    await until(() => served.server.openUploads("media").length === 1);
    gone.close();
    await until(() => served.server.openUploads("media").length === 0);
    assertEquals(served.server.objects("media").map(({ key }) => key), ["a_large_日本.bin"]);
  } finally {
    await Deno.remove(path);
  }
}

const hasCurl = await new Deno.Command("curl", { args: ["--version"], stdout: "null" }).output().then(
  ({ success }) => success,
  () => false,
);

/** Runs a test if curl and the runtime are available; otherwise skips it. */
async function testOn(
  path: () => Promise<string>,
  name: string,
  run: (binary: string) => Promise<void>,
): Promise<void> {
  try {
    const binary = await path();
    if (hasCurl) Deno.test(name, () => run(binary));
    else Deno.test.ignore(`${name}: curl is not installed`, () => {});
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    Deno.test.ignore(`${name}: ${error.message}`, () => {});
  }
}

await testOn(() => Promise.resolve("deno"), "forms over HTTP are stored whole or not at all on Deno", async () => {
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answerForm);
  await askAll(`http://127.0.0.1:${http.addr.port}/`);
  await http.shutdown();
});

await testOn(bunPath, "forms over HTTP are stored whole or not at all on Bun", async (bun) => {
  const script = await bundle("tests/clients/form_service_bun.ts", "tests/.build/form_service_bun.js");
  await using service = new Attended([bun, "run", script], /Listening on (http:\S+)/);
  await askAll(await service.address);
});

await testOn(nodePath, "forms over HTTP are stored whole or not at all on Node", async (node) => {
  const script = await bundle("tests/clients/form_service_node.ts", "tests/.build/form_service_node.js");
  await using service = new Attended([node, script], /Listening on (http:\S+)/);
  await askAll(await service.address);
});

await testOn(workerdPath, "forms over HTTP are stored whole or not at all on workerd", async (workerd) => {
  const worker = await bundle("tests/clients/form_service.ts", "tests/.build/form_service.js");
  await withWorkerd(workerd, worker, askAll);
});

const rgw = await startRgw();
if ("skipped" in rgw) Deno.test.ignore(`a large form goes to RGW in little memory: ${rgw.skipped}`, () => {});
else {
  Deno.test("a form with a file of 256 MiB is stored in RGW with less than 200 MiB of memory", async () => {
    try {
      const { peakBytes } = await measureUpload(rgw, 256 * 1024 ** 2);
      assert(peakBytes < 200 * 1024 ** 2, `${peakBytes} bytes`);
    } finally {
      await rgw.stop();
    }
  });
}
