import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
} from "@std/assert";
import { inspect } from "node:util";
import { listPages } from "../../../src/client/operations/list_objects.ts";
import { getObject, headObject, putObject } from "../../../src/client/operations/objects.ts";
import { ConfigurationError, TimeoutError, UnauthenticatedError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { readObject } from "../../../src/transfer/read/object_reader.ts";
import { HeldTime } from "../held_time.ts";
import { getUnencoded } from "../../../src/transfer/read/encoded_object.ts";
import {
  bareAnswer,
  clientOn,
  errorAnswer,
  networkError,
  scripted,
  SECRET,
  silence,
  TOKEN,
  watchedBody,
  withoutWaiting,
} from "../transport.ts";

const TARGET = { bucket: "bucket", key: "a.txt" };
const OK = bareAnswer(200, { etag: '"e"', "content-length": "0" });
const ONE_TRY = { clientConfig: { maxAttempts: 1, timeout: 0.05 } };

Deno.test("a transport that never responds throws TimeoutError after the timeout", async () => {
  const error = await assertRejects(() => headObject(clientOn({ fetch: silence }, ONE_TRY), TARGET), TimeoutError);
  assertEquals(error.message, "HeadObject failed: no response within 0.05 s");
  assertEquals([error.operation, error.key, error.attempts], ["HeadObject", "a.txt", 1]);
});

Deno.test("a transport that never responds and ignores its signal throws TimeoutError too", async () => {
  const client = clientOn({ fetch: () => new Promise(() => {}) }, ONE_TRY);
  await assertRejects(() => headObject(client, TARGET), TimeoutError);
});

Deno.test("a response that never ends throws TimeoutError after the timeout", async () => {
  const fetch = (): Promise<Response> =>
    Promise.resolve(new Response(new ReadableStream({ pull: () => new Promise(() => {}) })));
  const pages = listPages(clientOn({ fetch }, ONE_TRY), { bucket: "bucket", prefix: "" });
  await assertRejects(() => pages.next(), TimeoutError);
});

Deno.test("a timeout is retried", async () => {
  const transport = scripted(silence, OK.clone());
  const client = clientOn(transport, { clientConfig: { maxAttempts: 2, timeout: 0.02 } });
  await withoutWaiting(() => headObject(client, TARGET));
  assertEquals(transport.requests.length, 2);
});

Deno.test("the timeout restarts with each chunk of a download", async () => {
  let chunks = 3;
  using time = new HeldTime();
  const slow = new ReadableStream({
    pull: async (controller) => {
      await time.pass(15);
      controller.enqueue(new TextEncoder().encode("slow"));
      if (--chunks === 0) controller.close();
    },
  }, { highWaterMark: 0 });
  const transport = scripted(() => new Response(slow, { headers: { "content-length": "12" } }));
  const { body } = await readObject(clientOn(transport, { clientConfig: { timeout: 0.04 } }), TARGET);
  assertEquals(await new Response(body).text(), "slowslowslow");
});

Deno.test("a call with an aborted signal rejects with its reason and sends nothing", async () => {
  const transport = scripted(OK);
  const reason = { my: "reason" };
  const signal = AbortSignal.abort(reason);
  assertStrictEquals(await assertRejects(() => headObject(clientOn(transport), { ...TARGET, signal })), reason);
  assertEquals(transport.requests.length, 0);
});

for (
  const [what, fetch] of [["minds", silence], [
    "does not mind",
    (): Promise<Response> => new Promise(() => {}),
  ]] as const
) {
  Deno.test(`an aborted call rejects with the reason on a transport that ${what} its signal`, async () => {
    const controller = new AbortController();
    let sent = 0;
    const client = clientOn({
      fetch: (request) => (sent++, queueMicrotask(() => controller.abort(reason)), fetch(request)),
    });
    const reason = new Error("enough");
    const error = await assertRejects(() => headObject(client, { ...TARGET, signal: controller.signal }));
    assertStrictEquals(error, reason);
    assertEquals(sent, 1);
  });
}

Deno.test("a call that is aborted while it waits for a retry rejects immediately with the reason", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  const fetch = (): Promise<Response> => {
    setTimeout(() => controller.abort(reason), 5);
    return Promise.resolve(errorAnswer(503, "SlowDown", { headers: { "retry-after": "50" } }));
  };
  const error = await assertRejects(() => headObject(clientOn({ fetch }), { ...TARGET, signal: controller.signal }));
  assertStrictEquals(error, reason);
});

