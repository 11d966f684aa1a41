/** What a URL or a form needs besides the signature: the payer, a customer's key, and headers. */
import { assertEquals, assertThrows } from "@std/assert";
import { ConfigurationError } from "../../../src/errors.ts";
import { findNodeCrypto } from "../../../src/runtime/hash/digest.ts";
import { presignedPostForm } from "../../../src/signing/mod.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { s3On } from "../storage/storages.ts";
import { exampleStorage } from "./example_storage.ts";

for (const signatureVersion of ["s3v4", "s3"] as const) {
  Deno.test(`a URL of signature ${signatureVersion} says in its query that the requester pays`, async () => {
    const server = createS3Server({ buckets: ["media"] });
    const storage = s3On(server, { signatureVersion, objectParameters: { RequestPayer: "requester" } });
    await storage.save("a.txt", "worth it");
    const payerOf = (url: string): string | null => new URL(url).searchParams.get("x-amz-request-payer");
    for (const url of [await storage.url("a.txt"), storage.urlSync("a.txt")]) {
      assertEquals(payerOf(url), "requester");
      assertEquals(await (await server.fetch(new Request(url))).text(), "worth it");
    }
    for (const method of ["HEAD", "PUT", "DELETE"] as const) {
      const url = await storage.url("a.txt", { method });
      assertEquals([payerOf(url), (await server.fetch(new Request(url, { method }))).ok], ["requester", true]);
    }
    const plain = s3On(server, { signatureVersion });
    assertEquals(payerOf(await plain.url("a.txt")), null);
    const given = await plain.url("b.txt", { method: "PUT", parameters: { RequestPayer: "requester" } });
    assertEquals([payerOf(given), (await server.fetch(new Request(given, { method: "PUT" }))).ok], ["requester", true]);
  });
}

Deno.test("URLs that S3 does not check have no payer unless one is given", async () => {
  const objectParameters = { RequestPayer: "requester" };
  for (const options of [{ querystringAuth: false }, { customDomain: "cdn.example.com" }]) {
    assertEquals(new URL(await exampleStorage({ ...options, objectParameters }).url("a.txt")).search, "");
  }
  assertEquals(
    new URL(await exampleStorage({ objectParameters: { RequestPayer: "" } }).url("a")).search.includes("payer"),
    false,
  );
});

Deno.test("a form says that the requester pays, unless it has the field already", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server, { objectParameters: { RequestPayer: "requester" } });
  const post = await storage.presignedPost("a.txt", { fields: { "Content-Type": "text/plain" } });
  assertEquals([post.fields["x-amz-request-payer"], post.fields["Content-Type"]], ["requester", "text/plain"]);
  assertEquals(JSON.parse(post.policy).conditions.slice(0, 2), [
    { "Content-Type": "text/plain" },
    { "x-amz-request-payer": "requester" },
  ]);
  const body = presignedPostForm(post, new Blob(["paid"]));
  assertEquals((await server.fetch(new Request(post.url, { method: "POST", body }))).status, 204);
  assertEquals(new URL(post.url).search, "");
  const other = await s3On(server, {
    objectParameters: { RequestPayer: "requester" },
    endpointUrl: "http://localhost:9000",
  }).presignedPost("a.txt");
  assertEquals(other.url, "http://localhost:9000/media/?x-amz-request-payer=requester");
  const again = presignedPostForm(other, new Blob(["paid"]));
  assertEquals((await server.fetch(new Request(other.url, { method: "POST", body: again }))).status, 204);
  const own = await storage.presignedPost("a.txt", { fields: { "X-Amz-Request-Payer": "requester" } });
  assertEquals(Object.keys(own.fields).filter((name) => /payer/i.test(name)), ["X-Amz-Request-Payer"]);
});

