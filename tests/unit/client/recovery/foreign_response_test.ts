/** Responses of captive portals and proxies are neither results nor failures of the service. */
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import { copyObject } from "../../../../src/client/operations/copy_object.ts";
import { deleteObjects } from "../../../../src/client/operations/delete_objects.ts";
import { listPages } from "../../../../src/client/operations/list_objects.ts";
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  uploadPart,
} from "../../../../src/client/operations/multipart.ts";
import {
  deleteObjectTagging,
  getObjectTagging,
  putObjectTagging,
} from "../../../../src/client/operations/object_tagging.ts";
import { putObjectAcl } from "../../../../src/client/operations/object_acl.ts";
import { deleteObject, headObject, putObject } from "../../../../src/client/operations/objects.ts";
import type { S3Client } from "../../../../src/client/s3_client.ts";
import { NotFoundError, PermissionDeniedError, ServiceError, type StorageError } from "../../../../src/errors.ts";
import { readObject } from "../../../../src/transfer/read/object_reader.ts";
import {
  type Answer,
  bareAnswer,
  clientOn,
  errorAnswer,
  scripted,
  withoutWaiting,
  xmlAnswer,
} from "../../transport.ts";

const TARGET = { bucket: "bucket", key: "a.txt" };
const UPLOAD = { ...TARGET, uploadId: "u" };
const BODY = new Uint8Array([1, 2, 3]);
const OK = bareAnswer(200, { etag: '"e"', "content-length": "0" });
const DELETED = bareAnswer(204);

/** Every operation, with a response of the service and whether it is a HEAD request. */
const OPERATIONS: Readonly<Record<string, readonly [(client: S3Client) => Promise<unknown>, Response]>> = {
  PutObject: [(client) => putObject(client, { ...TARGET, body: BODY, headers: {} }), OK],
  GetObject: [async (client) => await new Response((await readObject(client, TARGET)).body).text(), OK],
  HeadObject: [(client) => headObject(client, TARGET), OK],
  DeleteObject: [(client) => deleteObject(client, TARGET), DELETED],
  DeleteObjects: [async (client) => {
    const [failure] = await deleteObjects(client, { bucket: "bucket", keys: ["a", "b"] });
    if (failure !== undefined) throw failure;
  }, xmlAnswer("<DeleteResult/>")],
  ListObjectsV2: [
    (client) => listPages(client, { bucket: "bucket", prefix: "" }).next(),
    xmlAnswer("<ListBucketResult/>"),
  ],
  CopyObject: [
    (client) => copyObject(client, { ...TARGET, source: { key: "b" } }),
    xmlAnswer('<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>'),
  ],
  CreateMultipartUpload: [
    (client) => createMultipartUpload(client, { ...TARGET, headers: {} }),
    xmlAnswer("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"),
  ],
  UploadPart: [(client) => uploadPart(client, { ...UPLOAD, partNumber: 1, body: BODY }), OK],
  CompleteMultipartUpload: [
    (client) => completeMultipartUpload(client, { ...UPLOAD, parts: [], headers: {} }),
    xmlAnswer('<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>'),
  ],
  AbortMultipartUpload: [(client) => abortMultipartUpload(client, UPLOAD), DELETED],
  GetObjectTagging: [
    (client) => getObjectTagging(client, { ...TARGET, versionId: undefined }),
    xmlAnswer("<Tagging><TagSet/></Tagging>"),
  ],
  PutObjectTagging: [
    (client) => putObjectTagging(client, { ...TARGET, versionId: undefined, tags: {} }),
    bareAnswer(200, { "x-amz-request-id": "id" }),
  ],
  PutObjectAcl: [
    (client) => putObjectAcl(client, { ...TARGET, versionId: undefined, acl: "private" }),
    bareAnswer(200, { "x-amz-request-id": "id" }),
  ],
  DeleteObjectTagging: [(client) => deleteObjectTagging(client, { ...TARGET, versionId: undefined }), DELETED],
};

