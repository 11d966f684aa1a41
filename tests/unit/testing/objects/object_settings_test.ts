import { assertEquals, assertStringIncludes } from "@std/assert";
import { send, store, testServer } from "../authentication/signed_requests.ts";

Deno.test("tags and ACLs can be set and read", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "hello");
  const tagging = "<Tagging><TagSet><Tag><Key>a</Key><Value>1 + 2</Value></Tag></TagSet></Tagging>";
  assertEquals((await send(server, "/media/a.txt?tagging", { method: "PUT", body: tagging })).status, 200);
  assertStringIncludes(await (await send(server, "/media/a.txt?tagging")).text(), "<Value>1 + 2</Value>");
  assertEquals(server.objects("media")[0]?.tags, { a: "1 + 2" });
  assertEquals((await send(server, "/media/a.txt?tagging", { method: "DELETE" })).status, 204);
  assertEquals(server.objects("media")[0]?.tags, {});
  await send(server, "/media/a.txt?acl", { method: "PUT", headers: { "x-amz-acl": "public-read" } });
  const acl = await (await send(server, "/media/a.txt?acl")).text();
  assertStringIncludes(acl, "groups/global/AllUsers</URI></Grantee><Permission>READ</Permission>");
  await send(server, "/media/b.txt", { method: "PUT", body: "x" });
  assertEquals((await send(server, "/media/b.txt?acl", { method: "PUT", body: acl })).status, 200);
  assertEquals(server.objects("media").map((object) => object.acl), ["public-read", "public-read"]);
});
