import { assertEquals } from "@std/assert";
import { outcome, send, testServer } from "../authentication/signed_requests.ts";

Deno.test("unsupported headers and invalid attributes are refused", async () => {
  const server = testServer();
  const put = (headers: Record<string, string>): Promise<[number, string | undefined]> =>
    outcome(send(server, "/media/a.txt", { method: "PUT", body: "hello", headers }));
  assertEquals(await put({ "x-amz-storage-class": "CUPBOARD" }), [400, "InvalidStorageClass"]);
  assertEquals(await put({ "x-amz-acl": "everyone" }), [400, "InvalidArgument"]);
  assertEquals(await put({ "x-amz-grant-read": "id=1" }), [501, "NotImplemented"]);
  assertEquals(await put({ "x-amz-object-lock-mode": "GOVERNANCE" }), [501, "NotImplemented"]);
  assertEquals(await put({ "x-amz-meta-a": "x".repeat(2048) }), [400, "MetadataTooLarge"]);
  assertEquals(await put({ "transfer-encoding": "chunked" }), [411, "MissingContentLength"]);
  assertEquals(await outcome(send(server, "/media?policy")), [501, "NotImplemented"]);
  assertEquals(await outcome(send(server, "/media/a.txt?torrent")), [501, "NotImplemented"]);
  assertEquals(await outcome(send(server, "/media/a.txt", { method: "PATCH" })), [405, "MethodNotAllowed"]);
  assertEquals(server.objects("media"), []);
});
