import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { presignUrlV2 } from "../../../../src/signing/mod.ts";
import { element, NOW, outcome, send, signed, store, testServer } from "./signed_requests.ts";

const minutes = (count: number): Date => new Date(NOW.getTime() + count * 60_000);

Deno.test("a signed request is let in, an anonymous one is not", async () => {
  const server = testServer();
  assertEquals((await send(server, "/media")).status, 200);
  assertEquals(await outcome(server.fetch(new Request("http://localhost/media"))), [403, "AccessDenied"]);
});

Deno.test("a wrong secret is told what was signed, and never the secret", async () => {
  const response = await send(testServer(), "/media/a%20b?x=1", { secret: "wrong" });
  const text = await response.text();
  assertEquals([response.status, element(text, "Code")], [403, "SignatureDoesNotMatch"]);
  assertMatch(
    element(text, "StringToSign") ?? "",
    /^AWS4-HMAC-SHA256&#10;20260131T120000Z&#10;20260131\/us-east-1\/s3/,
  );
  assertStringIncludes(element(text, "CanonicalRequest") ?? "", "GET&#10;/media/a%20b&#10;x=1&#10;");
  assertEquals(text.includes("testsecret"), false);
});

Deno.test("unknown keys, wrong tokens, wrong regions and wrong clocks each have their own error", async () => {
  const server = testServer({ credentials: [{ accessKeyId: "other", secretAccessKey: "testsecret" }] });
  assertEquals(await outcome(send(server, "/media")), [403, "InvalidAccessKeyId"]);
  const temporary = testServer({
    credentials: [{ accessKeyId: "testkey", secretAccessKey: "testsecret", sessionToken: "token" }],
  });
  assertEquals(await outcome(send(temporary, "/media")), [400, "InvalidToken"]);
  assertEquals(await outcome(send(temporary, "/media", { sessionToken: "other" })), [400, "InvalidToken"]);
  assertEquals((await send(temporary, "/media", { sessionToken: "token" })).status, 200);
  assertEquals((await send(temporary, "/media", { sessionToken: "token", expires: 60 })).status, 200);

  const wrongRegion = await send(testServer(), "/media", { region: "eu-west-1" });
  const text = await wrongRegion.text();
  assertEquals([wrongRegion.status, element(text, "Code")], [400, "AuthorizationHeaderMalformed"]);
  assertEquals(element(text, "Region"), "us-east-1");
  assertStringIncludes(
    element(text, "Message") ?? "",
    "the region &apos;eu-west-1&apos; is wrong".replaceAll("&apos;", "'"),
  );
  const head = await send(testServer(), "/media", { region: "eu-west-1", method: "HEAD" });
  assertEquals([head.status, head.headers.get("x-amz-bucket-region")], [400, "us-east-1"]);

  assertEquals((await send(testServer(), "/media", { at: minutes(-15) })).status, 200);
  assertEquals(await outcome(send(testServer(), "/media", { at: minutes(-16) })), [403, "RequestTimeTooSkewed"]);
  assertEquals(await outcome(send(testServer(), "/media", { at: minutes(16) })), [403, "RequestTimeTooSkewed"]);
});

Deno.test("a presigned URL lives exactly as long as it says", async () => {
  const server = testServer();
  await store(server, "/media/a.txt", "x");
  const ask = (at: Date, expires: number): Promise<[number, string | undefined]> =>
    outcome(send(server, "/media/a.txt", { at, expires }));
  assertEquals(await ask(minutes(-1), 60), [200, undefined]);
  assertEquals(await ask(minutes(-1), 59), [403, "AccessDenied"]);
  assertEquals(await ask(minutes(-60), 604_800), [200, undefined]);
  assertEquals(await ask(NOW, 604_801), [400, "AuthorizationQueryParametersError"]);
  assertEquals(await ask(NOW, 0), [400, "AuthorizationQueryParametersError"]);
  assertEquals(await ask(minutes(16), 60), [403, "AccessDenied"]);
});

Deno.test("every x-amz- header and the host must be signed", async () => {
  const server = testServer();
  const request = await signed("/media/a.txt", { method: "PUT", body: "x" });
  request.headers.set("x-amz-acl", "public-read");
  const text = await (await server.fetch(request)).text();
  assertEquals(element(text, "Message"), "There were headers present in the request which were not signed");
  assertEquals(element(text, "HeadersNotSigned"), "x-amz-acl");
});

Deno.test("x-amz-content-sha256 is required and held against the body", async () => {
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

Deno.test("one request carries one signature", async () => {
  const request = await signed("/media/a.txt", { expires: 60 });
  request.headers.set("authorization", "AWS testkey:abc");
  assertEquals(await outcome(testServer().fetch(request)), [400, "InvalidArgument"]);
  const odd = new Request("http://localhost/media", { headers: { authorization: "Bearer abc" } });
  assertEquals(await outcome(testServer().fetch(odd)), [400, "InvalidArgument"]);
  const empty = new Request("http://localhost/media", { headers: { authorization: "AWS4-HMAC-SHA256 Credential=a" } });
  assertEquals(await outcome(testServer().fetch(empty)), [400, "AuthorizationHeaderMalformed"]);
});

Deno.test("a header signed with version 2 is let in, and refused with another secret", async () => {
  const ask = async (secret: string): Promise<[number, string | undefined]> => {
    const date = NOW.toUTCString();
    const key = await crypto.subtle.importKey(
      "raw",
      new TextEncoder().encode(secret),
      { name: "HMAC", hash: "SHA-1" },
      false,
      ["sign"],
    );
    const text = `GET\n\n\n\nx-amz-date:${date}\n/media?acl`;
    const bytes = new Uint8Array(await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text)));
    const headers = { "x-amz-date": date, authorization: `AWS testkey:${btoa(String.fromCharCode(...bytes))}` };
    return await outcome(testServer().fetch(new Request("http://localhost/media?acl", { headers })));
  };
  assertEquals(await ask("testsecret"), [200, undefined]);
  assertEquals(await ask("wrong"), [403, "SignatureDoesNotMatch"]);
});

