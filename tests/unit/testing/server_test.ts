import { assertEquals, assertThrows } from "@std/assert";
import { send, store, testServer } from "./authentication/signed_requests.ts";

Deno.test("createBucket() and the inspections name a bucket that is invalid or missing", () => {
  const server = testServer();
  server.createBucket("media");
  assertThrows(() => server.createBucket("No"), TypeError, 'Cannot create bucket "No"');
  assertThrows(() => server.objects("absent"), TypeError, 'Cannot inspect bucket "absent"');
  assertThrows(() => server.openUploads("absent"), TypeError, 'Cannot inspect bucket "absent"');
  assertThrows(() => server.versions("absent"), TypeError, 'Cannot inspect bucket "absent"');
  assertThrows(() => server.completeRestores("absent"), TypeError, 'Cannot inspect bucket "absent"');
  const misspelt = { versioned: true } as Record<string, boolean>;
  const message = "Cannot create bucket \"other\": unknown option 'versioned'";
  assertThrows(() => server.createBucket("other", misspelt), TypeError, message);
});

Deno.test("createBucket() creates a versioned bucket, and versions() lists its history", async () => {
  const server = testServer();
  server.createBucket("other", { versioning: true });
  for (const body of ["1", "22"]) await store(server, "/other/a.txt", body);
  await send(server, "/other/a.txt", { method: "DELETE" });
  assertEquals(server.objects("other"), []);
  assertEquals(server.versions("other").map(({ key, isLatest, object }) => [key, isLatest, object?.size]), [
    ["a.txt", true, undefined],
    ["a.txt", false, 2],
    ["a.txt", false, 1],
  ]);
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
