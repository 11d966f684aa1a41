import { assertEquals } from "@std/assert";
import { outcome, send, store, testServer } from "./signed_requests.ts";

Deno.test("public canned ACLs allow anonymous requests", async () => {
  const server = testServer();
  await store(server, "/media/open.txt", "open", { "x-amz-acl": "public-read" });
  await store(server, "/media/closed.txt", "closed");
  const anonymous = (path: string, method = "GET"): Promise<[number, string | undefined]> =>
    outcome(server.fetch(new Request(`http://localhost${path}`, { method })));
  assertEquals(await anonymous("/media/open.txt"), [200, undefined]);
  assertEquals(await anonymous("/media/open.txt?response-content-type=text/html"), [400, "InvalidRequest"]);
  assertEquals(await anonymous("/media/closed.txt"), [403, "AccessDenied"]);
  assertEquals(await anonymous("/media/absent.txt"), [403, "AccessDenied"]);
  assertEquals(await anonymous("/media/open.txt", "DELETE"), [403, "AccessDenied"]);
  await send(server, "/media?acl", { method: "PUT", headers: { "x-amz-acl": "public-read" } });
  assertEquals(await anonymous("/media"), [200, undefined]);
  assertEquals(await anonymous("/media/absent.txt"), [404, "NoSuchKey"]);
  assertEquals(await anonymous("/absent/absent.txt"), [404, "NoSuchBucket"]);
});
