import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import {
  ConnectionError,
  NotFoundError,
  PermissionDeniedError,
  ServiceError,
  SuspiciousNameError,
} from "../../../../src/errors.ts";
import type { StorageRequest } from "../../../../src/s3/objects/custom_request.ts";
import { createS3Server } from "../../../../src/testing/mod.ts";
import { s3On } from "../../storage/storages.ts";
import {
  bareAnswer,
  errorAnswer,
  networkError,
  scripted,
  type ScriptedTransport,
  watchedBody,
  withoutWaiting,
  xmlAnswer,
} from "../../transport.ts";

const OK = (): Response => new Response("ok");

/** The address of a request, without host. */
function pathOf({ requests }: ScriptedTransport, index = 0): string {
  const { pathname, search } = new URL(requests[index]!.url);
  return pathname + search;
}

Deno.test("request() sends an operation of the bucket, of a file, or of any key", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server, { location: "up" });
  await storage.save("a b.txt", "hello");
  const listing = await storage.request({ method: "GET", query: { "list-type": 2, prefix: "up/" } });
  assertEquals([listing.status, (await listing.text()).includes("<Key>up/a b.txt</Key>")], [200, true]);
  const file = await storage.request({ method: "GET", name: "a b.txt", headers: { Range: "bytes=1-3" } });
  assertEquals([file.status, await file.text()], [206, "ell"]);
  const head = await storage.request({ method: "HEAD", key: "up/a b.txt" });
  assertEquals([head.headers.get("content-length"), head.body], ["5", null]);
  const written = await storage.request({ method: "PUT", key: "elsewhere//odd/", body: new Uint8Array([1, 2]) });
  assertEquals(await written.text(), "");
  assertEquals((await storage.request({ method: "DELETE", name: "a b.txt" })).status, 204);
  assertEquals(server.objects("media").map(({ key, bytes }) => [key, [...bytes]]), [["elsewhere//odd/", [1, 2]]]);
});

Deno.test("request() signs what it sends, so that a server checks it", async () => {
  const server = createS3Server({ buckets: ["media"] });
  for (const options of [{}, { addressingStyle: "path" }, { signatureVersion: "s3" }] as const) {
    const storage = s3On(server, options);
    const tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>";
    await storage.save("a b+ü.txt", "hello");
    await storage.request({ method: "PUT", name: "a b+ü.txt", query: { tagging: "" }, body: tags });
    assertEquals(await storage.getTags("a b+ü.txt"), { a: "1" });
  }
});

Deno.test("request() sends the MD5 of a document, unless there is a checksum or the body is a Blob", async () => {
  const digests = async (request: Partial<StorageRequest>): Promise<(string | null)[]> => {
    const transport = scripted(OK);
    await (await s3On(transport).request({ method: "PUT", query: { cors: "" }, ...request })).text();
    const { headers } = transport.requests[0]!;
    return [headers.get("content-md5"), headers.get("x-amz-checksum-crc32")];
  };
  assertEquals(await digests({ body: "hello" }), ["XUFAKrxLKna5cZ2REBfFkg==", null]);
  assertEquals(await digests({ body: new TextEncoder().encode("hello").buffer }), ["XUFAKrxLKna5cZ2REBfFkg==", null]);
  assertEquals(await digests({ body: new Blob(["hello"]) }), [null, null]);
  assertEquals(await digests({ body: "hello", headers: { "X-Amz-Checksum-CRC32": "NhCmhg==" } }), [null, "NhCmhg=="]);
  assertEquals(await digests({ body: "hello", headers: { "content-MD5": "x" } }), ["x", null]);
  assertEquals(await digests({}), [null, null]);
});

Deno.test("request() sends the parameters of every operation, which its headers may replace", async () => {
  const transport = scripted(OK);
  const storage = s3On(transport, {
    objectParameters: { RequestPayer: "requester", ExpectedBucketOwner: "1", ContentType: "a/b" },
  });
  for (const target of [{}, { name: "a.txt" }]) {
    await (await storage.request({ method: "PUT", ...target, headers: { "X-Amz-Expected-Bucket-Owner": "2" } })).text();
    const { headers } = transport.requests.at(-1)!;
    assertEquals(headers.get("x-amz-request-payer"), "requester");
    assertEquals([headers.get("x-amz-expected-bucket-owner"), headers.get("content-type")], ["2", null]);
  }
});

