import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { presignUrlV2 } from "../../../../src/signing/mod.ts";
import { element, NOW, outcome, send, signed, store, testServer } from "./signed_requests.ts";

const minutes = (count: number): Date => new Date(NOW.getTime() + count * 60_000);

Deno.test("a signed request is accepted, an anonymous one refused", async () => {
  const server = testServer();
  assertEquals((await send(server, "/media")).status, 200);
  assertEquals(await outcome(server.fetch(new Request("http://localhost/media"))), [403, "AccessDenied"]);
});

Deno.test("the error for a wrong signature contains the string to sign, and no secret", async () => {
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

Deno.test("unknown keys, wrong tokens, wrong regions and wrong clocks have different errors", async () => {
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

Deno.test("a presigned URL expires exactly after X-Amz-Expires", async () => {
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

Deno.test("requests with an unsigned host or x-amz- header are refused", async () => {
  const server = testServer();
  const request = await signed("/media/a.txt", { method: "PUT", body: "x" });
  request.headers.set("x-amz-acl", "public-read");
  const text = await (await server.fetch(request)).text();
  assertEquals(element(text, "Message"), "There were headers present in the request which were not signed");
  assertEquals(element(text, "HeadersNotSigned"), "x-amz-acl");
});

Deno.test("a request with two signatures is refused", async () => {
  const request = await signed("/media/a.txt", { expires: 60 });
  request.headers.set("authorization", "AWS testkey:abc");
  assertEquals(await outcome(testServer().fetch(request)), [400, "InvalidArgument"]);
  const odd = new Request("http://localhost/media", { headers: { authorization: "Bearer abc" } });
  assertEquals(await outcome(testServer().fetch(odd)), [400, "InvalidArgument"]);
  const empty = new Request("http://localhost/media", { headers: { authorization: "AWS4-HMAC-SHA256 Credential=a" } });
  assertEquals(await outcome(testServer().fetch(empty)), [400, "AuthorizationHeaderMalformed"]);
});

Deno.test("a SigV2 header is accepted, and refused with another secret", async () => {
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

Deno.test("a parameter that counts as a header must be signed", async () => {
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
  const asParameter = presigned({}, acl), asHeader = presigned(acl);
  assertEquals(await outcome(put(asParameter)), [200, undefined]);
  assertEquals(await outcome(put(asHeader, acl)), [200, undefined]);
  assertEquals(await outcome(put(`${asParameter}&x-amz-acl=public-read`)), [400, "InvalidArgument"]);
  assertEquals(await outcome(put(`${asHeader}&x-amz-acl=public-read`, acl)), [400, "InvalidArgument"]);
  assertEquals(server.objects("media")[0]?.acl, "private");
});
