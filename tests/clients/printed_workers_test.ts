/** The Workers that docs/workers.md prints, each in workerd on an S3 server over HTTP. */
import { assertEquals, assertMatch } from "@std/assert";
import { S3Storage } from "../../mod.ts";
import { whyMissing, workerdPath } from "../runtimes/install.ts";
import { withWorkerd } from "../runtimes/workerd.ts";
import { bundleProgram, programsOf, writeModule } from "./printed_programs.ts";
import { patternBytes, serve, type ServedServer } from "./served_server.ts";

const PAGE = "docs/workers.md";

/** Variables of the Workers, beside those of the storage. */
const VARIABLES = {
  UPLOAD_TOKEN: "token",
  TOKEN: "token",
  COOKIE_SECRET: "secret",
  WEBHOOK_SECRET: "secret",
  ACCOUNT_ID: "0".repeat(32),
  ACCESS_KEY: "id",
  SECRET_KEY: "key",
};

/** What a case uses. */
interface Stage {
  /** Sends a request to the Worker; a path has no slash at its beginning. */
  send(path: string, init?: RequestInit & { headers?: Record<string, string> }): Promise<Response>;
  /** The bucket, without the Worker. */
  readonly storage: S3Storage;
  readonly s3: ServedServer;
  /** Sets the clock of the server; by default it is that of the machine. */
  setClock(now: Date | undefined): void;
}

/** A handler that chooses the Worker by a header, so that one workerd runs all; the path `scheduled` is a cron trigger. */
async function workersBundle(
  codes: readonly string[],
  settings: Record<string, string>,
  variables: Record<string, string>,
): Promise<string> {
  // Each Worker has the variables that it names.
  const environments = codes.map((code) => ({
    ...settings,
    ...Object.fromEntries(Object.entries(variables).filter(([name]) => new RegExp(`\\b${name}\\b`).test(code))),
  }));
  const modules = await Promise.all(codes.map(writeModule));
  return await bundleProgram(`
${modules.map((path, index) => `import worker${index} from "./${path.split("/").at(-1)}";`).join("\n")}
const workers = [${modules.map((_, index) => `worker${index}`).join(", ")}];
const environments = ${JSON.stringify(environments)};
export default {
  async fetch(request, _env, context) {
    const index = Number(request.headers.get("x-test-worker"));
    const [worker, env] = [workers[index], environments[index]];
    if (worker.fetch !== undefined) return await worker.fetch(request, env, context);
    await worker.scheduled({ cron: "0 3 * * *", scheduledTime: Date.now() }, env, context);
    return new Response("done");
  },
};
`);
}

async function hmac(text: string): Promise<string> {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode("secret"), algorithm, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", key, encoder.encode(text))).toHex();
}

/** Sends a form with one file. */
function form(name: string, content: BlobPart): FormData {
  const body = new FormData();
  body.append("file", new File([content], name));
  return body;
}

/** The status and the body of a response. */
async function answer(response: Promise<Response>): Promise<[status: number, text: string]> {
  const { status, body } = await response;
  return [status, await new Response(body).text()];
}