const PAGE = "<html><body>Log in</body></html>";
const HTML = { "content-type": "text/html; charset=utf-8", "content-length": String(PAGE.length) };

/** What web servers, and frameworks such as Express and Rails, send with pages. */
const DATE = "Mon, 01 Jan 2024 00:00:00 GMT";
const NGINX = `"${(Date.parse(DATE) / 1000).toString(16)}-${PAGE.length.toString(16)}"`;
const APACHE = `"${PAGE.length.toString(16)}-60dd8a3b4c2c0"`;

const pageWith = (headers: Record<string, string>, status = 200) => (method: string): Response =>
  new Response(method === "HEAD" ? null : PAGE, { status, headers: { ...HTML, ...headers } });

/** A message of a gateway. */
const message = (status: number, extra = {}) => (method: string): Response => {
  const text = '{"message":"no Route matched with those values"}';
  const headers = {
    ...extra,
    "content-type": "application/json; charset=utf-8",
    "content-length": String(text.length),
  };
  return new Response(method === "HEAD" ? null : text, { status, headers });
};

/** Operations that believe a 200 without anything. */
const SETTING = /^(Put|Delete)Object(Tagging|Acl)$/;

/** Responses of portals and proxies; they send no body after HEAD. */
const FOREIGN: Readonly<Record<string, (method: string) => Response>> = {
  "200 with a page": (method) => new Response(method === "HEAD" ? null : PAGE, { headers: HTML }),
  "200 with a page of CloudFront": (method) =>
    new Response(method === "HEAD" ? null : PAGE, { headers: { ...HTML, "x-amz-cf-id": "id" } }),
  "200 with a page of Express": pageWith({ etag: 'W/"12-abcdef"' }),
  "200 with a page of Rails": pageWith({ etag: 'W/"0123456789abcdef0123456789abcdef"', "cache-control": "private" }),
  "200 with a page and a strong ETag": pageWith({ etag: '"12-abcdef"' }),
  "200 with a page and Last-Modified": pageWith({ "last-modified": DATE }),
  "200 with a file of nginx": pageWith({ etag: NGINX, "last-modified": DATE }),
  "200 with a file of nginx, compressed": pageWith({ etag: `W/${NGINX}`, "last-modified": DATE }),
  "200 with a file of Apache": pageWith({ etag: APACHE, "last-modified": DATE }),
  "200 with a file of Express": pageWith({ etag: 'W/"20-18cc251f400"', "last-modified": DATE }),
  "200 with a page of CloudFront with an ETag": pageWith({ etag: '"abc"', "x-amz-cf-id": "id" }),
  "200 with a page of a chunked response": (method) =>
    new Response(method === "HEAD" ? null : PAGE, { headers: { "content-type": "text/html", etag: '"abc"' } }),
  "200 with a message": message(200),
  "200 with a message of Express": message(200, { etag: 'W/"30-abcdef"' }),
  "200 with a message and a strong ETag": message(200, { etag: '"0123456789abcdef0123456789abcdef"' }),
  "200 with plain text": (method) =>
    new Response(method === "HEAD" ? null : "default backend", {
      headers: { "content-type": "text/plain", "content-length": "15" },
    }),
  "200 without anything": () => bareAnswer(200),
  "200 and no bytes": () => bareAnswer(200, { "content-length": "0" }),
  "202 of a challenge": () => bareAnswer(202, { "content-length": "0", "x-amzn-waf-action": "challenge" }),
  "302 to a login page": () => bareAnswer(302, { location: "https://login.example.com/" }),
  "303 to a login page": () => bareAnswer(303, { location: "/login" }),
  "307 with a page": (method) =>
    new Response(method === "HEAD" ? null : PAGE, { status: 307, headers: { ...HTML, location: "/login" } }),
  "401 with a page": (method) => new Response(method === "HEAD" ? null : PAGE, { status: 401, headers: HTML }),
  "403 with a page": (method) => new Response(method === "HEAD" ? null : PAGE, { status: 403, headers: HTML }),
  "404 with a page": (method) => new Response(method === "HEAD" ? null : PAGE, { status: 404, headers: HTML }),
  "404 with plain text": (method) =>
    new Response(method === "HEAD" ? null : "404 page not found", {
      status: 404,
      headers: { "content-type": "text/plain; charset=utf-8", "content-length": "18" },
    }),
  "404 with a chunked page": (method) =>
    new Response(method === "HEAD" ? null : PAGE, { status: 404, headers: { "content-type": "text/html" } }),
  "404 with a page and an ETag": pageWith({ etag: '"abc"' }, 404),
  "404 with a message": message(404),
  "404 of the API Gateway": (method) => {
    const response = message(404)(method);
    response.headers.set("x-amzn-requestid", "id");
    response.headers.set("x-amz-apigw-id", "id");
    return response;
  },
  "404 of Envoy": () => bareAnswer(404, { server: "envoy", "content-length": "0" }),
  "404 of an AWS load balancer": () => bareAnswer(404, { server: "awselb/2.0", "content-length": "0" }),
  "412 with a page": pageWith({}, 412),
  "503 with a page": (method) => new Response(method === "HEAD" ? null : PAGE, { status: 503, headers: HTML }),
  "511 with a page": (method) => new Response(method === "HEAD" ? null : PAGE, { status: 511, headers: HTML }),
};