Deno.test("an abort whose reason is an error of this package is not retried", async () => {
  const transport = scripted(silence);
  const controller = new AbortController();
  const reason = new TimeoutError("mine");
  setTimeout(() => controller.abort(reason), 5);
  const call = headObject(clientOn(transport), { ...TARGET, signal: controller.signal });
  assertStrictEquals(await assertRejects(() => call), reason);
  assertEquals(transport.requests.length, 1);
});

Deno.test("the body of a response that arrives too late is cancelled", async () => {
  const { stream, fate } = watchedBody();
  let answer = (_response: Response): void => {};
  const client = clientOn({ fetch: () => new Promise((resolve) => answer = resolve) }, ONE_TRY);
  await assertRejects(() => getObject(client, TARGET, getUnencoded), TimeoutError);
  answer(new Response(stream, { headers: { "content-length": "1" } }));
  await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(fate(), "cancelled");
});

Deno.test("the body of a response is cancelled if it is not needed", async () => {
  const { stream, fate } = watchedBody();
  const transport = scripted(() => new Response(stream, { headers: { etag: '"e"' } }));
  await putObject(clientOn(transport), { ...TARGET, body: new Uint8Array(1), headers: {} });
  assertEquals(fate(), "cancelled");
});

Deno.test("the body of an error is read, or cancelled if it is too long", async () => {
  for (const [chunks, expected] of [[3, "read"], [1000, "cancelled"]] as const) {
    const { stream, fate } = watchedBody(chunks);
    const transport = scripted(() => new Response(stream, { status: 400 }));
    await assertRejects(() => putObject(clientOn(transport), { ...TARGET, body: new Uint8Array(1), headers: {} }));
    assertEquals(fate(), expected);
  }
});

const MOVED: Readonly<Record<string, () => Response>> = {
  "301 with a header": () => errorAnswer(301, "PermanentRedirect", { headers: { "x-amz-bucket-region": "eu-west-1" } }),
  "301 for HEAD": () => bareAnswer(301, { "x-amz-bucket-region": "eu-west-1" }),
  "400 for HEAD": () => bareAnswer(400, { "x-amz-bucket-region": "eu-west-1" }),
  "307": () => errorAnswer(307, "TemporaryRedirect", { headers: { "x-amz-bucket-region": "eu-west-1" } }),
  "400 AuthorizationHeaderMalformed": () =>
    errorAnswer(400, "AuthorizationHeaderMalformed", { elements: "<Region>eu-west-1</Region>" }),
};

for (const [what, moved] of Object.entries(MOVED)) {
  Deno.test(`a bucket's region is learned from ${what}, followed once and remembered`, async () => {
    const transport = scripted(moved, OK);
    const client = clientOn(transport, { clientConfig: { maxAttempts: 1 } });
    await headObject(client, TARGET);
    await headObject(client, TARGET);
    assertEquals(transport.requests.map(({ url }) => new URL(url).host), [
      "bucket.s3.amazonaws.com",
      "bucket.s3.eu-west-1.amazonaws.com",
      "bucket.s3.eu-west-1.amazonaws.com",
    ]);
    const scopes = transport.requests.map(({ headers }) => headers.get("authorization")!.split("/")[2]);
    assertEquals(scopes, ["us-east-1", "eu-west-1", "eu-west-1"]);
    assertEquals([client.regionOf("bucket"), client.regionOf("other")], ["eu-west-1", "us-east-1"]);
  });
}

Deno.test("redirects in a circle throw", async () => {
  let turn = 0;
  const transport = scripted(() => bareAnswer(301, { "x-amz-bucket-region": `region-${turn++ % 2}` }));
  await assertRejects(() => headObject(clientOn(transport), TARGET));
  assert(transport.requests.length <= 3, `${transport.requests.length}`);
});

Deno.test("a redirect to the same region throws", async () => {
  const transport = scripted(bareAnswer(301, { "x-amz-bucket-region": "us-east-1" }));
  await assertRejects(() => headObject(clientOn(transport), TARGET));
  assertEquals(transport.requests.length, 1);
});

for (const region of ["evil.example/x?", "evil.example#", "a b", "user@evil", "", "evil:80"]) {
  Deno.test(`a service cannot redirect requests with the region '${region}'`, async () => {
    const transport = scripted(
      errorAnswer(400, "AuthorizationHeaderMalformed", { elements: `<Region>${region}</Region>` }),
    );
    await assertRejects(() => headObject(clientOn(transport), TARGET), UnauthenticatedError);
    assertEquals(transport.requests.map(({ url }) => new URL(url).host), ["bucket.s3.amazonaws.com"]);
  });
}