const CASES: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  "Worker: public files": async ({ send, storage }) => {
    await storage.save("a b.txt", "hello");
    const part = await send("a%20b.txt", { headers: { range: "bytes=1-3" } });
    assertEquals([part.status, await part.text()], [206, "ell"]);
    const whole = await send("a%20b.txt");
    assertEquals([await whole.text(), whole.headers.get("cache-control")], ["hello", "public, max-age=300"]);
    const again = await answer(send("a%20b.txt", { headers: { "if-none-match": whole.headers.get("etag")! } }));
    assertEquals(again, [304, ""]);
    assertEquals((await answer(send("missing.txt")))[0], 404);
  },

  "Worker: upload form": async ({ send, storage, s3 }) => {
    const picture = new Uint8Array(12_000_000).fill(7);
    picture.set(new TextEncoder().encode("GIF89a"));
    const headers = { authorization: "Bearer token" };
    assertEquals((await answer(send("", { method: "POST", body: form("a.gif", "GIF89a") })))[0], 401);
    const sent = await answer(send("", { method: "POST", body: form("a picture.gif", picture), headers }));
    assertEquals(sent, [201, '[{"name":"a_picture.gif","size":12000000}]']);
    assertEquals(await storage.readBytes("a_picture.gif"), picture);
    assertEquals((await answer(send("", { method: "POST", body: form("a.html", "<p>"), headers })))[0], 415);
    assertEquals(s3.server.openUploads("media"), []);
  },

  "Worker: presigned upload": async ({ send }) => {
    const ask = (type: string, size: number): Promise<[number, string]> =>
      answer(send("", { method: "POST", body: JSON.stringify({ type, size }) }));
    const [status, text] = await ask("image/png", 1000);
    const { name, url } = JSON.parse(text);
    assertMatch(name, /^pictures\/[\da-f-]{36}\.png$/);
    const { host, searchParams } = new URL(url);
    assertEquals([status, host], [200, `${"0".repeat(32)}.r2.cloudflarestorage.com`]);
    assertEquals(searchParams.get("X-Amz-SignedHeaders"), "content-length;content-type;host");
    assertEquals((await ask("text/html", 10))[0], 415);
    assertEquals((await ask("image/png", 20_000_000))[0], 413);
  },

  "Worker: large uploads": async ({ send, storage, s3 }) => {
    const film = patternBytes(20_000_000);
    const wish = { name: "film.mp4", size: film.byteLength };
    const ask = (method: string, body: object): Promise<[number, string]> =>
      answer(send("", { method, body: JSON.stringify(body) }));
    const { uploadId, urls, partSize } = JSON.parse((await ask("POST", wish))[1]);
    for (const [index, url] of urls.entries()) {
      const body = film.slice(index * partSize, (index + 1) * partSize);
      assertEquals((await answer(fetch(url, { method: "PUT", body })))[0], 200);
    }
    assertEquals(await ask("POST", { ...wish, uploadId }), [200, JSON.stringify(wish)]);
    assertEquals(await storage.readBytes("film.mp4"), film);
    const other = JSON.parse((await ask("POST", wish))[1]);
    assertEquals((await ask("DELETE", { ...wish, uploadId: other.uploadId }))[0], 204);
    assertEquals(s3.server.openUploads("media"), []);
  },

  "Worker: private links": async ({ send, storage }) => {
    await storage.save("report.pdf", "%PDF-");
    assertEquals((await answer(send("report.pdf")))[0], 401);
    const response = await send("report.pdf", { headers: { authorization: "Bearer token" }, redirect: "manual" });
    await response.body?.cancel();
    assertEquals(response.status, 302);
    const file = await fetch(response.headers.get("location")!);
    assertEquals([await file.text(), file.headers.get("content-disposition")!.split(";")[0]], ["%PDF-", "attachment"]);
  },

  "Worker: signed cookie": async ({ send, storage }) => {
    await storage.save("film.txt", "0123456789");
    const cookie = async (expires: number): Promise<string> => `a=b; access=${expires}.${await hmac(String(expires))}`;
    const later = Math.floor(Date.now() / 1000) + 600;
    const headers = { cookie: await cookie(later), range: "bytes=5-" };
    assertEquals(await answer(send("film.txt", { headers })), [206, "56789"]);
    assertEquals((await answer(send("film.txt")))[0], 403);
    assertEquals((await answer(send("film.txt", { headers: { cookie: await cookie(1000) } })))[0], 403);
    const forged = (await cookie(later)).replace(`=${later}`, `=${later + 1}`);
    assertEquals((await answer(send("film.txt", { headers: { cookie: forged } })))[0], 403);
  },

  "Worker: static site": async ({ send, storage }) => {
    await storage.save("index.html", "<h1>Home</h1>");
    await storage.save("docs/index.html", "<h1>Docs</h1>");
    await storage.save("404.html", "<h1>Missing</h1>");
    assertEquals(await answer(send("")), [200, "<h1>Home</h1>"]);
    assertEquals(await answer(send("docs/")), [200, "<h1>Docs</h1>"]);
    const missing = await send("other/");
    assertEquals([missing.status, await missing.text()], [404, "<h1>Missing</h1>"]);
    assertEquals(missing.headers.get("content-type"), "text/html; charset=utf-8");
    assertEquals(missing.headers.get("content-security-policy"), null);
  },

  "Worker: folder listing": async ({ send, storage }) => {
    for (const name of ["films/a.txt", "films/b.txt", "films/old/c.txt", "other.txt"]) await storage.save(name, name);
    const files = JSON.parse((await answer(send("?folder=films")))[1]);
    assertEquals(files.map(({ name, size }: { name: string; size: number }) => [name, size]), [
      ["films/a.txt", 11],
      ["films/b.txt", 11],
    ]);
    assertEquals(await answer(fetch(files[1].url)), [200, "films/b.txt"]);
  },

  "Worker: JSON documents": async ({ send }) => {
    const put = (body: object, headers = {}): Promise<[number, string]> =>
      answer(send("a", { method: "PUT", body: JSON.stringify(body), headers }));
    assertEquals((await answer(send("a")))[0], 404);
    assertEquals((await put({ count: 1 }))[0], 204);
    assertEquals((await put({ count: 2 }))[0], 412);
    const read = await send("a");
    assertEquals(await read.json(), { count: 1 });
    const etag = read.headers.get("etag")!;
    assertEquals((await put({ count: 2 }, { "if-match": etag }))[0], 204);
    assertEquals((await put({ count: 3 }, { "if-match": etag }))[0], 412);
    assertEquals(await (await send("a")).json(), { count: 2 });
  },

  "Worker: webhook archive": async ({ send, storage }) => {
    const body = '{"event":"paid"}';
    const post = (signature: string): Promise<[number, string]> =>
      answer(send("", { method: "POST", body, headers: { "x-hub-signature-256": signature } }));
    assertEquals((await post(`sha256=${await hmac(body)}`))[0], 204);
    assertEquals((await post(`sha256=${await hmac("other")}`))[0], 401);
    assertEquals((await post(""))[0], 401);
    const stored = await Array.fromAsync(storage.list("webhooks", { recursive: true }));
    assertEquals(stored.length, 1);
    assertMatch(stored[0]!.name, /^webhooks\/\d{4}-\d\d-\d\d\/[\da-f-]{36}\.json$/);
    assertEquals(await storage.readText(stored[0]!.name), body);
  },

  "Worker: copy from a URL": async ({ send, storage }) => {
    const film = patternBytes(12_000_000);
    const copy = (path: string): Promise<[number, string]> =>
      answer(send("", { method: "POST", body: JSON.stringify({ path }) }));
    await storage.save("source/film.mp4", film);
    const source = new URL(await storage.url("source/film.mp4"));
    assertEquals(await copy(source.pathname + source.search), [201, '{"name":"copies/film.mp4"}']);
    assertEquals(await storage.readBytes("copies/film.mp4"), film);
    assertEquals((await storage.stat("copies/film.mp4")).contentType, "video/mp4");
    assertEquals((await copy("https://other.example.com/a"))[0], 400);
    assertEquals((await copy("/media/source/film.mp4"))[0], 502);
  },

  "Worker: cron clean-up": async ({ send, storage, s3, setClock }) => {
    setClock(new Date(Date.now() - 40 * 24 * 60 * 60 * 1000));
    await storage.save("temporary/old/a.txt", "old");
    await storage.save("kept/a.txt", "old");
    setClock(undefined);
    await storage.save("temporary/b.txt", "new");
    assertEquals(await answer(send("scheduled")), [200, "done"]);
    assertEquals(s3.server.objects("media").map(({ key }) => key), ["kept/a.txt", "temporary/b.txt"]);
  },
};