Deno.test("x-amz- parameters of a presigned URL count as headers", async () => {
  const server = testServer();
  const put = await signed("/media/a.txt?x-amz-meta-author=someone&x-amz-acl=public-read", {
    method: "PUT",
    body: "x",
    expires: 60,
  });
  assertEquals((await server.fetch(put)).status, 200);
  const [object] = server.objects("media");
  assertEquals([object?.acl, object?.metadata], ["public-read", { author: "someone" }]);
  const broken = send(server, "/media/a.txt?x-amz-meta-a=1%0A2", { method: "PUT", body: "x", expires: 60 });
  assertEquals(await outcome(broken), [400, "InvalidArgument"]);
  const unnamed = send(server, "/media/a.txt?x-amz-meta-%C3%A9=1", { method: "PUT", body: "x", expires: 60 });
  assertEquals(await outcome(unnamed), [400, "InvalidArgument"]);
});

Deno.test("a parameter that counts as a header is obeyed only where it is signed", async () => {
  const server = testServer();
  await store(server, "/media/secret.txt", "secret");
  const presigned = (headers: Record<string, string> = {}, query: Record<string, string> = {}): string =>
    presignUrlV2({
      bucketUrl: "http://localhost/media",
      bucket: "media",
      key: "a.txt",
      credentials: { accessKeyId: "testkey", secretAccessKey: "testsecret" },
      method: "PUT",
      headers,
      query,
      date: NOW,
    });
  const put = (url: string, headers: Record<string, string> = {}): Promise<Response> =>
    server.fetch(new Request(url, { method: "PUT", body: new Uint8Array(1), headers }));

  for (const appended of ["X-AMZ-COPY-SOURCE=/media/secret.txt", "X-Amz-Copy-Source=/media/secret.txt"]) {
    assertEquals(await outcome(put(`${presigned()}&${appended}&X-AMZ-ACL=public-read`)), [200, undefined]);
    const [object] = server.objects("media");
    assertEquals([object?.size, object?.acl], [1, "private"], appended);
  }
  assertEquals(await outcome(put(`${presigned()}&x-amz-acl=public-read`)), [403, "SignatureDoesNotMatch"]);

  const acl = { "x-amz-acl": "private" };
  const asParameter = presigned(acl, acl), asHeader = presigned(acl);
  assertEquals(await outcome(put(asParameter)), [200, undefined]);
  assertEquals(await outcome(put(asHeader, acl)), [200, undefined]);
  assertEquals(await outcome(put(`${asParameter}&x-amz-acl=public-read`)), [400, "InvalidArgument"]);
  assertEquals(await outcome(put(`${asHeader}&x-amz-acl=public-read`, acl)), [400, "InvalidArgument"]);
  assertEquals(server.objects("media")[0]?.acl, "private");
});

Deno.test("canned ACLs open objects and buckets to everyone", async () => {
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

Deno.test("buckets are found by host name and by path", async () => {
  const server = testServer({ hostnames: ["s3.example.com"], buckets: ["media", "my.dotted.bucket"] });
  const where = async (url: string): Promise<string | undefined> => {
    const text = await (await server.fetch(new Request(url))).text();
    return element(text, "Resource") ?? element(text, "BucketName");
  };
  for (
    const url of [
      "https://s3.example.com/media/a.txt",
      "https://media.s3.example.com/a.txt",
      "https://my.dotted.bucket.s3.example.com:8443/a.txt",
      "https://media.s3.amazonaws.com/a.txt",
      "https://media.s3.eu-west-1.amazonaws.com/a.txt",
      "https://media.s3.dualstack.eu-west-1.amazonaws.com/a.txt",
      "https://s3-eu-west-1.amazonaws.com/media/a.txt",
      "http://127.0.0.1:9000/media/a.txt",
    ]
  ) {
    await where(url);
  }
  assert(server.requests.every(({ operation, status }) => operation === "GetObject" && status === 403));
  assertEquals(await where("https://absent.s3.example.com/a.txt"), "absent");
});

Deno.test("the log of requests holds no secret and has an end", async () => {
  const server = testServer();
  await send(server, "/media/a.txt", { expires: 60 });
  assertEquals(server.requests, [
    { method: "GET", path: "/media/a.txt", operation: "GetObject", status: 404, errorCode: "NoSuchKey" },
  ]);
  for (let count = 0; count < 1005; count++) await server.fetch(new Request(`http://localhost/media/${count}`));
  assertEquals([server.requests.length, server.requests[999]?.path], [1000, "/media/1004"]);
});

Deno.test("temporary credentials end when they were said to", async () => {
  const temporary = (expiration: Date): ReturnType<typeof testServer> =>
    testServer({
      credentials: [{ accessKeyId: "testkey", secretAccessKey: "testsecret", sessionToken: "t", expiration }],
    });
  for (const expires of [undefined, 60]) {
    const ask = (server: ReturnType<typeof testServer>): Promise<[number, string | undefined]> =>
      outcome(send(server, "/media", { sessionToken: "t", ...(expires === undefined ? {} : { expires }) }));
    assertEquals(await ask(temporary(minutes(1))), [200, undefined]);
    assertEquals(await ask(temporary(NOW)), [400, "ExpiredToken"]);
  }
});