for (const [operation, [run, success]] of Object.entries(OPERATIONS)) {
  Deno.test(`${operation} is retried after the response of a captive portal or a proxy, and never believes it`, async () => {
    for (const [what, foreign] of Object.entries(FOREIGN)) {
      if (SETTING.test(operation) && /^200 (without anything|and no bytes)/.test(what)) continue;
      const portal: Answer = ({ method }) => foreign(method);
      const passing = scripted(portal, success);
      await withoutWaiting(() => run(clientOn(passing)));
      assertEquals(passing.requests.length, 2, what);
      const lasting = scripted(portal);
      const error = await withoutWaiting(() => run(clientOn(lasting, { clientConfig: { maxAttempts: 3 } }))).then(
        () => undefined,
        (error) => error,
      );
      if (what.startsWith("503")) continue; // it is retried as an outage
      assertInstanceOf(error, ServiceError, what);
      assertEquals([error.attempts, lasting.requests.length], [3, 3], what);
      assertEquals([error.operation, error.bucket], [operation, "bucket"], what);
    }
  });
}

Deno.test("the error for a foreign response tells what it is, and has the response", async () => {
  const answer = new Response(PAGE, { headers: { "content-type": "text/html\u0085" } });
  const client = clientOn(scripted(() => answer), { clientConfig: { maxAttempts: 1 } });
  const error = await assertRejects(() => headObject(client, TARGET), ServiceError);
  assertEquals(
    error.message,
    "Invalid response to HeadObject of bucket/a.txt: not from an S3 server (status 200, text/html\\u0085). " +
      "If no captive portal or proxy sent it, check endpointUrl",
  );
  assertEquals([error.response, error.key], [answer, "a.txt"]);
});

Deno.test("a conditional write is not retried after a foreign response: a proxy may have passed it on", async () => {
  const transport = scripted(new Response(PAGE, { headers: HTML }));
  const input = { ...TARGET, body: BODY, headers: { "if-none-match": "*" } };
  await assertRejects(() => putObject(clientOn(transport), input), ServiceError);
  assertEquals(transport.requests.length, 1);
});

Deno.test("the body of a foreign response is cancelled", async () => {
  let cancelled = 0;
  const page = (): Response =>
    new Response(new ReadableStream({ cancel: () => void cancelled++ }), { headers: { "content-type": "text/html" } });
  await withoutWaiting(() => readObject(clientOn(scripted(page, page, OK)), TARGET));
  assertEquals(cancelled, 2);
});