const reason = await whyMissing(workerdPath);
const programs = await programsOf(PAGE);

Deno.test(`${PAGE} prints twelve Workers, each with a case`, () => {
  assertEquals(programs.map(({ title }) => title), Object.keys(CASES));
  assertEquals(programs.length, 12);
});

Deno.test({
  name: `each Worker of ${PAGE} does in workerd what the page says${reason ? ` (skipped: ${reason})` : ""}`,
  ignore: reason !== undefined,
  fn: async (t) => {
    let clock: Date | undefined;
    await using s3 = serve({ now: () => clock ?? new Date() });
    const storageOptions = {
      bucketName: "media",
      endpointUrl: s3.endpoint,
      accessKey: "testkey",
      secretKey: "testsecret",
    };
    const bundled = await workersBundle(programs.map(({ code }) => code), {
      AWS_STORAGE_BUCKET_NAME: "media",
      AWS_S3_ENDPOINT_URL: s3.endpoint,
      AWS_S3_ACCESS_KEY_ID: "testkey",
      AWS_S3_SECRET_ACCESS_KEY: "testsecret",
    }, { ...VARIABLES, SOURCE_ORIGIN: s3.endpoint });
    await withWorkerd(await workerdPath(), bundled, async (url) => {
      for (const [index, { title }] of programs.entries()) {
        await t.step(title, async () => {
          const storage = new S3Storage(storageOptions);
          for await (const { name } of storage.list("", { recursive: true })) await storage.delete(name);
          await CASES[title]!({
            storage,
            s3,
            setClock: (now) => clock = now,
            send: (path, { headers, ...init } = {}) =>
              fetch(url + path, { ...init, headers: { ...headers, "x-test-worker": String(index) } }),
          });
        });
      }
    });
  },
});