Deno.test("request() retries as every call does, a POST or a conditional write only if it certainly was not done", async () => {
  const attempts = async (answer: Response | Error, request: StorageRequest): Promise<number> => {
    const transport = scripted(answer, OK);
    await withoutWaiting(async () => {
      await (await s3On(transport).request(request).catch(() => undefined))?.text();
    });
    return transport.requests.length;
  };
  const unavailable = errorAnswer(500, "InternalError");
  for (const method of ["GET", "HEAD", "PUT", "DELETE"] as const) {
    assertEquals(await attempts(unavailable, { method, name: "a" }), 2, method);
    assertEquals(await attempts(networkError(), { method, name: "a" }), 2, method);
  }
  assertEquals(await attempts(networkError(), { method: "POST", name: "a", query: { restore: "" } }), 1);
  assertEquals(await attempts(errorAnswer(503, "SlowDown"), { method: "POST", query: { delete: "" } }), 2);
  const headers = { "If-None-Match": "*" };
  assertEquals(await attempts(networkError(), { method: "PUT", name: "a", headers }), 1);
  assertEquals(await attempts(networkError(), { method: "GET", name: "a", headers }), 2);
});

Deno.test("request() throws the errors of all calls, which name the operation", () =>
  withoutWaiting(async () => {
    const refused = s3On(scripted(errorAnswer(403, "AccessDenied")));
    await assertRejects(
      () => refused.request({ method: "GET", query: { lifecycle: "" } }),
      PermissionDeniedError,
      "GET ?lifecycle of media failed: AccessDenied",
    );
    const missing = s3On(scripted(errorAnswer(404, "NoSuchLifecycleConfiguration")));
    const error = await assertRejects(() => missing.request({ method: "DELETE", name: "a" }), NotFoundError);
    assertEquals([error.s3Code, error.status, error.key, error.operation], [
      "NoSuchLifecycleConfiguration",
      404,
      "a",
      "DELETE",
    ]);
    assertEquals(error.response?.status, 404);
    const odd = s3On(scripted(bareAnswer(302, { location: "https://evil.example/" })));
    await assertRejects(() => odd.request({ method: "GET" }), ServiceError);
  }));

Deno.test("request() delivers the body as it is read, and cancels it", async () => {
  const { stream, fate } = watchedBody();
  const response = await s3On(scripted(() => new Response(stream, { headers: { "x-amz-meta-a": "b" } })))
    .request({ method: "GET", name: "a" });
  assertEquals([fate(), response.headers.get("x-amz-meta-a")], ["left alone", "b"]);
  await response.body!.cancel();
  assertEquals(fate(), "cancelled");
  const read = watchedBody();
  const other = await s3On(scripted(() => new Response(read.stream))).request({ method: "GET", name: "a" });
  assertEquals([(await other.bytes()).length, read.fate()], [3072, "read"]);
});

Deno.test("request() reports a connection that breaks while the body is read", async () => {
  const broken = (): Response => {
    let isFirst = true;
    return new Response(
      new ReadableStream({
        pull: (controller) => {
          if (!isFirst) return controller.error(networkError());
          isFirst = false;
          controller.enqueue(new Uint8Array(3));
        },
      }, { highWaterMark: 0 }),
    );
  };
  const response = await s3On(scripted(broken)).request({ method: "GET", name: "a" });
  await assertRejects(() => response.text(), ConnectionError, "GET failed");
});

Deno.test("request() honours its signal, before the response and while its body is read", async () => {
  const reason = new Error("enough");
  const transport = scripted(OK);
  const aborted = s3On(transport).request({ method: "GET", signal: AbortSignal.abort(reason) });
  assertStrictEquals(await assertRejects(() => aborted), reason);
  assertEquals(transport.requests.length, 0);
  const controller = new AbortController();
  const silent = new ReadableStream<Uint8Array<ArrayBuffer>>();
  const response = await s3On(scripted(() => new Response(silent)))
    .request({ method: "GET", name: "a", signal: controller.signal });
  const reading = response.text();
  controller.abort(reason);
  assertStrictEquals(await assertRejects(() => reading), reason);
});

