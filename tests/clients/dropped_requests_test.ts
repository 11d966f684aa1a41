/**
 * Requests of a Worker that share a storage, of which one is cancelled by its client: workerd then drops all that it has
 * begun, and its promises never settle.
 */
import { assertEquals } from "@std/assert";
import { connect, type Socket } from "node:net";
import { bundleInModules } from "../runtimes/bundle.ts";
import { RuntimeUnavailableError, workerdPath } from "../runtimes/install.ts";
import { withWorkerd, type WorkerdOptions } from "../runtimes/workerd.ts";
import { S3Storage } from "../../mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";
import { CREDENTIALS } from "./dropped_requests.ts";
import { disconnectDuring, pause, until } from "./disconnected.ts";

/** The limit for an answer; a request that waits for a dropped one hangs. */
const LIMIT_MILLISECONDS = 60_000;

const MANIFEST = JSON.stringify({ version: "1.1", hash: "", paths: { "a.css": "a.0123456789ab.css" } });

/** The oldest date that is supported, and a new one with Node's modules. */
const DATES: readonly WorkerdOptions[] = [
  { compatibilityDate: "2024-01-01" },
  { compatibilityDate: "2026-11-01", compatibilityFlags: ["nodejs_compat"] },
];

/** Whether a request is of a kind. */
type Kind = (request: Request) => boolean;

/** A service that can hold requests. */
interface HeldService extends AsyncDisposable {
  readonly endpoint: string;
  /** The number of open multipart uploads. */
  readonly uploads: number;
  /** The names of all files. */
  names(): Promise<string[]>;
  /** Requests without an answer. */
  held: number;
  /** Holds the next request of each kind, which is never answered. */
  hold(kinds: readonly Kind[]): void;
}

async function serveHeld(): Promise<HeldService> {
  const server = createS3Server({ buckets: ["media"], credentials: [CREDENTIALS] });
  const files = new S3Storage({
    bucketName: "media",
    endpointUrl: "http://127.0.0.1",
    accessKey: CREDENTIALS.accessKeyId,
    secretKey: CREDENTIALS.secretAccessKey,
    fetch: server.fetch,
  });
  await files.save("a.txt", "hello");
  await files.save("staticfiles.json", MANIFEST);
  const end = Promise.withResolvers<void>();
  let kinds: Kind[] = [];
  const http = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const kind = kinds.find((kind) => kind(request));
    if (kind !== undefined) {
      kinds = kinds.filter((each) => each !== kind);
      service.held++;
      await end.promise;
      return new Response(null, { status: 500 });
    }
    return new URL(request.url).pathname === "/credentials" ? Response.json(CREDENTIALS) : await server.fetch(request);
  });
  const service: HeldService = {
    endpoint: `http://127.0.0.1:${http.addr.port}`,
    held: 0,
    get uploads(): number {
      return server.openUploads("media").length;
    },
    names: async () => (await Array.fromAsync(files.list())).map(({ name }) => name),
    hold: (wanted) => kinds = [...wanted],
    async [Symbol.asyncDispose](): Promise<void> {
      end.resolve();
      await http.shutdown();
    },
  };
  return service;
}

/** Sends a request without waiting for its answer. */
function begin(url: string, endpoint: string): Socket {
  const { port, host, pathname } = new URL(url);
  const socket = connect(Number(port), "127.0.0.1");
  socket.on("error", () => {});
  socket.write(`GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\nendpoint: ${endpoint}\r\n\r\n`);
  return socket;
}

async function answerOf(url: string, endpoint: string): Promise<unknown> {
  const response = await fetch(url, { headers: { endpoint }, signal: AbortSignal.timeout(LIMIT_MILLISECONDS) });
  const text = await response.text();
  return response.status === 200 ? JSON.parse(text) : text;
}

interface Case {
  readonly what: string;
  /** A task of the Worker. */
  readonly task: string;
  /** Tasks before. */
  readonly before?: readonly string[];
  /** The requests to the service that are never answered. */
  readonly held: readonly Kind[];
  readonly expected: unknown | ((endpoint: string) => unknown);
}

const asks = (path: string, method = "GET"): Kind => (request) =>
  request.method === method && new URL(request.url).pathname.startsWith(path);

const GETS_CREDENTIALS = asks("/credentials");
const READS = asks("/media/a.txt");

