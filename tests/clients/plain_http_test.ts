import { assertEquals, assertStringIncludes } from "@std/assert";
import { AwsV4Signer } from "aws4fetch";
import { CREDENTIALS, serve, type ServedServer } from "./served_server.ts";

async function presign(served: ServedServer, method: string, path: string): Promise<string> {
  const url = `${served.endpoint}${path}?X-Amz-Expires=60`;
  const signer = new AwsV4Signer({ ...CREDENTIALS, method, url, service: "s3", region: "us-east-1", signQuery: true });
  return (await signer.sign()).url.href;
}

/** Sends bytes unchanged and reads the whole answer; fetch would normalize the path and add headers. */
async function exchange(served: ServedServer, request: string): Promise<string> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: served.port });
  await connection.write(new TextEncoder().encode(request));
  return await new Response(connection.readable).text();
}

Deno.test("a streamed body without a length is refused", async () => {
  await using served = serve();
  const response = await fetch(await presign(served, "PUT", "/media/a.txt"), {
    method: "PUT",
    body: new Blob(["storage contents"]).stream(),
  });
  assertEquals(response.status, 411);
  assertStringIncludes(await response.text(), "<Code>MissingContentLength</Code>");
  assertEquals(served.server.objects("media"), []);
});

Deno.test("lengths and ETags are unchanged, also of text and for HEAD", async () => {
  await using served = serve();
  const contents = "storage contents ".repeat(1000);
  const headers = { "content-type": "text/plain" };
  const put = await fetch(await presign(served, "PUT", "/media/a.txt"), { method: "PUT", body: contents, headers });
  assertEquals([put.status, await put.text()], [200, ""]);
  const etag = `"${served.server.objects("media")[0]?.etag}"`;
  for (const method of ["GET", "HEAD"]) {
    const response = await fetch(await presign(served, method, "/media/a.txt"), { method });
    assertEquals([response.headers.get("etag"), response.headers.get("content-length")], [etag, "17000"]);
    assertEquals(response.headers.get("content-encoding"), null);
    assertEquals(await response.text(), method === "GET" ? contents : "");
  }
});

Deno.test("paths are used as sent", async () => {
  await using served = serve();
  for (const path of ["/media//double", "/media/a%2Fb+c", "/media/a/../b"]) {
    const answer = await exchange(served, `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    assertStringIncludes(answer, "403 Forbidden");
    assertStringIncludes(answer, `<Resource>${path}</Resource>`);
  }
  const hosted = await exchange(
    served,
    "GET /a.txt HTTP/1.1\r\nHost: absent.localhost:9000\r\nConnection: close\r\n\r\n",
  );
  assertStringIncludes(hosted, "<Code>NoSuchBucket</Code>");
  assertStringIncludes(hosted, "<BucketName>absent</BucketName>");
});