Deno.test("request() goes to no other host or bucket, whatever the key, the query and the headers are", async () => {
  const keys = [
    "/evil.example/x",
    "//evil.example/x",
    "https://evil.example/x",
    "@evil.example/x",
    "?acl",
    "#x",
    "a?b=c",
    "\\..\\other/x",
    "%2e%2e/other/x",
    "a b\r\nHost: evil.example",
    "..a/..../x",
  ];
  for (const addressingStyle of ["path", "virtual"] as const) {
    const transport = scripted(OK);
    const storage = s3On(transport, { addressingStyle });
    for (const key of keys) {
      await (await storage.request({ method: "GET", key, query: { "&x=1#": "?/../" } })).text();
      const { host, pathname, search } = new URL(transport.requests.at(-1)!.url);
      const [expected, folder] = addressingStyle === "path"
        ? ["s3.amazonaws.com", "/media/"]
        : ["media.s3.amazonaws.com", "/"];
      assertEquals([host, pathname.startsWith(folder)], [expected, true], key);
      assertEquals(decodeURIComponent(pathname.slice(folder.length)), key);
      assertEquals(search, "?%26x%3D1%23=%3F%2F..%2F");
    }
    for (
      const key of [
        "..",
        "../other/x",
        "a/../../other/x",
        "a/..",
        "./a",
        "a/./b",
        ".",
        "",
        "a\0",
        "\ud800",
        "k".repeat(1025),
      ]
    ) {
      await assertRejects(
        () => storage.request({ method: "GET", key }),
        TypeError,
        "Cannot send a request: key must have",
      );
    }
    for (const name of ["../other/x", "/x", ""]) {
      await assertRejects(() => storage.request({ method: "GET", name }), SuspiciousNameError);
    }
    assertEquals(transport.requests.length, keys.length);
  }
});

Deno.test("request() refuses headers and parameters that the storage sets itself", async () => {
  const transport = scripted(OK);
  const storage = s3On(transport);
  const headers = [
    ..."Authorization Host Date X-Amz-Date X-Amz-Content-Sha256 X-Amz-Security-Token Content-Length".split(" "),
    ..."Transfer-Encoding Connection Expect Keep-Alive TE Trailer Upgrade Proxy-Authorization X-Amz-Trailer".split(" "),
  ];
  for (const name of headers) {
    for (const header of [name, name.toLowerCase()]) {
      await assertRejects(
        () => storage.request({ method: "GET", headers: { [header]: "evil.example" } }),
        TypeError,
        `Cannot send a request: the header ${header} cannot be given, as the storage sets it`,
      );
    }
  }
  for (const name of ["X-Amz-Signature", "x-amz-credential", "X-Amz-Expires", "AWSAccessKeyId", "Signature"]) {
    await assertRejects(
      () => storage.request({ method: "GET", query: { [name]: "x" } }),
      TypeError,
      `Cannot send a request: query.${name} is part of a signature`,
    );
  }
  assertEquals(transport.requests.length, 0);
});

Deno.test("request() encodes its query, and omits what is undefined", async () => {
  const transport = scripted(OK);
  const query = { uploads: "", prefix: "ä b&", "max-uploads": 5, fetch: true, marker: undefined };
  await (await s3On(transport).request({ method: "GET", query })).text();
  assertEquals(pathOf(transport), "/?uploads=&prefix=%C3%A4%20b%26&max-uploads=5&fetch=true");
});

Deno.test("request() returns a response without a body for HEAD and 204", async () => {
  const storage = s3On(scripted(bareAnswer(204), bareAnswer(200), xmlAnswer("<a/>")));
  assertEquals((await storage.request({ method: "DELETE", name: "a" })).body, null);
  assertEquals((await storage.request({ method: "HEAD", name: "a" })).body, null);
  assertEquals((await storage.request({ method: "GET", name: "a" })).body === null, false);
});
