import { assert, assertEquals, assertRejects } from "@std/assert";
import { Connections } from "../../../src/client/connections.ts";
import { exchange, type ExchangeContext } from "../../../src/client/exchange.ts";
import type { S3Request } from "../../../src/client/request.ts";
import { secretsOf } from "../../../src/client/service_failure.ts";
import { ConnectionError, TimeoutError } from "../../../src/errors.ts";
import { resolveSettings } from "../../../src/settings/resolve.ts";
import { HeldTime } from "../held_time.ts";
import { networkError } from "../transport.ts";

const CREDENTIALS = { accessKeyId: "AKID", secretAccessKey: "hunter2-secret", sessionToken: "hunter2-token" };
const REQUEST: S3Request = { operation: "PutObject", method: "PUT", bucket: "bucket", key: "a b", query: { x: "1" } };
const settings = resolveSettings([{ bucketName: "bucket" }], { environment: () => undefined });

function contextFor(send: ExchangeContext["send"], origin = "https://bucket.s3.amazonaws.com"): ExchangeContext {
  return {
    credentials: CREDENTIALS,
    address: { origin, path: "/", region: "us-east-1", service: "s3" },
    date: new Date("2026-01-31T12:00:00Z"),
    hmacKey: undefined,
    send,
    connections: new Connections(),
    attempts: 1,
    startedAt: 0,
  };
}

/** Sends the request; returns what `send` received. */
async function sentFor(request: Partial<S3Request>, origin?: string): Promise<{ url: string; init: RequestInit }> {
  const sent: { url: string; init: RequestInit }[] = [];
  const send = (url: string, init: RequestInit): Promise<Response> => {
    sent.push({ url, init });
    return Promise.resolve(new Response());
  };
  await exchange(settings, { ...REQUEST, ...request }, contextFor(send, origin), () => undefined);
  return sent[0]!;
}

Deno.test("exchange() signs a request and follows no redirect", async () => {
  const { url, init } = await sentFor({ headers: { "content-type": "text/plain", "x-a": undefined } });
  assertEquals(url, "https://bucket.s3.amazonaws.com/a%20b?x=1");
  assertEquals([init.method, init.redirect], ["PUT", "manual"]);
  const headers = init.headers as Record<string, string>;
  assertEquals([headers["content-type"], "x-a" in headers], ["text/plain", false]);
  assert(headers.authorization!.startsWith("AWS4-HMAC-SHA256 Credential=AKID/20260131/us-east-1/s3/aws4_request"));
});

Deno.test("exchange() hashes the body without TLS only, and sends an empty Blob as an empty array", async () => {
  const body = new TextEncoder().encode("abc");
  const hashOf = async (origin: string): Promise<string | undefined> =>
    ((await sentFor({ body }, origin)).init.headers as Record<string, string>)["x-amz-content-sha256"];
  assertEquals(await hashOf("https://a.example"), "UNSIGNED-PAYLOAD");
  assertEquals((await hashOf("http://a.example"))?.slice(0, 8), "ba7816bf");
  assertEquals((await sentFor({ body: new Blob() })).init.body, new Uint8Array(0));
  assertEquals((await sentFor({})).init.body, null);
});

Deno.test("exchange() signs the bytes of a Blob without TLS, which it reads in pieces", async () => {
  const body = new Blob(["a", "bc"]);
  body.arrayBuffer = () => Promise.reject(new Error("the Blob was read into memory"));
  const hashOf = async (origin: string): Promise<string | undefined> =>
    ((await sentFor({ body }, origin)).init.headers as Record<string, string>)["x-amz-content-sha256"];
  assertEquals(await hashOf("https://a.example"), "UNSIGNED-PAYLOAD");
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  assertEquals(await hashOf("http://a.example"), abc);
});

Deno.test("exchange() sends the MD5 of a Blob without TLS if it signs with version 2", async () => {
  const old = resolveSettings([{ bucketName: "bucket", signatureVersion: "s3" }], { environment: () => undefined });
  for (
    const [origin, expected] of [["http://a.example", "kAFQmDzST7DWlj99KOF/cg=="], [
      "https://a.example",
      undefined,
    ]] as const
  ) {
    for (const body of [new Blob(["abc"]), new TextEncoder().encode("abc")]) {
      let sent: RequestInit = {};
      const context = contextFor((_, init) => {
        sent = init;
        return Promise.resolve(new Response());
      }, origin);
      await exchange(old, { ...REQUEST, body }, context, () => undefined);
      assertEquals((sent.headers as Record<string, string>)["content-md5"], expected);
    }
  }
});

Deno.test("exchange() passes the response, its host and what has the secrets on", async () => {
  const context = contextFor(() => Promise.resolve(new Response("hello")));
  const [text, host, secrets] = await exchange(settings, REQUEST, context, async (received) => {
    return [await received.response.text(), received.host, secretsOf(received)!] as const;
  });
  assertEquals([text, host], ["hello", "bucket.s3.amazonaws.com"]);
  for (const secret of Object.values(CREDENTIALS)) assert(secrets.includes(secret), secret);
});

Deno.test("exchange() throws ConnectionError for a network failure, also while the response is read", async () => {
  const failing = contextFor(() => Promise.reject(networkError()));
  await assertRejects(() => exchange(settings, REQUEST, failing, () => undefined), ConnectionError, "cannot reach");
  const reading = contextFor(() => Promise.resolve(new Response()));
  await assertRejects(
    () => exchange(settings, REQUEST, reading, () => Promise.reject(networkError())),
    ConnectionError,
  );
});

Deno.test("exchange() appends userAgentSuffix to the runtime's name, without signing it", async () => {
  for (const signatureVersion of ["s3v4", "s3"] as const) {
    const clientConfig = { userAgentSuffix: "app/shop 1.2" };
    const options = { bucketName: "bucket", signatureVersion, clientConfig };
    const named = resolveSettings([options], { environment: () => undefined });
    let headers: Record<string, string> = {};
    const context = contextFor((_, init) => {
      headers = init.headers as Record<string, string>;
      return Promise.resolve(new Response());
    });
    await exchange(named, REQUEST, context, () => undefined);
    assertEquals(headers["user-agent"], `${navigator.userAgent} app/shop 1.2`);
    assertEquals(headers.authorization!.includes("user-agent"), false);
  }
  assertEquals("user-agent" in ((await sentFor({})).init.headers as Record<string, string>), false);
});

Deno.test("exchange() gives an attempt what is left of callTimeout, and names it", async () => {
  const limited = resolveSettings([{ bucketName: "bucket", clientConfig: { callTimeout: 90 } }], {
    environment: () => undefined,
  });
  for (
    const [attempts, timeoutFactor, seconds, limit] of [
      [1, 1, 60, "60 s"],
      [1, 10, 90, "callTimeout of 90 s"],
      [2, 1, 40, "callTimeout of 90 s"],
    ] as const
  ) {
    using time = new HeldTime();
    const context = { ...contextFor(() => new Promise(() => {})), attempts, startedAt: performance.now() - 50_000 };
    let failure: unknown;
    const waiting = exchange(limited, { ...REQUEST, timeoutFactor }, context, () => undefined).catch((error) => {
      failure = error;
    });
    await time.pass(seconds * 1000 - 1);
    assertEquals(failure, undefined);
    await time.pass(1);
    await waiting;
    assert(failure instanceof TimeoutError);
    assertEquals(failure.message, `PutObject failed: no response within ${limit}`);
  }
});
