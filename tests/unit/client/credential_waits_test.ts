/** Requests whose credentials fail for a while, or never come. */
import { assertEquals, assertInstanceOf, assertRejects } from "@std/assert";
import type { CredentialProvider, Credentials, RefreshableProvider } from "../../../src/aws/credentials.ts";
import { createMultipartUpload } from "../../../src/client/operations/multipart.ts";
import { putObject } from "../../../src/client/operations/objects.ts";
import { S3Client } from "../../../src/client/s3_client.ts";
import { credentialsFromSettings } from "../../../src/credentials/from_settings.ts";
import { ConfigurationError, ConnectionError, TimeoutError } from "../../../src/errors.ts";
import type { ClientConfig } from "../../../src/settings/options.ts";
import { resolveSettings } from "../../../src/settings/resolve.ts";
import {
  type Answer,
  bareAnswer,
  errorAnswer,
  scripted,
  type ScriptedTransport,
  withoutWaiting,
} from "../transport.ts";

const OK = bareAnswer(200, { etag: '"e"', "content-length": "0" });
const PUT = { bucket: "bucket", key: "a.txt", body: new Uint8Array(1), headers: {} };
const EXPIRED = errorAnswer(400, "ExpiredToken");
const CREATED = new Response(
  "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>",
);

const keys = (id: string): Credentials => ({
  accessKeyId: id,
  secretAccessKey: "hunter2",
  sessionToken: "token",
  expiration: new Date("2099-01-01T00:00:00Z"),
});

interface Made extends ScriptedTransport {
  readonly client: S3Client;
  readonly asked: () => number;
}

/** Makes a client whose function returns or throws the next member of a list; the last one repeats. */
function clientWith(script: readonly unknown[], answers: Answer[], clientConfig: ClientConfig = {}): Made {
  let asked = 0;
  const credentials = async (): Promise<Credentials> => {
    const next = await script[Math.min(asked++, script.length - 1)];
    if (next instanceof Error) throw next;
    return next as Credentials;
  };
  const transport = scripted(...answers);
  const options = { bucketName: "bucket", credentials, clientConfig, fetch: transport.fetch };
  const settings = resolveSettings([options], { environment: () => undefined });
  return { client: new S3Client(settings, credentialsFromSettings(settings)), asked: () => asked, ...transport };
}

const signers = (requests: readonly Request[]): (string | undefined)[] =>
  requests.map(({ headers }) => /Credential=([^/]+)/.exec(headers.get("authorization") ?? "")?.[1]);

/** What a function throws while the network is down, on each runtime. */
const FAILURES: readonly Error[] = [
  new ConnectionError("AssumeRole failed: cannot reach sts.amazonaws.com"),
  new TypeError("fetch failed", { cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }) }),
  new TypeError("error sending request for url (https://sts.amazonaws.com/)"),
  Object.assign(new Error("Unable to connect. Is the computer able to access the url?"), { code: "ConnectionRefused" }),
  new TypeError("Failed to fetch"),
];

for (const failure of FAILURES) {
  const name = `${failure.name}: ${failure.message}`;

  Deno.test(`a request waits for credentials whose first fetch fails for a while: ${name}`, () =>
    withoutWaiting(async () => {
      const { client, requests, asked } = clientWith([failure, failure, failure, keys("a")], [OK]);
      await putObject(client, PUT);
      assertEquals([signers(requests), asked()], [["a"], 4]);
    }));

  Deno.test(`a request waits for credentials whose renewal fails for a while: ${name}`, () =>
    withoutWaiting(async () => {
      const { client, requests, asked } = clientWith([keys("a"), failure, failure, failure, keys("b")], [EXPIRED, OK]);
      await putObject(client, PUT);
      assertEquals([signers(requests), asked()], [["a", "b"], 5]);
    }));

  Deno.test(`a request that must not be repeated waits for credentials, as nothing was sent: ${name}`, () =>
    withoutWaiting(async () => {
      const { client, requests } = clientWith([failure, failure, keys("a"), keys("a")], [CREATED.clone()]);
      assertEquals(await createMultipartUpload(client, PUT), "1");
      assertEquals(signers(requests), ["a"]);
    }));

  Deno.test(`S3Client.credentials(), for URLs, waits for credentials that fail for a while: ${name}`, () =>
    withoutWaiting(async () => {
      const { client } = clientWith([failure, failure, keys("a")], []);
      assertEquals((await client.credentials(undefined)).accessKeyId, "a");
    }));
}

