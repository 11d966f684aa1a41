import { assertEquals } from "@std/assert";
import { outcome, send, store, testServer } from "../authentication/signed_requests.ts";

const HELLO_ETAG = '"5d41402abc4b2a76b9719d911017c592"';

Deno.test("conditions on reads follow the precedence of RFC 9110", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "hello");
  const ask = async (headers: Record<string, string>): Promise<number> =>
    (await send(server, "/media/a.txt", { headers })).status;
  const before = "Sat, 31 Jan 2026 11:59:59 GMT", at = "Sat, 31 Jan 2026 12:00:00 GMT";
  assertEquals(await ask({ "if-match": HELLO_ETAG }), 200);
  assertEquals(await ask({ "if-match": '"other"' }), 412);
  assertEquals(await ask({ "if-match": `"other", ${HELLO_ETAG}` }), 200);
  assertEquals(await ask({ "if-unmodified-since": before }), 412);
  assertEquals(await ask({ "if-unmodified-since": at }), 200);
  assertEquals(await ask({ "if-match": HELLO_ETAG, "if-unmodified-since": before }), 200);
  assertEquals(await ask({ "if-none-match": HELLO_ETAG }), 304);
  assertEquals(await ask({ "if-none-match": '"other"' }), 200);
  assertEquals(await ask({ "if-modified-since": at }), 304);
  assertEquals(await ask({ "if-modified-since": before }), 200);
  assertEquals(await ask({ "if-none-match": '"other"', "if-modified-since": at }), 200);
  const notModified = await send(server, "/media/a.txt", { headers: { "if-none-match": HELLO_ETAG } });
  assertEquals([await notModified.text(), notModified.headers.get("etag")], ["", HELLO_ETAG]);
});

Deno.test("conditions on writes are checked", async () => {
  const server = testServer();
  const put = (headers: Record<string, string>): Promise<[number, string | undefined]> =>
    outcome(send(server, "/media/a.txt", { method: "PUT", body: "hello", headers }));
  assertEquals(await put({ "if-match": HELLO_ETAG }), [404, "NoSuchKey"]);
  assertEquals(await put({ "if-none-match": "*" }), [200, undefined]);
  assertEquals(await put({ "if-none-match": "*" }), [412, "PreconditionFailed"]);
  assertEquals(await put({ "if-none-match": HELLO_ETAG }), [501, "NotImplemented"]);
  assertEquals(await put({ "if-match": HELLO_ETAG }), [200, undefined]);
  assertEquals(await put({ "if-match": HELLO_ETAG.slice(1, -1) }), [200, undefined]);
  assertEquals(await put({ "if-match": '"other"' }), [412, "PreconditionFailed"]);
  const remove = (etag: string): Promise<[number, string | undefined]> =>
    outcome(send(server, "/media/a.txt", { method: "DELETE", headers: { "if-match": etag } }));
  assertEquals(await remove('"other"'), [412, "PreconditionFailed"]);
  assertEquals(await remove(HELLO_ETAG), [204, undefined]);
});

Deno.test("only one of many concurrent writes with If-None-Match succeeds", async () => {
  const server = testServer();
  const answers = await Promise.all(
    Array.from(
      { length: 20 },
      (_, index) =>
        send(server, "/media/a.txt", { method: "PUT", body: `${index}`, headers: { "if-none-match": "*" } }),
    ),
  );
  assertEquals(answers.map(({ status }) => status).sort(), [200, ...Array<number>(19).fill(412)]);
});