const CASES: readonly Case[] = [
  {
    what: "reads the manifest",
    task: "manifest",
    held: [asks("/media/staticfiles.json")],
    expected: (endpoint: string) => `${endpoint}/media/a.0123456789ab.css`,
  },
  { what: "gets credentials", task: "lasting", held: [GETS_CREDENTIALS], expected: "hello" },
  { what: "gets credentials that expire", task: "expiring", held: [GETS_CREDENTIALS], expected: "hello" },
  {
    what: "renews credentials in the background",
    task: "expiring",
    before: ["expiring", "early"],
    held: [GETS_CREDENTIALS, READS],
    expected: "hello",
  },
  {
    what: "waits for newer credentials",
    task: "expiring",
    before: ["expiring", "late"],
    held: [GETS_CREDENTIALS],
    expected: "hello",
  },
  {
    what: "renews expired credentials",
    task: "expiring",
    before: ["expiring", "expired"],
    held: [GETS_CREDENTIALS],
    expected: "hello",
  },
  { what: "saves the first file", task: "save", held: [asks("/media/saved.txt", "PUT")], expected: "saved.txt" },
  { what: "saves a file in parts", task: "large", held: [asks("/media/large.bin", "PUT")], expected: "large.bin" },
  { what: "saves a stream under a condition", task: "stream", held: [asks("/media/stream", "PUT")], expected: true },
  { what: "reads a file", task: "read", held: [READS], expected: "hello" },
  { what: "opens the file of a record", task: "record", held: [READS], expected: true },
  { what: "lists files", task: "list", held: [asks("/media")], expected: 2 },
];

async function answersAfterDrop(
  workerd: string,
  modules: readonly string[],
  options: WorkerdOptions,
  { task, before = [], held, expected }: Case,
): Promise<void> {
  await using service = await serveHeld();
  const { endpoint } = service;
  await withWorkerd(workerd, modules, async (origin) => {
    for (const each of before) await answerOf(`${origin}${each}`, endpoint);
    service.hold(held);
    const url = `${origin}${task}`;
    const first = begin(url, endpoint);
    await until(() => service.held === held.length);
    const together = [answerOf(url, endpoint), answerOf(url, endpoint)];
    let looks = 0; // which arrive too
    while (Number(await answerOf(`${origin}arrived`, endpoint)) - ++looks < before.length + 3) await pause();
    first.resetAndDestroy();
    const answers = [...await Promise.all(together), await answerOf(url, endpoint)];
    const wanted = typeof expected === "function" ? expected(endpoint) : expected;
    assertEquals(answers, [wanted, wanted, wanted]);
    assertEquals(await answerOf(`${origin}bodies`, endpoint), 0);
  }, options);
}

async function abortsHeld(
  workerd: string,
  modules: readonly string[],
  options: WorkerdOptions,
  task: string,
): Promise<void> {
  await using service = await serveHeld();
  await withWorkerd(workerd, modules, async (origin) => {
    const headers = { endpoint: service.endpoint, held: "yes" };
    await disconnectDuring(`${origin}${task}`, headers, () => service.uploads > 0);
    await until(() => service.uploads === 0);
    assertEquals(await service.names(), ["a.txt", "staticfiles.json"]);
  }, options);
}

let workerd: string | undefined;
let why = "";
try {
  workerd = await workerdPath();
} catch (error) {
  if (!(error instanceof RuntimeUnavailableError)) throw error;
  why = error.message;
}
let modules: Promise<string[]> | undefined;
const bundled = (): Promise<string[]> =>
  modules ??= bundleInModules("tests/clients/dropped_requests_worker.ts", "tests/.build/dropped_requests");

for (const options of DATES) {
  for (const each of CASES) {
    Deno.test({
      name:
        `requests are answered after one that ${each.what} was cancelled, on Workers of ${options.compatibilityDate}${why}`,
      ignore: workerd === undefined,
      fn: async () => await answersAfterDrop(workerd!, await bundled(), options, each),
    });
  }
  for (const task of ["save-body", "write-body", "form", "storage-body"]) {
    Deno.test({
      name:
        `waitUntil aborts the upload of a client that disconnects: ${task}, on Workers of ${options.compatibilityDate}${why}`,
      ignore: workerd === undefined,
      fn: async () => await abortsHeld(workerd!, await bundled(), options, task),
    });
  }
}