Deno.test("the URL of a file with SSECustomerKey does not contain the key, and needs it as a header", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const key = "0123456789abcdef0123456789abcdef";
  const parameters = { SSECustomerKey: key, SSECustomerKeyMD5: "hRasmdxgYDKV3nvbahU1MA==" };
  const storage = s3On(server, { objectParameters: parameters });
  await storage.save("a", "secret contents");
  const url = await storage.url("a", { parameters });
  assertEquals([url.includes(key), url.includes(encodeURIComponent(btoa(key)))], [false, false]);
  const name = "x-amz-server-side-encryption-customer-";
  const headers = {
    [`${name}algorithm`]: "AES256",
    [`${name}key`]: btoa(key),
    [`${name}key-md5`]: parameters.SSECustomerKeyMD5,
  };
  const answer = await server.fetch(new Request(url, { headers }));
  assertEquals([answer.status, await answer.text()], [200, "secret contents"]);
  assertEquals((await server.fetch(new Request(url))).status, 403);
});

Deno.test("the URL of a PUT is valid only with the headers of its parameters", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server, { endpointUrl: "http://localhost:9000" });
  const url = storage.urlSync("a", { method: "PUT", parameters: { ContentType: "text/x", IfNoneMatch: "*" } });
  const put = async (headers: Record<string, string>): Promise<number> =>
    (await server.fetch(new Request(url, { method: "PUT", headers, body: "1" }))).status;
  assertEquals(await put({ "content-type": "text/y", "if-none-match": "*" }), 403);
  assertEquals(await put({ "content-type": "text/x", "if-none-match": "*" }), 200);
  assertEquals(await put({ "content-type": "text/x", "if-none-match": "*" }), 412);
});

Deno.test("the URL of a file with SSECustomerKey signs the MD5 of the key too, as botocore does", async () => {
  // Made by boto3 1.43.11 for the same time.
  const signed = [
    ["GET", "k".repeat(32), "ae093f44b28d5bba853d579455751bc533dc440eb6668a687fefdb0ec8d54e2f"],
    ["PUT", new Uint8Array(32).fill(255), "4baf995a5a02efc3c9a4a8a38bbc0dbe630b735b01319b65e41f278f9ba8fb33"],
  ] as const;
  for (const [method, SSECustomerKey, signature] of signed) {
    const options = { method, parameters: { SSECustomerAlgorithm: "AES256", SSECustomerKey } };
    const { searchParams } = new URL(exampleStorage().urlSync("a.txt", options));
    assertEquals(searchParams.get("X-Amz-Signature"), signature);
    const name = "x-amz-server-side-encryption-customer-";
    assertEquals(searchParams.get("X-Amz-SignedHeaders"), `host;${name}algorithm;${name}key;${name}key-md5`);
    assertEquals(new URL(await exampleStorage().url("a.txt", options)).searchParams.get("X-Amz-Signature"), signature);
  }
  const server = createS3Server({ buckets: ["media"] });
  for (const signatureVersion of ["s3v4", "s3"] as const) {
    const SSECustomerKey = "0123456789abcdef0123456789abcdef";
    const storage = s3On(server, { signatureVersion });
    const headers = {
      "x-amz-server-side-encryption-customer-algorithm": "AES256",
      "x-amz-server-side-encryption-customer-key": btoa(SSECustomerKey),
      "x-amz-server-side-encryption-customer-key-md5": "hRasmdxgYDKV3nvbahU1MA==",
    };
    const body = new TextEncoder().encode("secret"); // a string would have a Content-Type
    const put = storage.urlSync("a", { method: "PUT", parameters: { SSECustomerKey } });
    assertEquals((await server.fetch(new Request(put, { method: "PUT", headers, body }))).status, 200);
    const get = storage.urlSync("a", { parameters: { SSECustomerKey } });
    assertEquals(await (await server.fetch(new Request(get, { headers }))).text(), "secret");
  }
});

Deno.test("the URL of a file with SSECustomerKey is made on a runtime without a synchronous MD5", async () => {
  const nodeCrypto = findNodeCrypto() as { hash?: unknown };
  const { hash } = nodeCrypto;
  nodeCrypto.hash = undefined;
  try {
    const parameters = { SSECustomerKey: "k".repeat(32) };
    const { searchParams } = new URL(await exampleStorage().url("a.txt", { parameters }));
    assertEquals(
      searchParams.get("X-Amz-Signature"),
      "ae093f44b28d5bba853d579455751bc533dc440eb6668a687fefdb0ec8d54e2f",
    );
    assertThrows(() => exampleStorage().urlSync("a.txt", { parameters }), ConfigurationError, "use url()");
  } finally {
    nodeCrypto.hash = hash;
  }
});