Deno.test("objects of servers that send little are read", async () => {
  const answers: [string, Response, string][] = [
    [
      "an ETag and Last-Modified",
      new Response(PAGE, { headers: { ...HTML, etag: '"e"', "last-modified": DATE } }),
      PAGE,
    ],
    [
      "an ETag that a proxy has made weak",
      new Response(PAGE, {
        headers: { ...HTML, etag: 'W/"0123456789abcdef0123456789abcdef-2"', "last-modified": DATE },
      }),
      PAGE,
    ],
    [
      "an ETag alone",
      new Response(PAGE, { headers: { ...HTML, "content-type": "text/css", etag: '"e"' } }),
      PAGE,
    ],
    [
      "Last-Modified alone",
      new Response(PAGE, { headers: { ...HTML, "content-type": "text/css", "last-modified": DATE } }),
      PAGE,
    ],
    ["a request id", new Response(PAGE, { headers: { ...HTML, "x-amz-request-id": "id" } }), PAGE],
    ["a header of Google", new Response(PAGE, { headers: { ...HTML, "x-guploader-uploadid": "id" } }), PAGE],
    [
      "no header but an own type",
      new Response("{}", { headers: { "content-type": "video/mp4", "content-length": "2" } }),
      "{}",
    ],
    ["no header at all", new Response(BODY, { headers: { "content-length": "3" } }), "\x01\x02\x03"],
    ["no bytes, but an ETag", OK.clone(), ""],
  ];
  for (const [what, answer, expected] of answers) {
    const transport = scripted(() => answer);
    const { body } = await readObject(clientOn(transport), TARGET);
    assertEquals([await new Response(body).text(), transport.requests.length], [expected, 1], what);
  }
});

Deno.test("ranges and headers of servers that send little are read", async () => {
  const range = bareAnswer(206, {
    "content-length": "1",
    "content-range": "bytes 1-1/3",
    "content-type": "text/plain",
  });
  assertEquals((await readObject(clientOn(scripted(() => range)), { ...TARGET, start: 1 })).head.size, 3);
  assertEquals((await headObject(clientOn(scripted(bareAnswer(200, { "content-length": "3" }))), TARGET)).size, 3);
});

for (const name of ["PutObjectTagging", "PutObjectAcl", "DeleteObjectTagging"]) {
  Deno.test(`${name} believes an empty 200 without headers of S3, as moto and old versitygw send it`, async () => {
    const [run] = OPERATIONS[name]!;
    for (const type of [undefined, "text/html; charset=utf-8", "text/plain"]) {
      const headers = { "content-length": "0", ...type && { "content-type": type }, "x-amzn-requestid": "id" };
      for (const answer of [bareAnswer(200, headers), ...type ? [] : [bareAnswer(200)]]) {
        const transport = scripted(answer);
        await run(clientOn(transport));
        assertEquals(transport.requests.length, 1, type);
      }
    }
  });
}

Deno.test("a write is believed with an ETag and an empty response, whatever its type", async () => {
  const headers = { "content-type": "text/html; charset=utf-8", "content-length": "0", etag: '"e"' }; // as of moto
  for (const name of ["PutObject", "UploadPart"]) {
    const transport = scripted(bareAnswer(200, headers));
    await OPERATIONS[name]![0](clientOn(transport));
    assertEquals(transport.requests.length, 1, name);
  }
});

Deno.test("a write is not believed if text comes back with an ETag", async () => {
  for (const name of ["PutObject", "UploadPart"]) {
    const [run, success] = OPERATIONS[name]!;
    const headers = {
      "content-type": "text/plain",
      "content-length": "13",
      etag: '"0123456789abcdef0123456789abcdef"',
    };
    const transport = scripted(() => new Response("Please log in", { headers }), success);
    await withoutWaiting(() => run(clientOn(transport)));
    assertEquals(transport.requests.length, 2, name);
  }
});