Deno.test("credentials that fail for good cause a typed error with its cause, after maxAttempts", () =>
  withoutWaiting(async () => {
    const down = FAILURES[1]!;
    for (const script of [[down], [keys("a"), down]]) {
      const { client, asked } = clientWith(script, [EXPIRED, OK], { maxAttempts: 3 });
      const error = await assertRejects(() => putObject(client, PUT), ConnectionError, "the option credentials");
      assertEquals(error.cause, down);
      assertEquals(asked(), script.length + 2);
    }
  }));

Deno.test("a failure of a function that is no failure of the network is retried twice, then thrown as it is", () =>
  withoutWaiting(async () => {
    const sealed = new Error("the vault is sealed");
    const short = clientWith([sealed, sealed, keys("a")], [OK]);
    await putObject(short.client, PUT);
    const { client, asked } = clientWith([sealed], [OK]);
    assertEquals(await assertRejects(() => putObject(client, PUT)), sealed);
    assertEquals(asked(), 3);
  }));

const NEVER = new Promise<never>(() => {});

Deno.test("credentials that never come cause a TimeoutError that names the source, and no further wait", async () => {
  const first = clientWith([NEVER], [OK], { credentialsTimeout: 0.01 });
  const renewed = clientWith([keys("a"), NEVER], [EXPIRED, OK], { credentialsTimeout: 0.01 });
  for (const { client, requests } of [first, renewed]) {
    const error = await assertRejects(() => putObject(client, PUT), TimeoutError);
    assertEquals(
      error.message,
      "Cannot get credentials: the option credentials did not answer within 0.01 s (clientConfig.credentialsTimeout)",
    );
    assertEquals([error.name, requests.length], ["TimeoutError", client === first.client ? 0 : 1]);
  }
  await assertRejects(() => first.client.credentials(undefined), TimeoutError, "the option credentials");
});

Deno.test("a provider that caches by itself meets the same limit, and so does its report of a refusal", async () => {
  const options = { bucketName: "bucket", clientConfig: { credentialsTimeout: 0.01 } };
  const settings = resolveSettings([options], { environment: () => undefined });
  const never: RefreshableProvider = Object.assign((): Promise<Credentials> => NEVER, { refused: (): void => {} });
  await assertRejects(() => new S3Client(settings, never).credentials(undefined), TimeoutError, "within 0.01 s");
  const deaf: CredentialProvider = Object.assign(() => keys("a"), { refused: () => NEVER, source: () => "the vault" });
  const { fetch } = scripted(EXPIRED.clone());
  const client = new S3Client({ ...settings, fetch }, deaf);
  const error = await assertRejects(() => putObject(client, PUT), TimeoutError);
  assertEquals(error.message.slice(0, 50), "Cannot get credentials: the vault did not answer w");
});

Deno.test("an abort ends the wait for credentials with its reason", async () => {
  const { client } = clientWith([NEVER], [OK]);
  const reason = new Error("enough");
  const stop = new AbortController();
  const writing = putObject(client, { ...PUT, signal: stop.signal });
  stop.abort(reason);
  assertEquals(await assertRejects(() => writing), reason);
});

Deno.test("a first caller that aborts does not take the shared fetch from the others", async () => {
  const { promise, resolve } = Promise.withResolvers<Credentials>();
  const { client, requests, asked } = clientWith([promise], [OK]);
  const stop = new AbortController();
  const first = putObject(client, { ...PUT, signal: stop.signal });
  const others = Array.from({ length: 20 }, () => putObject(client, PUT));
  stop.abort();
  await assertRejects(() => first, DOMException);
  resolve(keys("a"));
  await Promise.all(others);
  assertEquals([new Set(signers(requests)), requests.length, asked()], [new Set(["a"]), 20, 1]);
});

Deno.test("a malformed answer of a function is not retried", async () => {
  const { client, asked } = clientWith([{ accessKeyId: "a" }], [OK]);
  assertInstanceOf(await assertRejects(() => putObject(client, PUT)), ConfigurationError);
  assertEquals(asked(), 1);
});
