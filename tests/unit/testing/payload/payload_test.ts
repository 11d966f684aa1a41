import { assertEquals } from "@std/assert";
import { outcome, send, signed, testServer } from "../authentication/signed_requests.ts";

const HELLO_MD5 = "XUFAKrxLKna5cZ2REBfFkg==";

Deno.test("a write with a wrong digest or checksum is refused", async () => {
  const server = testServer();
  const put = (headers: Record<string, string>): Promise<[number, string | undefined]> =>
    outcome(send(server, "/media/a.txt", { method: "PUT", body: "hello", headers }));
  assertEquals(await put({ "content-md5": HELLO_MD5 }), [200, undefined]);
  assertEquals(await put({ "content-md5": "nonsense" }), [400, "InvalidDigest"]);
  assertEquals(await put({ "content-md5": HELLO_MD5.replace("X", "Y") }), [400, "BadDigest"]);
  const right = {
    crc32: "NhCmhg==",
    crc32c: "mnG7TA==",
    crc64nvme: "M3eFcAZSQlc=",
    sha1: "qvTGHdzF6KLavt4PO0gs2a6pQ00=",
    sha256: "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
  };
  for (const [algorithm, value] of Object.entries(right)) {
    const name = `x-amz-checksum-${algorithm}`;
    assertEquals(await put({ [name]: value }), [200, undefined], algorithm);
    const plain = await send(server, "/media/a.txt");
    assertEquals(plain.headers.get(name), null);
    const asked = await send(server, "/media/a.txt", { headers: { "x-amz-checksum-mode": "ENABLED" } });
    assertEquals([asked.headers.get(name), asked.headers.get("x-amz-checksum-type")], [value, "FULL_OBJECT"]);
    const wrong = value.startsWith("A") ? `B${value.slice(1)}` : `A${value.slice(1)}`;
    assertEquals(await put({ [name]: wrong }), [400, "BadDigest"]);
    assertEquals(await put({ [name]: "AAAA" }), [400, "InvalidRequest"]);
  }
  assertEquals(await put({ "x-amz-sdk-checksum-algorithm": "CRC32" }), [400, "InvalidRequest"]);
});

Deno.test("x-amz-content-sha256 is required, and checked against the body", async () => {
  const server = testServer();
  const plan = { method: "PUT", body: "right", headers: { "x-amz-content-sha256": "0".repeat(64) } };
  assertEquals(await outcome(send(server, "/media/a.txt", plan)), [400, "XAmzContentSHA256Mismatch"]);
  plan.headers["x-amz-content-sha256"] = "nonsense";
  assertEquals(await outcome(send(server, "/media/a.txt", plan)), [400, "InvalidArgument"]);
  const missing = await signed("/media/a.txt");
  missing.headers.delete("x-amz-content-sha256");
  assertEquals(await outcome(server.fetch(missing)), [400, "InvalidRequest"]);
  assertEquals(server.objects("media"), []);
});