Deno.test("a client without credentials throws and sends nothing", async () => {
  const transport = scripted(OK);
  const storage = new S3Storage({ bucketName: "bucket", fetch: transport.fetch });
  Deno.env.set("AWS_EC2_METADATA_DISABLED", "true");
  try {
    const { message } = await assertRejects(() => storage.exists("a.txt"), ConfigurationError);
    for (const word of ["No credentials found", "accessKey", "AWS_ACCESS_KEY_ID", "profile", "container"]) {
      assertStringIncludes(message, word);
    }
  } finally {
    Deno.env.delete("AWS_EC2_METADATA_DISABLED");
  }
  assertEquals(transport.requests.length, 0);
});

Deno.test("the provider is called before every attempt, so that new credentials are used immediately", async () => {
  const transport = scripted(errorAnswer(500, "InternalError"), OK);
  let asked = 0;
  const storage = new S3Storage({
    bucketName: "bucket",
    credentials: () => Promise.resolve({ accessKeyId: `AKID${++asked}`, secretAccessKey: SECRET }),
    fetch: transport.fetch,
  });
  await withoutWaiting(() => storage.exists("a.txt"));
  const keys = transport.requests.map(({ headers }) => /Credential=(\w+)/.exec(headers.get("authorization")!)![1]);
  assertEquals(keys, ["AKID1", "AKID2"]);
});

Deno.test("a body is hashed without TLS, and not with TLS", async () => {
  const hashes: (string | null)[] = [];
  for (const endpointUrl of ["http://localhost:9000", "https://localhost:9000"]) {
    const transport = scripted(OK);
    const client = clientOn(transport, { endpointUrl });
    await putObject(client, { ...TARGET, body: new TextEncoder().encode("abc"), headers: {} });
    await headObject(client, TARGET);
    hashes.push(...transport.requests.map(({ headers }) => headers.get("x-amz-content-sha256")));
  }
  const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assertEquals(hashes, [abc, empty, "UNSIGNED-PAYLOAD", empty]);
});

Deno.test("payloadSigningEnabled decides whether a body is hashed, also with TLS and for a Blob", async () => {
  const hash = async (payloadSigningEnabled: boolean, endpointUrl: string, body: Uint8Array<ArrayBuffer> | Blob) => {
    const transport = scripted(OK);
    await putObject(clientOn(transport, { endpointUrl, payloadSigningEnabled }), { ...TARGET, body, headers: {} });
    return transport.requests[0]!.headers.get("x-amz-content-sha256");
  };
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  for (const endpointUrl of ["http://localhost:9000", "https://localhost:9000"]) {
    for (const body of [new TextEncoder().encode("abc"), new Blob(["abc"])]) {
      assertEquals(await hash(true, endpointUrl, body), abc);
      assertEquals(await hash(false, endpointUrl, body), "UNSIGNED-PAYLOAD");
    }
  }
});

Deno.test("a header that is not printable ASCII throws before anything is sent", async () => {
  const transport = scripted(OK);
  for (const value of ["ñ", "a\nb", "a\u0000"]) {
    const headers = { "x-amz-meta-a": value };
    const error = await assertRejects(() =>
      putObject(clientOn(transport), { ...TARGET, body: new Uint8Array(), headers })
    );
    assertInstanceOf(error, TypeError);
    assert(error.message.includes("x-amz-meta-a"));
  }
  assertEquals(transport.requests.length, 0);
});

Deno.test("secret and token are not shown by inspecting a storage, a client or an error", async () => {
  const failures = [
    scripted(networkError()),
    scripted(errorAnswer(403, "SignatureDoesNotMatch")),
    scripted(errorAnswer(503, "SlowDown")),
    scripted(new Response("<html>", { status: 200 })),
    { fetch: silence },
  ];
  const seen: unknown[] = [];
  await withoutWaiting(async () => {
    for (const { fetch } of failures) {
      const options = { bucketName: "bucket", accessKey: "AKID", secretKey: SECRET, securityToken: TOKEN, fetch };
      const storage = new S3Storage({ ...options, clientConfig: { timeout: 0.01, maxAttempts: 2 } });
      seen.push(storage, clientOn({ fetch }));
      const calls: (() => Promise<unknown>)[] = [
        () => storage.save("a", "b"),
        () => storage.open("a"),
        () => storage.copy("a", "b"),
      ];
      for (const call of calls) {
        seen.push(await call().catch((error: unknown) => error));
      }
    }
  });
  for (const value of seen) {
    for (
      const text of [
        Deno.inspect(value, { depth: Infinity, showHidden: true }),
        inspect(value, { depth: Infinity }),
        JSON.stringify(value),
      ]
    ) {
      assertEquals(text.includes(SECRET) || text.includes(TOKEN), false, text);
    }
  }
});
