/** Processes that read, write, abort and fail in all ways on Deno, Bun and Node must leave nothing behind. */
import { assert, assertEquals } from "@std/assert";
import { createS3Server, type S3Server } from "../../src/testing/mod.ts";
import { ROOT, withImportMap } from "../offline/import_map.ts";
import { bundle } from "../runtimes/bundle.ts";
import { lifetime } from "../runtimes/ending.ts";
import { bunPath, nodePath, whyMissing } from "../runtimes/install.ts";
import { RESULTS_MARKER } from "../runtimes/results_marker.ts";
import { delayingProxy } from "../servers/delaying_proxy.ts";
import { CREDENTIALS } from "./served_server.ts";
import { s3On } from "../unit/storage/storages.ts";
import type { LeakResult, LeakWish } from "./leak_probe.ts";
import { testsOf } from "./tests_of.ts";

const PROBE = "tests/clients/leak_probe.ts";
const MEBIBYTE = 1024 ** 2;

let bundled: Promise<string> | undefined;
const probe = (): Promise<string> => bundled ??= bundle(PROBE, "tests/.build/leak_probe.js");

const RUNTIMES: Readonly<Record<string, () => Promise<string[]>>> = {
  deno: async () => [Deno.execPath(), ...await withImportMap(["run", "-A", "--v8-flags=--expose-gc", PROBE])],
  bun: async () => [await bunPath(), "run", await probe()],
  node: async () => [await nodePath(), "--expose-gc", await probe()],
};

interface Ended {
  readonly end: string | number;
  readonly output: string;
  readonly results: LeakResult[];
  /** Entries in its folder for temporary files. */
  readonly files: string[];
  readonly openUploads: string[];
  /** The stored objects with content. */
  readonly objects: Record<string, number>;
}

const SERVER: Parameters<typeof createS3Server>[0] = { buckets: ["media"], credentials: [CREDENTIALS] };

/** An S3 server on loopback that does not answer or throttles requests, by the prefix of their keys. */
async function startServer(): Promise<{ port: number; server: S3Server; close(): Promise<void> }> {
  const server = createS3Server(SERVER);
  const storage = s3On(server);
  await storage.save("large.bin", new Uint8Array(16 * MEBIBYTE));
  await storage.save("lines.txt", "a line\n".repeat(100_000));
  const closing = Promise.withResolvers<void>();
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const kind = /^\/media\/(silence|busy|stall\.)/.exec(new URL(request.url).pathname)?.[1];
    // Only the parts of an upload are not answered, so that it can be created and aborted.
    const isUpload = request.method === "POST" || request.method === "DELETE";
    if (kind === undefined || kind === "silence" && isUpload) return await server.fetch(request);
    if (kind === "busy") return new Response(null, { status: 503, headers: { "retry-after": "20" } });
    if (kind === "stall.") {
      const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(MEBIBYTE)) });
      return new Response(body, { headers: { etag: '"a"', "content-length": `${2 * MEBIBYTE}` } });
    }
    await request.arrayBuffer(); // needed to notice that the client has closed
    await closing.promise;
    return new Response(null, { status: 500 });
  });
  const close = async (): Promise<void> => {
    closing.resolve();
    await http.shutdown();
  };
  return { port: http.addr.port, server, close };
}

async function run(command: string[], ending: LeakWish["ending"], signal?: Deno.Signal): Promise<Ended> {
  const { port, server, close } = await startServer();
  const line = delayingProxy(`http://127.0.0.1:${port}`, 0);
  const folder = await Deno.makeTempDir({ prefix: "storages-test-" });
  try {
    const wish: LeakWish = { endpointUrl: line.endpoint, ending };
    const [path, ...args] = [...command, JSON.stringify(wish)];
    const child = new Deno.Command(path!, {
      args,
      cwd: ROOT,
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      env: { NO_COLOR: "1", TMPDIR: folder },
      signal: lifetime(), // a leak keeps it alive
    }).spawn();
    const errors = new Response(child.stderr).text();
    let output = "";
    for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
      output += text;
      if (signal !== undefined && output.includes(RESULTS_MARKER)) child.kill(signal);
    }
    const status = await child.status;
    while (line.connections > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    const results = output.split("\n").find((text) => text.startsWith(RESULTS_MARKER));
    return {
      end: status.signal ?? status.code,
      output: output + await errors,
      results: JSON.parse(results?.slice(RESULTS_MARKER.length) ?? "[]"),
      files: (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name),
      openUploads: server.openUploads("media").map(({ key }) => key),
      objects: Object.fromEntries(server.objects("media").map(({ key, size }) => [key, size])),
    };
  } finally {
    await line.close();
    await close();
    await Deno.remove(folder, { recursive: true });
  }
}

const STORED = { "large.bin": 16 * MEBIBYTE, "lines.txt": 700_000 };
const ALL_STORED = { ...STORED, "written.bin": 12 * MEBIBYTE };

/** Ways to end during operations, with the exit code or signal. */
const MIDST: readonly (readonly [LeakWish["ending"], Deno.Signal | undefined, string | number])[] = [
  ["exit", undefined, 7],
  ["throw", undefined, 1],
  ["wait", "SIGTERM", "SIGTERM"],
  ["wait", "SIGINT", "SIGINT"],
];

for (const [name, command] of Object.entries(RUNTIMES)) {
  const reason = await whyMissing(command);
  const test = testsOf(name, reason);

  test("a process that closes or aborts everything ends itself, and leaves no file, timer or upload", async () => {
    const { end, output, results, files, openUploads, objects } = await run(await command(), "orderly");
    for (const { name, openFiles, timers, error } of results) {
      assertEquals([error, openFiles ?? 0, timers ?? 0], [undefined, 0, 0], name);
    }
    assertEquals([end, files, openUploads], [0, [], []], output);
    assertEquals(objects, ALL_STORED);
    assert(results.length > 10, output);
  });

  test("a process with open readers and writers ends itself, and leaves no file", async () => {
    const { end, output, files, objects } = await run(await command(), "abandon");
    assertEquals([end, files], [0, []], output);
    assertEquals(objects, STORED);
  });

  test("unreferenced readers and writers close their files", async () => {
    const { end, output, files } = await run(await command(), "collect");
    assertEquals([end, files], [0, []], output);
  });

  for (const [ending, signal, end] of MIDST) {
    test(`a process that ends during operations by ${signal ?? ending} leaves no file, connection or partial object`, async () => {
      const ended = await run(await command(), ending, signal);
      assertEquals([ended.end, ended.files], [end, []], ended.output);
      assertEquals(ended.objects, STORED);
    });
  }
}
