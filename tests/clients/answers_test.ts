/** What portals, proxies and odd services answer, over real connections, on Deno, Bun and Node. */
import { assert, assertEquals } from "@std/assert";
import { gzipSync } from "node:zlib";
import { createS3Server } from "../../src/testing/mod.ts";
import { bundle } from "../runtimes/bundle.ts";
import { bunPath, nodePath, RuntimeUnavailableError } from "../runtimes/install.ts";
import { runOnBun, runOnDeno, runOnNode } from "../runtimes/run_suite.ts";
import { errorAnswer } from "../unit/transport.ts";
import type { AnswerResult } from "./answers_probe.ts";

const PROBE = "tests/clients/answers_probe.ts";
const TEXT = "storage contents, ".repeat(200);
const PAGE = "<html><body>Log in</body></html>";

interface Runtime {
  path(): Promise<string>;
  run(endpoint: string): Promise<AnswerResult[]>;
}

const RUNTIMES: Readonly<Record<string, Runtime>> = {
  deno: { path: () => Promise.resolve(Deno.execPath()), run: (endpoint) => runOnDeno(PROBE, endpoint) },
  bun: {
    path: bunPath,
    run: async (endpoint) => await runOnBun(await bundle(PROBE, "tests/.build/answers_probe.js"), endpoint),
  },
  node: {
    path: nodePath,
    run: async (endpoint) => await runOnNode(await bundle(PROBE, "tests/.build/answers_probe.js"), endpoint),
  },
};

/** A request, and how the in-memory server answers it. */
interface Exchange {
  readonly request: Request;
  readonly query: URLSearchParams;
  /** Whether a request of this kind came before. */
  readonly isRepeated: boolean;
  readonly answer: (request?: Request) => Promise<Response>;
}

type Answer = (exchange: Exchange) => Response | Promise<Response>;

const page = (status: number): Response => new Response(PAGE, { status, headers: { "content-type": "text/html" } });
const FOREIGN: Readonly<Record<string, () => Response>> = {
  page: () => page(200),
  empty: () => new Response(),
  redirect: () => new Response(null, { status: 302, headers: { location: "/login" } }),
  missing: () => page(404),
};

const isDeletion = ({ request, query }: Exchange): boolean => request.method === "POST" && query.has("delete");

/** Refuses to delete many objects in one request. */
const refusing = (status: number, code: string): Answer => (exchange) =>
  isDeletion(exchange) ? errorAnswer(status, code) : exchange.answer();

/** An object that is kept as gzip. */
const keptAs = (headers: Record<string, string>, body: string | Uint8Array<ArrayBuffer>): Answer => ({ request }) =>
  new Response(request.method === "HEAD" ? null : body, {
    headers: { etag: '"e"', "last-modified": new Date(0).toUTCString(), "content-type": "text/plain", ...headers },
  });

const STORED = new Uint8Array(gzipSync(TEXT));
const SIZE = String(STORED.byteLength);
const GOOGLE = {
  "x-goog-stored-content-encoding": "gzip",
  "x-goog-stored-content-length": SIZE,
};

async function flipped(message: Request | Response): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await message.arrayBuffer());
  if (bytes.byteLength > 0) bytes[bytes.byteLength >> 1]! ^= 1;
  return bytes;
}

/** Compresses the bytes of every response with an object. */
async function compressed(answer: () => Promise<Response>): Promise<Response> {
  const response = await answer();
  if (!response.ok || response.body === null) return response;
  const body = new Uint8Array(gzipSync(new Uint8Array(await response.arrayBuffer())));
  const headers = new Headers(response.headers);
  headers.set("content-encoding", "gzip");
  headers.set("content-length", String(body.byteLength));
  return new Response(body, { status: response.status, headers });
}

const ANSWERS: Readonly<Record<string, Answer>> = {
  ...Object.fromEntries(
    Object.entries(FOREIGN).flatMap(([name, make]): [string, Answer][] => [
      [name, make],
      [`${name}-once`, ({ isRepeated, answer }) => isRepeated ? answer() : make()],
    ]),
  ),
  "gzip-chunked": keptAs({ "content-encoding": "gzip,aws-chunked", "content-length": SIZE }, STORED),
  "chunked-gzip": keptAs({ "content-encoding": "AWS-Chunked, gzip", "content-length": SIZE }, STORED),
  "google-decoded": keptAs(GOOGLE, TEXT),
  "google-encoded": keptAs({ ...GOOGLE, "content-encoding": "gzip" }, STORED),
  "gzip-always": async ({ request, answer }) => await (request.method === "GET" ? compressed(answer) : answer()),
  "gzip-if-accepted": async ({ request, answer }) => {
    const isCompressed = request.method === "GET" && request.headers.get("accept-encoding") !== "identity";
    return await (isCompressed ? compressed(answer) : answer());
  },
  "no-delete-501": refusing(501, "NotImplemented"),
  "no-delete-405": refusing(405, "MethodNotAllowed"),
  "no-delete-400": refusing(400, "InvalidArgument"),
  "delete-later": async (exchange) => {
    if (!isDeletion(exchange) || exchange.isRepeated) return await exchange.answer();
    const errors = ["a", "b", "c"].map((key) => `<Error><Key>${key}</Key><Code>InternalError</Code></Error>`);
    return new Response(`<DeleteResult>${errors.join("")}</DeleteResult>`, {
      headers: { "content-type": "application/xml" },
    });
  },
  "conflict-once": ({ request, query, isRepeated, answer }) =>
    request.method === "POST" && query.has("uploadId") && !isRepeated
      ? errorAnswer(409, "ConditionalRequestConflict")
      : answer(),
  "no-ranges": async ({ request, answer }) => {
    if (request.method !== "GET" || !request.headers.has("range")) return await answer();
    return new Response("storage contents", { headers: { etag: '"e"' } });
  },
  "flip-up": async ({ request, answer }) => {
    if (request.method !== "PUT") return await answer();
    return await answer(new Request(request, { body: await flipped(request) }));
  },
  "flip-down": async ({ request, answer }) => {
    const response = await answer();
    return request.method === "GET" ? new Response(await flipped(response), response) : response;
  },
};

/** Serves every case in a bucket of its own. */
function serveAnswers(): Deno.HttpServer<Deno.NetAddr> {
  const server = createS3Server({ buckets: Object.keys(ANSWERS) });
  const seen = new Set<string>();
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    // The version of an upload is not part of its kind.
    const kind = `${request.method} ${pathname} ${[...searchParams.keys()]}`;
    const isRepeated = seen.has(kind);
    seen.add(kind);
    const answer = (changed = request): Promise<Response> => server.fetch(changed);
    const bucket = pathname.split("/")[1]!;
    return await ANSWERS[bucket]!({ request, query: searchParams, isRepeated, answer });
  });
}

for (const [name, runtime] of Object.entries(RUNTIMES)) {
  let skipped: string | undefined;
  try {
    await runtime.path();
  } catch (error) {
    if (!(error instanceof RuntimeUnavailableError)) throw error;
    skipped = error.message;
  }
  Deno.test({
    name: `${name}: responses of portals, proxies and odd services${skipped ? ` (skipped: ${skipped})` : ""}`,
    ignore: skipped !== undefined,
    fn: async () => {
      await using server = serveAnswers();
      const results = await runtime.run(`http://127.0.0.1:${server.addr.port}`);
      assert(results.length > 0);
      assertEquals(results.filter(({ error }) => error !== undefined), []);
    },
  });
}
