import { assertEquals, assertGreater, assertInstanceOf, assertLess, assertRejects } from "@std/assert";
import { copyObject } from "../../../src/client/operations/copy_object.ts";
import {
  completeMultipartUpload,
  createMultipartUpload,
  uploadPart,
} from "../../../src/client/operations/multipart.ts";
import { deleteObject, getObject, headObject, putObject } from "../../../src/client/operations/objects.ts";
import type { S3Client } from "../../../src/client/s3_client.ts";
import {
  ConnectionError,
  NotFoundError,
  NotSupportedError,
  ServiceError,
  StorageError,
  ThrottledError,
} from "../../../src/errors.ts";
import { getUnencoded } from "../../../src/transfer/read/encoded_object.ts";
import { type Answer, clientOn, errorAnswer, networkError, scripted, withoutWaiting, xmlAnswer } from "../transport.ts";

const TARGET = { bucket: "bucket", key: "a.txt" };
const BODY = new Uint8Array([1, 2, 3]);
const OK = new Response(null, {
  status: 200,
  headers: { "x-amz-request-id": "1", etag: '"e"', "content-length": "0" },
});
const CREATED = xmlAnswer("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
const COMPLETED = xmlAnswer('<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>');
const COPIED = xmlAnswer('<CopyObjectResult><ETag>"e"</ETag></CopyObjectResult>');

type Operation = (client: S3Client) => Promise<unknown>;

const REPEATABLE: Readonly<Record<string, readonly [Operation, Response]>> = {
  PutObject: [(client) => putObject(client, { ...TARGET, body: BODY, headers: {} }), OK],
  HeadObject: [(client) => headObject(client, TARGET), OK],
  DeleteObject: [(client) => deleteObject(client, TARGET), OK],
  UploadPart: [(client) => uploadPart(client, { ...TARGET, uploadId: "u", partNumber: 1, body: BODY }), OK],
  CopyObject: [(client) => copyObject(client, { ...TARGET, source: { key: "b" } }), COPIED],
  CompleteMultipartUpload: [
    (client) => completeMultipartUpload(client, { ...TARGET, uploadId: "u", parts: [], headers: {} }),
    COMPLETED,
  ],
  CreateMultipartUpload: [(client) => createMultipartUpload(client, { ...TARGET, headers: {} }), CREATED],
};
const NOT_REPEATABLE: Readonly<Record<string, readonly [Operation, Response]>> = {
  "conditional PutObject": [
    (client) => putObject(client, { ...TARGET, body: BODY, headers: { "if-none-match": "*" } }),
    OK,
  ],
};

async function sendThrough(run: Operation, ...answers: Answer[]): Promise<{ sent: number; error?: unknown }> {
  const transport = scripted(...answers);
  return await withoutWaiting(async () => {
    try {
      await run(clientOn(transport));
      return { sent: transport.requests.length };
    } catch (error) {
      return { sent: transport.requests.length, error };
    }
  });
}

for (const [name, [run, success]] of Object.entries(REPEATABLE)) {
  for (
    const [what, failure] of [
      ["503 SlowDown", errorAnswer(503, "SlowDown")],
      ["503 without a document", new Response(null, { status: 503 })],
      ["500 InternalError", errorAnswer(500, "InternalError")],
      ["502 of a proxy", new Response("<html>", { status: 502 })],
      ["429", new Response(null, { status: 429 })],
      ["400 RequestTimeout", errorAnswer(400, "RequestTimeout")],
      ["400 BadDigest", errorAnswer(400, "BadDigest")],
      ["a failure of the network", networkError()],
    ] as const
  ) {
    Deno.test(`${name} is retried after ${what}`, async () => {
      assertEquals(await sendThrough(run, failure, success), { sent: 2 });
    });
  }
}

for (const [name, [run, success]] of Object.entries(NOT_REPEATABLE)) {
  for (
    const [what, failure] of [
      ["503 SlowDown", errorAnswer(503, "SlowDown")],
      ["503 ServiceUnavailable", errorAnswer(503, "ServiceUnavailable")],
      ["429 without a document", new Response(null, { status: 429 })],
      ["400 RequestTimeout", errorAnswer(400, "RequestTimeout")],
    ] as const
  ) {
    Deno.test(`${name} is retried after ${what}, which means that nothing was done`, async () => {
      assertEquals(await sendThrough(run, failure, success), { sent: 2 });
    });
  }
  for (
    const [what, failure] of [
      ["500 InternalError", errorAnswer(500, "InternalError")],
      ["502 of a proxy", new Response("<html>", { status: 502 })],
      ["503 of a proxy", new Response("upstream connect error or disconnect/reset before headers", { status: 503 })],
      ["503 without a document", new Response(null, { status: 503 })],
      ["a damaged answer", tlsError("ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC")],
      ["a failure of TLS that Bun does not explain", tlsError("EPROTO")],
      ["a failure of the network", networkError()],
    ] as const
  ) {
    Deno.test(`${name} is not retried after ${what}: it may have succeeded`, async () => {
      const { sent, error } = await sendThrough(run, failure, success);
      assertEquals(sent, 1);
      assertInstanceOf(error, StorageError);
    });
  }
}

function tlsError(code: string): TypeError {
  return new TypeError("fetch failed", { cause: Object.assign(new Error("TLS failed"), { code }) });
}

for (const [name, [run, success]] of Object.entries({ ...REPEATABLE, ...NOT_REPEATABLE })) {
  Deno.test(`${name} fails immediately if the certificate is refused`, async () => {
    const { sent, error } = await sendThrough(run, tlsError("CERT_HAS_EXPIRED"), success);
    assertEquals(sent, 1);
    assertInstanceOf(error, ConnectionError);
  });
}

for (const [name, [run, success]] of Object.entries(NOT_REPEATABLE)) {
  for (
    const [what, cause] of [
      ["was refused", { code: "ECONNREFUSED", syscall: "connect" }],
      ["has no name", { code: "ENOTFOUND", syscall: "getaddrinfo" }],
      ["has no route", { code: "EHOSTUNREACH", syscall: "connect" }],
    ] as const
  ) {
    Deno.test(`${name} is retried after a connection that ${what}: nothing was sent`, async () => {
      const failure = new TypeError("fetch failed", { cause: Object.assign(new Error("failed"), cause) });
      assertEquals(await sendThrough(run, failure, success), { sent: 2 });
    });
  }
}

for (const [name, [run, success]] of Object.entries({ ...REPEATABLE, ...NOT_REPEATABLE })) {
  if (success === OK) continue;
  for (const code of ["InternalError", "SlowDown"]) {
    Deno.test(`${name} is retried after status 200 with the error document ${code}`, async () => {
      const embedded = xmlAnswer(`<Error><Code>${code}</Code><Message>Try again.</Message></Error>`);
      assertEquals(await sendThrough(run, embedded, success), { sent: 2 });
    });
  }
  Deno.test(`${name} throws for status 200 with an error document`, async () => {
    const { sent, error } = await sendThrough(run, xmlAnswer("<Error><Code>NoSuchKey</Code></Error>"));
    assertInstanceOf(error, NotFoundError);
    assertEquals([sent, error.status, error.s3Code], [1, 200, "NoSuchKey"]);
  });
  Deno.test(`${name} throws for status 200 with another document, without a retry`, async () => {
    for (const body of ["<html><br></html>", "", "not xml"]) {
      const { sent, error } = await sendThrough(
        run,
        new Response(body, { status: 200, headers: { "x-amz-request-id": "id" } }),
      );
      assertInstanceOf(error, ServiceError);
      assertEquals(sent, 1);
    }
  });
}

Deno.test("permanent rejections are not retried", async () => {
  for (
    const answer of [
      errorAnswer(403, "AccessDenied"),
      errorAnswer(400, "InvalidRequest"),
      errorAnswer(404, "NoSuchKey"),
    ]
  ) {
    assertEquals((await sendThrough(REPEATABLE["PutObject"]![0], answer)).sent, 1);
  }
  const { sent, error } = await sendThrough(REPEATABLE["PutObject"]![0], errorAnswer(501, "NotImplemented"));
  assertInstanceOf(error, NotSupportedError);
  assertEquals(sent, 1);
});

Deno.test("a request is sent at most maxAttempts times, and the error has the number", async () => {
  for (const maxAttempts of [1, 3]) {
    const transport = scripted(errorAnswer(503, "SlowDown"));
    const client = clientOn(transport, { clientConfig: { maxAttempts } });
    const error = await withoutWaiting(() => assertRejects(() => headObject(client, TARGET), ThrottledError));
    assertEquals([transport.requests.length, error.attempts], [maxAttempts, maxAttempts]);
  }
});

Deno.test("a network failure is a ConnectionError with its cause and the number of attempts", async () => {
  const transport = scripted(networkError());
  const error = await withoutWaiting(() =>
    assertRejects(() => putObject(clientOn(transport), { ...TARGET, body: BODY, headers: {} }), ConnectionError)
  );
  const { operation, bucket, key, attempts } = error;
  assertEquals({ operation, bucket, key, attempts }, { operation: "PutObject", ...TARGET, attempts: 100 });
  assertInstanceOf(error.cause, TypeError);
  assertEquals(error.message, "PutObject failed: cannot reach bucket.s3.amazonaws.com: connection reset by peer");
});

Deno.test("a connection that breaks while the response is read counts as a network failure", async () => {
  const broken = (): Response => new Response(new ReadableStream({ pull: () => Promise.reject(networkError()) }));
  assertEquals(await sendThrough(REPEATABLE["CopyObject"]![0], broken, COPIED), { sent: 2 });
});

Deno.test("every attempt has a new signature and the same body", async () => {
  let seconds = 0;
  const transport = scripted(errorAnswer(500, "InternalError"), OK);
  const client = clientOn(transport, { now: () => new Date(Date.UTC(2026, 0, 31, 12, 0, seconds += 10)) });
  await withoutWaiting(() => putObject(client, { ...TARGET, body: BODY, headers: {} }));
  const [first, second] = transport.requests as [Request, Request];
  assertEquals(first.headers.get("x-amz-date") === second.headers.get("x-amz-date"), false);
  assertEquals(first.headers.get("authorization") === second.headers.get("authorization"), false);
  assertEquals(await second.bytes(), await first.bytes());
});

Deno.test("a retry waits for Retry-After", async () => {
  const transport = scripted(
    errorAnswer(503, "SlowDown", { headers: { "retry-after": "Sat, 31 Jan 2026 12:00:01 GMT" } }),
    OK,
  );
  const client = clientOn(transport, { now: () => new Date("2026-01-31T12:00:00.980Z") });
  const start = performance.now();
  await withoutWaiting(() => headObject(client, TARGET));
  assertGreater(performance.now() - start, 18);
  assertEquals(transport.requests.length, 2);
});

Deno.test("a Retry-After of more than a minute prevents the retry", async () => {
  for (const header of ["61", "86400", "99999999999999999999", "Sat, 31 Jan 2026 13:00:00 GMT"]) {
    const transport = scripted(errorAnswer(503, "SlowDown", { headers: { "retry-after": header } }), OK);
    const client = clientOn(transport, { now: () => new Date("2026-01-31T12:00:00Z") });
    await assertRejects(() => headObject(client, TARGET), ThrottledError);
    assertEquals(transport.requests.length, 1);
  }
});

Deno.test("failures are final while the retry budget is empty, and successes refill it", async () => {
  await withoutWaiting(async () => {
    let healthy = false;
    const transport = scripted(() => healthy ? OK.clone() : errorAnswer(503, "SlowDown"));
    const client = clientOn(transport);
    const sentFor = async (): Promise<number> => {
      const before = transport.requests.length;
      await headObject(client, TARGET).catch(() => {});
      return transport.requests.length - before;
    };
    for (let i = 0; i < 11; i++) assertEquals(await sentFor(), 10);
    assertEquals(await sentFor(), 2);
    assertEquals(await sentFor(), 1);
    healthy = true;
    for (let i = 0; i < 10; i++) await sentFor();
    healthy = false;
    const sent = await sentFor();
    assertGreater(sent, 1);
    assertLess(sent, 10);
  });
});

Deno.test("an operation throws if its response lacks the essential content", async () => {
  const empty = xmlAnswer("<Result/>");
  for (const [operation] of [REPEATABLE["CreateMultipartUpload"]!, REPEATABLE["CompleteMultipartUpload"]!]) {
    const { error } = await sendThrough(operation, empty);
    assertInstanceOf(error, ServiceError);
  }
  const { error } = await sendThrough(REPEATABLE["UploadPart"]![0], new Response());
  assertInstanceOf(error, ServiceError);
  const bare = await sendThrough(REPEATABLE["HeadObject"]![0], new Response(null, { headers: { etag: '"e"' } }));
  assertInstanceOf(bare.error, ServiceError, "a size that is not told is not taken for nothing");
});

Deno.test("a range that the service ignored throws instead of returning other bytes", async () => {
  const answer = new Response("whole object", { status: 200, headers: { "content-length": "12" } });
  const { error } = await sendThrough((client) => getObject(client, { ...TARGET, start: 6 }, getUnencoded), answer);
  assertInstanceOf(error, ServiceError);
});
