/** Responses of captive portals and proxies are neither results nor failures of the service. */
import { assert, assertEquals, assertInstanceOf, assertRejects, assertStringIncludes } from "@std/assert";
import { copyObject } from "../../../../src/client/operations/copy_object.ts";
import { deleteObjects } from "../../../../src/client/operations/delete_objects.ts";
import { listObjects } from "../../../../src/client/operations/list_objects.ts";
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
    (client) => listObjects(client, { bucket: "bucket", prefix: "" }),
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
  DeleteObjectTagging: [(client) => deleteObjectTagging(client, { ...TARGET, versionId: undefined }), DELETED],
};

const PAGE = "<html><body>Log in</body></html>";
const HTML = { "content-type": "text/html; charset=utf-8", "content-length": String(PAGE.length) };

/** Responses of portals and proxies; they send no body after HEAD. */
const FOREIGN: Readonly<Record<string, (method: string) => Response>> = {
  "200 with a page": (method) => new Response(method === "HEAD" ? null : PAGE, { headers: HTML }),
  "200 with a page of CloudFront": (method) =>
    new Response(method === "HEAD" ? null : PAGE, { headers: { ...HTML, "x-amz-cf-id": "id" } }),
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
  "503 with a page": (method) => new Response(method === "HEAD" ? null : PAGE, { status: 503, headers: HTML }),
  "511 with a page": (method) => new Response(method === "HEAD" ? null : PAGE, { status: 511, headers: HTML }),
};

for (const [operation, [run, success]] of Object.entries(OPERATIONS)) {
  Deno.test(`${operation} is retried after the response of a captive portal or a proxy, and never believes it`, async () => {
    for (const [what, foreign] of Object.entries(FOREIGN)) {
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
    "Invalid response to HeadObject: missing ETag and Last-Modified (status 200, text/html\\u0085). " +
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
    ["an ETag", new Response(PAGE, { headers: { ...HTML, etag: '"e"' } }), PAGE],
    ["Last-Modified", new Response(PAGE, { headers: { ...HTML, "last-modified": new Date(0).toUTCString() } }), PAGE],
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

Deno.test("failures of the service are no foreign ones, also without a document", async () => {
  const answers: [Response, new (message: string) => StorageError][] = [
    [bareAnswer(404), NotFoundError],
    [bareAnswer(404, { "content-type": "application/xml" }), NotFoundError],
    [bareAnswer(404, { "content-type": "text/html", "content-length": "0" }), NotFoundError],
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
