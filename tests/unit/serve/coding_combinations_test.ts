/** Accept-Encoding × range × storage × precompression: every client can read what it gets. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from "node:zlib";
import { IntegrityError } from "../../../src/errors.ts";
import { serve } from "../../../src/serve/mod.ts";
import { collect, type Precompress } from "../../../src/static/mod.ts";
import { LocalStorage, MemoryStorage, type Storage } from "../../../src/storage/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { source } from "../static/stage.ts";
import { s3On } from "../storage/storages.ts";

const TEXT = "body { color: rebeccapurple }\n".repeat(40);

/** The Accept-Encoding of a client, and the codings that it can read. */
const CLIENTS: [header: string | undefined, codings: string[]][] = [
  [undefined, []],
  ["", []],
  ["identity", []],
  ["gzip", ["gzip"]],
  ["br", ["br"]],
  ["gzip, deflate, br, zstd", ["gzip", "br"]],
  ["gzip;q=0, br;q=0.5", ["br"]],
  ["br;q=0, *", ["gzip"]],
];

const RANGES = [undefined, "bytes=0-9", "bytes=20-", "bytes=-7", "bytes=999999-"];

const PRECOMPRESSIONS: Record<string, Precompress | undefined> = {
  none: undefined,
  gzip: { encodings: ["gzip"], as: "encoding" },
  br: { encodings: ["br", "gzip"], as: "encoding" },
  siblings: { encodings: ["br", "gzip"], as: "siblings" },
};

const DECODERS: Record<string, (bytes: Uint8Array) => Uint8Array> = {
  gzip: (bytes) => gunzipSync(bytes),
  br: (bytes) => brotliDecompressSync(bytes),
};

async function withStorages(act: (kind: string, storage: Storage) => Promise<void>): Promise<void> {
  await act("memory", new MemoryStorage());
  await act("S3", s3On(createS3Server({ buckets: ["media"] })));
  const folder = await Deno.makeTempDir();
  try {
    await act("folder", new LocalStorage(folder));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("serve() sends each client a coding that it can read, in all 480 combinations", async () => {
  let count = 0;
  await withStorages(async (kind, storage) => {
    for (const [how, precompress] of Object.entries(PRECOMPRESSIONS)) {
      await collect(storage, { from: source({ "a.css": TEXT }), precompress, clear: true });
      const stored = await (await storage.open("a.css", "rb", { decompress: false })).bytes();
      const coding = how === "gzip" || how === "br" ? how : undefined;
      assertEquals(stored.byteLength < TEXT.length, coding !== undefined);
      for (const [accepted, codings] of CLIENTS) {
        for (const range of RANGES) {
          count++;
          const what = `${kind}, ${how}, accept-encoding ${accepted}, ${range}`;
          const headers = new Headers(accepted === undefined ? {} : { "accept-encoding": accepted });
          if (range !== undefined) headers.set("range", range);
          const response = await serve(storage, new Request("http://localhost/", { headers }), { name: "a.css" });
          const body = await response.bytes();
          const sent = response.headers.get("content-encoding") ?? undefined;
          assertEquals(
            response.headers.get("vary"),
            coding && response.status !== 416 ? "Accept-Encoding" : null,
            what,
          );
          assert(sent === undefined || codings.includes(sent), `${what}: ${sent}`);
          const isDecoded = coding !== undefined && sent === undefined && response.status !== 416;
          if (isDecoded || range === undefined) {
            assertEquals(response.status, 200, what);
            const text = sent === undefined ? body : DECODERS[sent]!(body);
            assertEquals(new TextDecoder().decode(text), TEXT, what);
            assertEquals(/^W\//.test(response.headers.get("etag")!), isDecoded, what);
            continue;
          }
          assertEquals(response.status, range === "bytes=999999-" ? 416 : 206, what);
          if (response.status === 416) continue;
          const [, first = "", last = ""] = /=(\d*)-(\d*)/.exec(range)!;
          const part = first === ""
            ? stored.slice(-Number(last))
            : stored.slice(+first, last === "" ? undefined : +last + 1);
          assertEquals(body, part, what);
        }
      }
    }
  });
  assertEquals(count, 480);
});

Deno.test("open() and download() decompress Brotli from every storage, also after a seek", async () => {
  await withStorages(async (kind, storage) => {
    for (const precompress of [PRECOMPRESSIONS.br, PRECOMPRESSIONS.gzip]) {
      await collect(storage, { from: source({ "a.css": TEXT }), precompress, clear: true });
      assertEquals(await storage.readText("a.css", { decompress: true }), TEXT, kind);
      const file = await storage.open("a.css", "rb", { decompress: true });
      await file.read(100);
      file.seek(10);
      assertEquals(new TextDecoder().decode(await file.read(5)), TEXT.slice(10, 15));
      assertEquals(file.decompressed, true);
      await file.close();
      const coding = precompress!.encodings[0]!;
      assertEquals(await storage.readText("a.css", { decompress: coding }), TEXT);
    }
    await storage.save("no.css", "plain text, whatever its label says ".repeat(9), { contentEncoding: "br" });
    await assertRejects(() => storage.readText("no.css", { decompress: "br" }), IntegrityError, "'no.css': its Brotli");
  });
});

Deno.test("open() sends no further request for text, pictures and fonts that are not compressed", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server);
  const files: [string, string | Uint8Array][] = [
    ["a.css", TEXT],
    ["a.html", "<p>é日本語"],
    ["a.png", new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0xff])],
    ["a.bin", new Uint8Array([1, 2, 3, 200])],
  ];
  for (const [name, content] of files) {
    await storage.save(name, content);
    const before = server.requests.length;
    await (await storage.open(name, "rb", { decompress: true })).bytes();
    assertEquals(server.requests.slice(before).map(({ operation }) => operation), ["GetObject"], name);
  }
});

Deno.test("decompressing Brotli passes on the errors of the storage", async () => {
  const server = createS3Server({ buckets: ["media"] });
  await s3On(server).save("a.css", new Uint8Array(brotliCompressSync(crypto.getRandomValues(new Uint8Array(60_000)))), {
    contentEncoding: "br",
  });
  const fetch = async (request: Request): Promise<Response> => {
    const response = await server.fetch(request);
    if (request.method !== "GET") return response;
    const cut = new ReadableStream({
      start: (controller) => controller.error(new TypeError("connection reset")),
    });
    return new Response(cut, response);
  };
  const storage = s3On({ fetch } as typeof server, { clientConfig: { maxAttempts: 1 } });
  const error = await assertRejects(() => storage.readText("a.css", { decompress: "br" }));
  assert(!(error instanceof IntegrityError), String(error));
});