Deno.test("an empty 404 without headers of S3 is no answer of the service to GET and DELETE", async () => {
  for (const name of ["GetObject", "DeleteObject", "PutObject", "AbortMultipartUpload"]) {
    for (const headers of [{}, { "content-length": "0" }, { "content-type": "text/html", "content-length": "0" }]) {
      const [run, success] = OPERATIONS[name]!;
      const passing = scripted(bareAnswer(404, headers as Record<string, string>), success);
      await withoutWaiting(() => run(clientOn(passing)));
      assertEquals(passing.requests.length, 2, name);
    }
  }
});

Deno.test("a 404 to DELETE with a header or a document of S3 means deleted", async () => {
  const answers = [
    bareAnswer(404, { "x-amz-request-id": "id" }),
    bareAnswer(404, { "x-amz-id-2": "id" }),
    bareAnswer(404, { "content-type": "application/xml" }),
    errorAnswer(404, "NoSuchKey"),
    xmlAnswer("<Error><Message>Not found</Message></Error>", 404),
  ];
  for (const answer of answers) {
    const transport = scripted(answer);
    await deleteObject(clientOn(transport), TARGET);
    assertEquals(transport.requests.length, 1);
  }
});

Deno.test("failures of the service are no foreign ones, also without a document", async () => {
  const answers: [Response, new (message: string) => StorageError][] = [
    [bareAnswer(404), NotFoundError],
    [bareAnswer(404, { "content-type": "application/xml" }), NotFoundError],
    [bareAnswer(404, { "content-type": "text/html", "content-length": "0" }), NotFoundError],
    [bareAnswer(404, { "content-type": "text/plain" }), NotFoundError],
    [bareAnswer(404, { server: "envoy", "x-envoy-upstream-service-time": "2" }), NotFoundError],
    [bareAnswer(404, { ...HTML, "x-amz-request-id": "id" }), NotFoundError],
    [bareAnswer(403), PermissionDeniedError],
  ];
  for (const [answer, ErrorClass] of answers) {
    const transport = scripted(answer);
    await assertRejects(() => headObject(clientOn(transport), TARGET), ErrorClass);
    assertEquals(transport.requests.length, 1);
  }
  const labelled = errorAnswer(404, "NoSuchKey", { headers: { "content-type": "text/html" } });
  await assertRejects(() => readObject(clientOn(scripted(labelled)), TARGET), NotFoundError);
});

Deno.test("a proxy's page does not correct region, clock or credentials", async () => {
  const date = new Date(0).toUTCString();
  const transport = scripted(bareAnswer(403, { ...HTML, date }), OK);
  await withoutWaiting(() => headObject(clientOn(transport), TARGET));
  const [first, second] = transport.requests.map(({ headers }) => headers.get("x-amz-date")!.slice(0, 4));
  assertEquals(first, second);
});

Deno.test("a page while an object is read ends no read, and its bytes are not the object's", async () => {
  const half = new Response(
    new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        controller.enqueue(new Uint8Array([1]));
        controller.close();
      },
    }),
    { headers: { etag: '"e"', "content-length": "3" } },
  );
  const rest = new Response(new Uint8Array([2, 3]), {
    status: 206,
    headers: { etag: '"e"', "content-length": "2", "content-range": "bytes 1-2/3" },
  });
  const page = new Response(PAGE, { headers: HTML });
  const transport = scripted(() => half, page, rest);
  const bytes = await withoutWaiting(async () =>
    await new Response((await readObject(clientOn(transport), TARGET)).body).bytes()
  );
  assertEquals([bytes, transport.requests.length], [BODY, 3]);
  assert(transport.requests.every(({ method }) => method === "GET"));
  assertStringIncludes(transport.requests[2]!.headers.get("range")!, "bytes=1-");
});
