import { assert, assertEquals } from "@std/assert";
import { bulkTransport, completeHead } from "../../../../src/runtime/transport/bulk_transport.ts";
import { bodyToSend } from "../../../../src/runtime/transport/fetch_body.ts";
import { serveFake } from "../../../fakes/serve.ts";

const LARGE = new Uint8Array(1024 ** 2).map((_, index) => index);

Deno.test("bulkTransport() is used only for a large array over plain HTTP", () => {
  const large = bodyToSend(LARGE);
  assert(bulkTransport("http://localhost/key", large) !== undefined);
  assertEquals(bulkTransport("https://localhost/key", large), undefined);
  assertEquals(bulkTransport("http://localhost/key", bodyToSend(LARGE.subarray(0, 1000))), undefined);
  assertEquals(bulkTransport("http://localhost/key", new Blob([LARGE])), undefined);
  assertEquals(bulkTransport("http://localhost/key", null), undefined);
});

Deno.test("bulkTransport() is not used where a proxy may be configured", () => {
  for (const variable of ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]) {
    const before = Deno.env.get(variable);
    Deno.env.set(variable, "http://localhost:3128");
    try {
      assertEquals(bulkTransport("http://localhost/key", bodyToSend(LARGE)), undefined, variable);
    } finally {
      if (before === undefined) Deno.env.delete(variable);
      else Deno.env.set(variable, before);
    }
  }
});

Deno.test("bulkTransport() sends a large array with its length, several times over one connection", async () => {
  const seen: (string | null)[] = [];
  await using server = serveFake(async (request) => {
    const bytes = new Uint8Array(await request.arrayBuffer());
    assertEquals(bytes, LARGE);
    seen.push(request.headers.get("content-length"));
    return new Response(null, { headers: { etag: '"1"' } });
  });
  const init = { method: "PUT", body: bodyToSend(LARGE), headers: { "x-amz-meta-a": "b" } };
  for (let turn = 0; turn < 3; turn++) {
    const response = await bulkTransport(`${server.origin}/key`, init.body)!.fetch(`${server.origin}/key`, init);
    assertEquals([response.status, response.headers.get("etag")], [200, '"1"']);
  }
  assertEquals(seen, Array(3).fill(String(LARGE.byteLength)));
  await bulkTransport(`${server.origin}/key`, init.body)!.close();
});

Deno.test("completeHead() returns the size and the encoding that Deno below 2.9 removes", async () => {
  await using server = serveFake(() =>
    new Response(null, { headers: { "content-length": "1234", "content-encoding": "gzip" } })
  );
  const url = `${server.origin}/key`;
  const incomplete = new Response(null, { headers: { etag: '"1"' } });
  const { status, headers } = await completeHead(incomplete, url, { method: "HEAD", headers: { "x-amz-date": "now" } });
  assertEquals([status, headers.get("content-length"), headers.get("content-encoding")], [200, "1234", "gzip"]);
  assertEquals(server.asked, ["HEAD /key"]);
  await bulkTransport(url, bodyToSend(LARGE))!.close();
});

Deno.test("completeHead() returns the given response where a proxy may be configured", async () => {
  for (const variable of ["http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"]) {
    const before = Deno.env.get(variable);
    Deno.env.set(variable, "http://localhost:3128");
    try {
      const incomplete = new Response();
      assert(await completeHead(incomplete, "https://localhost/key", { method: "HEAD" }) === incomplete, variable);
    } finally {
      if (before === undefined) Deno.env.delete(variable);
      else Deno.env.set(variable, before);
    }
  }
});
