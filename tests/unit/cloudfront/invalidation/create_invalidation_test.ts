import { assert, assertEquals, assertInstanceOf, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { AwsV4Signer } from "aws4fetch";
import { createInvalidation, type InvalidationOptions } from "../../../../src/cloudfront/invalidation/mod.ts";
import {
  ConnectionError,
  NotFoundError,
  PermissionDeniedError,
  ServiceError,
  StorageError,
  ThrottledError,
  TimeoutError,
  UnauthenticatedError,
} from "../../../../src/errors.ts";
import { ScriptedCloudFront, type Turn } from "../../../fakes/scripted_cloudfront.ts";

const ANSWER = `<?xml version="1.0"?>
<Invalidation xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><CreateTime>2026-07-22T20:00:00Z</CreateTime>
<Id>I2J0I21PCUYOIK</Id><InvalidationBatch/><Status>InProgress</Status></Invalidation>`;
const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI-secret" };
const OPTIONS = {
  distributionId: "EDFDVBD6EXAMPLE",
  paths: ["/index.html"],
  credentials: CREDENTIALS,
  callerReference: "release-7",
  now: () => new Date("2026-07-22T20:00:00.123Z"),
} satisfies InvalidationOptions;

interface Sent {
  readonly request: Request;
  readonly body: string;
}

/** Returns the request of an invalidation without sending it. */
async function send(options: Partial<InvalidationOptions> = {}): Promise<Sent & { readonly answer: unknown }> {
  let sent: Sent | undefined;
  const answer = await createInvalidation({
    ...OPTIONS,
    fetch: async (request) => {
      sent = { request, body: await request.clone().text() };
      return new Response(ANSWER, { status: 201 });
    },
    ...options,
  });
  return { ...sent!, answer };
}

function failWith(status: number, body: string): Promise<unknown> {
  return createInvalidation({ ...OPTIONS, fetch: () => Promise.resolve(new Response(body, { status })) });
}

function errorDocument(code: string): string {
  return `<ErrorResponse xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"><Error><Type>Sender</Type><Code>${code}</Code>` +
    `<Message>It cannot be.</Message></Error><RequestId>410c2a4b</RequestId></ErrorResponse>`;
}

Deno.test("an invalidation is a POST to the distribution", async () => {
  const { request, body, answer } = await send();
  assertEquals(request.method, "POST");
  assertEquals(request.url, "https://cloudfront.amazonaws.com/2020-05-31/distribution/EDFDVBD6EXAMPLE/invalidation");
  assertEquals(
    body,
    '<?xml version="1.0" encoding="UTF-8"?><InvalidationBatch xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/">' +
      "<Paths><Quantity>1</Quantity><Items><Path>/index.html</Path></Items></Paths>" +
      "<CallerReference>release-7</CallerReference></InvalidationBatch>",
  );
  assertEquals(answer, { id: "I2J0I21PCUYOIK", status: "InProgress", callerReference: "release-7" });
});

Deno.test("an invalidation is signed for cloudfront in us-east-1, body included", async () => {
  const { request, body } = await send({ credentials: () => ({ ...CREDENTIALS, sessionToken: "token" }) });
  assertEquals(request.headers.get("x-amz-date"), "20260722T200000Z");
  assertEquals(request.headers.get("x-amz-security-token"), "token");
  const signer = new AwsV4Signer({
    ...CREDENTIALS,
    sessionToken: "token",
    method: "POST",
    url: request.url,
    headers: { "content-type": "application/xml" },
    body,
    service: "cloudfront",
    region: "us-east-1",
    datetime: "20260722T200000Z",
  });
  const expected = (await signer.sign()).headers.get("authorization");
  assertEquals(request.headers.get("authorization"), expected);
  assertMatch(expected!, /Credential=AKIDEXAMPLE\/20260722\/us-east-1\/cloudfront\/aws4_request/);
  const other = await send({ paths: ["/other.html"], credentials: () => ({ ...CREDENTIALS, sessionToken: "token" }) });
  assertNotEquals(other.request.headers.get("authorization"), expected);
});

Deno.test("createInvalidation() escapes, encodes and deduplicates paths", async () => {
  const { body } = await send({
    paths: ["/a&b<c>.jpg", "/ä b.jpg", "/100%25.jpg", "/css/*", "/*", "/css/*"],
    callerReference: "<7>",
  });
  assertEquals(/<Quantity>(\d+)</.exec(body)![1], "5");
  const paths = [...body.matchAll(/<Path>(.*?)<\/Path>/g)].map(([, path]) => path);
  assertEquals(paths, ["/a&amp;b%3Cc%3E.jpg", "/%C3%A4%20b.jpg", "/100%25.jpg", "/css/*", "/*"]);
  assertMatch(body, /<CallerReference>&lt;7&gt;</);
});

Deno.test("createInvalidation() encodes the unsafe characters of RFC 1738, which CloudFront refuses", async () => {
  const { body } = await send({ paths: ['/~a/"{b}|[c]^`\\\\', "/~*"] });
  const paths = [...body.matchAll(/<Path>(.*?)<\/Path>/g)].map(([, path]) => path);
  assertEquals(paths, ["/%7Ea/%22%7Bb%7D%7C%5Bc%5D%5E%60%5C%5C", "/%7E*"]);
});

Deno.test("createInvalidation() retries transient failures with one reference", async () => {
  const options = { ...OPTIONS, callerReference: undefined };
  for (
    const [script, requests] of [
      [["lost"], 2],
      [["ServiceUnavailable", "lost"], 3],
      [["Throttling", "Throttling"], 3],
    ] as [Turn[], number][]
  ) {
    const cloudFront = new ScriptedCloudFront();
    cloudFront.script = [...script];
    const { id, callerReference } = await createInvalidation({ ...options, fetch: cloudFront.fetch });
    assertEquals([id, cloudFront.accepted.length, cloudFront.requests.length], ["I0", 1, requests]);
    assertEquals(new Set(cloudFront.requests.map(({ reference }) => reference)), new Set([callerReference]));
  }
});

Deno.test("createInvalidation() does not retry lasting refusals, and stops after maxAttempts", async () => {
  for (
    const [turn, requests, errorClass] of [
      ["AccessDenied", 1, PermissionDeniedError],
      ["TooMany", 1, ThrottledError],
      ["ServiceUnavailable", 2, ThrottledError],
      ["lost", 2, ConnectionError],
    ] as [Turn, number, new (message: string) => StorageError][]
  ) {
    const cloudFront = new ScriptedCloudFront();
    cloudFront.script = Array(5).fill(turn);
    await assertRejects(() => createInvalidation({ ...OPTIONS, fetch: cloudFront.fetch, maxAttempts: 2 }), errorClass);
    assertEquals(cloudFront.requests.length, requests, turn);
  }
  for (const wrong of [{ maxAttempts: 0 }, { maxAttempts: 1.5 }, { timeoutSeconds: 0 }, { timeoutSeconds: NaN }]) {
    await assertRejects(() => send(wrong), RangeError);
  }
});

Deno.test("createInvalidation() aborts an attempt that hangs, even if fetch ignores its signal", async () => {
  const cloudFront = new ScriptedCloudFront();
  const options = { ...OPTIONS, timeoutSeconds: 0.001, maxAttempts: 2 };
  for (const hang of [(): Promise<Response> => new Promise(() => {}), cloudFront.fetch]) {
    let attempts = 0;
    cloudFront.script = ["hang", "hang"];
    const fetch = (request: Request): Promise<Response> => {
      attempts++;
      return hang(request);
    };
    await assertRejects(() => createInvalidation({ ...options, fetch }), TimeoutError, "within 0.001 s");
    assertEquals(attempts, 2);
  }
  const controller = new AbortController();
  cloudFront.script = ["hang"];
  cloudFront.onHang = () => controller.abort(new Error("enough"));
  await assertRejects(
    () => createInvalidation({ ...OPTIONS, fetch: cloudFront.fetch, signal: controller.signal }),
    Error,
    "enough",
  );
});

Deno.test("createInvalidation() uses a new reference for each call", async () => {
  const references = new Set<string>();
  for (let round = 0; round < 3; round++) {
    const { answer, body } = await send({ callerReference: undefined });
    const { callerReference } = answer as { callerReference: string };
    assert(body.includes(`<CallerReference>${callerReference}<`), body);
    references.add(callerReference);
  }
  assertEquals(references.size, 3);
});

Deno.test("createInvalidation() refuses malformed paths and ids before it sends a request", async () => {
  for (const path of ["", "a", "/a*b", "/**", "/a\n", "/\0", "/\ud800"]) {
    await assertRejects(() => send({ paths: [path] }), TypeError, "must be text that begins with a slash");
  }
  await assertRejects(() => send({ paths: [] }), TypeError, "paths must not be empty");
  for (const distributionId of ["", "E1/../E2", "E 1"]) {
    await assertRejects(() => send({ distributionId }), TypeError, "distributionId must be letters and digits");
  }
});

Deno.test("createInvalidation() maps refusals to error classes", async () => {
  const cases: [status: number, code: string, errorClass: new (message: string) => StorageError][] = [
    [403, "AccessDenied", PermissionDeniedError],
    [404, "NoSuchDistribution", NotFoundError],
    [403, "SignatureDoesNotMatch", UnauthenticatedError],
    [403, "InvalidClientTokenId", UnauthenticatedError],
    [403, "ExpiredToken", UnauthenticatedError],
    [400, "TooManyInvalidationsInProgress", ThrottledError],
    [400, "BatchTooLarge", ServiceError],
    [400, "toString", ServiceError],
  ];
  for (const [status, code, errorClass] of cases) {
    const error = await assertRejects(
      () => failWith(status, errorDocument(code)),
      errorClass,
      `EDFDVBD6EXAMPLE failed: ${code}: It cannot be`,
    );
    assertInstanceOf(error, StorageError);
    assertEquals([error.s3Code, error.status, error.requestId, error.operation], [
      code,
      status,
      "410c2a4b",
      "CreateInvalidation",
    ]);
    assert(!Deno.inspect(error, { depth: 10 }).includes(CREDENTIALS.secretAccessKey));
  }
  await assertRejects(() => failWith(403, "<html>no"), PermissionDeniedError, "status 403");
  await assertRejects(() => failWith(503, ""), ThrottledError, "status 503");
  await assertRejects(() => failWith(500, ""), ServiceError, "status 500");
});

Deno.test("createInvalidation() refuses malformed responses", async () => {
  await assertRejects(() => failWith(200, "<html><p>Welcome</p></html>"), ServiceError, "missing Id or Status");
  await assertRejects(() => failWith(201, "welcome"), ServiceError, "missing Id or Status");
});

Deno.test("createInvalidation() throws ConnectionError for network failures, and the reason of an abort", async () => {
  const cause = new TypeError("network down");
  const error = await assertRejects(
    () => send({ fetch: () => Promise.reject(cause) }),
    ConnectionError,
    "cannot reach CloudFront",
  );
  assertEquals((error as Error).cause, cause);
  const reason = new Error("enough");
  const controller = new AbortController();
  const fetch = (request: Request): Promise<Response> => {
    controller.abort(reason);
    return Promise.reject(request.signal.reason);
  };
  assertEquals(await send({ signal: controller.signal, fetch }).catch((thrown) => thrown), reason);
});
