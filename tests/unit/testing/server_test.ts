import { assertEquals, assertThrows } from "@std/assert";
import { send, testServer } from "./authentication/signed_requests.ts";

Deno.test("createBucket(), objects() and openUploads() name a bucket that is invalid or missing", () => {
  const server = testServer();
  server.createBucket("media");
  assertThrows(() => server.createBucket("No"), TypeError, 'Cannot create bucket "No"');
  assertThrows(() => server.objects("absent"), TypeError, 'Cannot inspect bucket "absent"');
  assertThrows(() => server.openUploads("absent"), TypeError, 'Cannot inspect bucket "absent"');
});

Deno.test("the log of requests contains no secret, and has at most 1,000 entries", async () => {
  const server = testServer();
  await send(server, "/media/a.txt", { expires: 60 });
  assertEquals(server.requests, [
    { method: "GET", path: "/media/a.txt", operation: "GetObject", status: 404, errorCode: "NoSuchKey" },
  ]);
  for (let count = 0; count < 1005; count++) await server.fetch(new Request(`http://localhost/media/${count}`));
  assertEquals([server.requests.length, server.requests[999]?.path], [1000, "/media/1004"]);
});
