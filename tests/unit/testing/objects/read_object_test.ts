import { assertEquals } from "@std/assert";
import { element, outcome, send, store, testServer } from "../authentication/signed_requests.ts";

Deno.test("missing objects and buckets have different errors, on HEAD without a body", async () => {
  const server = testServer();
  const key = await send(server, "/media/absent.txt");
  const text = await key.text();
  assertEquals([key.status, element(text, "Code"), element(text, "Key")], [404, "NoSuchKey", "absent.txt"]);
  assertEquals(element(text, "RequestId"), key.headers.get("x-amz-request-id") ?? "");
  assertEquals(key.headers.get("content-type"), "application/xml");
  assertEquals(await outcome(send(server, "/absent/absent.txt")), [404, "NoSuchBucket"]);
  const head = await send(server, "/media/absent.txt", { method: "HEAD" });
  assertEquals([head.status, await head.text()], [404, ""]);
  assertEquals((await send(server, "/media/absent.txt", { method: "DELETE" })).status, 204);
});

Deno.test("GetObject returns the requested range", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "0123456789");
  const ask = async (range: string): Promise<[number, string, string | null]> => {
    const response = await send(server, "/media/a.txt", { headers: { range } });
    return [response.status, await response.text(), response.headers.get("content-range")];
  };
  assertEquals(await ask("bytes=2-4"), [206, "234", "bytes 2-4/10"]);
  assertEquals(await ask("bytes=7-"), [206, "789", "bytes 7-9/10"]);
  assertEquals(await ask("bytes=-3"), [206, "789", "bytes 7-9/10"]);
  assertEquals(await ask("bytes=-30"), [206, "0123456789", "bytes 0-9/10"]);
  assertEquals(await ask("bytes=8-99"), [206, "89", "bytes 8-9/10"]);
  assertEquals((await ask("bytes=5-2"))[0], 200);
  assertEquals((await ask("lines=1-2"))[0], 200);
  assertEquals((await ask("bytes=0-1,3-4"))[0], 200);
  const [status, document, contentRange] = await ask("bytes=10-");
  assertEquals([status, contentRange, element(document, "Code")], [416, "bytes */10", "InvalidRange"]);
  assertEquals(element(document, "ActualObjectSize"), "10");
  assertEquals((await ask("bytes=-0"))[0], 416);
});

Deno.test("response-* parameters replace headers of signed reads only", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "hello", { "content-encoding": "gzip" });
  const disposition = `attachment; filename="ü.txt"`;
  const query = `response-content-encoding=identity&response-content-disposition=${encodeURIComponent(disposition)}`;
  const response = await send(server, `/media/a.txt?${query}`);
  assertEquals(response.headers.get("content-encoding"), "identity");
  assertEquals(response.headers.get("content-disposition"), disposition); // in ISO 8859-1
  assertEquals(await outcome(send(server, "/media/a.txt?response-content-disposition=%E2%82%AC")), [
    400,
    "InvalidArgument",
  ]);
  assertEquals(await outcome(send(server, "/media/a.txt?response-expires=a%0Ab")), [400, "InvalidArgument"]);
});
