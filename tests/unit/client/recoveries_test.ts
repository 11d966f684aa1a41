/** Rejections that the client recovers from: expired credentials and a wrong clock. */
import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { getObject, headObject, putObject } from "../../../src/client/operations/objects.ts";
import { S3Client } from "../../../src/client/s3_client.ts";
import type { CredentialProvider, Credentials } from "../../../src/aws/credentials.ts";
import { ConfigurationError, NotFoundError, PermissionDeniedError, UnauthenticatedError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import { resolveSettings } from "../../../src/settings/resolve.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import { getUnencoded } from "../../../src/transfer/read/encoded_object.ts";
import {
  type Answer,
  bareAnswer,
  clientOn,
  errorAnswer,
  scripted,
  type ScriptedTransport,
  SECRET,
} from "../transport.ts";

const TARGET = { bucket: "bucket", key: "a.txt" };
const OK = bareAnswer(200, { etag: '"e"', "content-length": "0" });
const PUT = { ...TARGET, body: new Uint8Array(1), headers: {} };
const SERVER_TIME = new Date("2026-01-31T12:00:00Z");

/** A provider that returns new credentials after the last ones were rejected. */
function refreshing(): CredentialProvider & { refused(credentials: Credentials): void; told: Credentials[] } {
  const told: Credentials[] = [];
  const issued: Credentials[] = [];
  const issue = (): Credentials => {
    const { length } = issued;
    issued.push({ accessKeyId: `AKID${length}`, secretAccessKey: SECRET, sessionToken: `token-${length}` });
    return issued[length]!;
  };
  issue();
  const refused = (credentials: Credentials): void => {
    told.push(credentials);
    if (credentials === issued.at(-1)) issue();
  };
  return Object.assign(() => issued.at(-1)!, { refused, told });
}

function clientWith(provider: CredentialProvider, ...answers: Answer[]): { client: S3Client } & ScriptedTransport {
  const transport = scripted(...answers);
  const options = { bucketName: "bucket", fetch: transport.fetch, clientConfig: { maxAttempts: 1 } };
  const settings = resolveSettings([options], { environment: () => undefined });
  return { client: new S3Client(settings, provider), ...transport };
}

const tokens = (requests: readonly Request[]): (string | null)[] =>
  requests.map(({ headers }) => headers.get("x-amz-security-token"));

const RENEWED = [
  ...["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"],
  ...["InvalidAccessKeyId", "InvalidToken", "InvalidClientTokenId"],
];

for (const code of RENEWED) {
  Deno.test(`credentials that are rejected with ${code} are renewed, and the request is sent again`, async () => {
    const provider = refreshing();
    const first = await provider();
    const { client, requests } = clientWith(provider, errorAnswer(400, code), OK);
    await putObject(client, PUT);
    assertEquals(tokens(requests), ["token-0", "token-1"]);
    assertEquals(provider.told.length, 1);
    assertStrictEquals(provider.told[0], first);
  });
}

Deno.test("a second rejection throws: credentials are renewed once per request", async () => {
  const provider = refreshing();
  const { client, requests } = clientWith(provider, errorAnswer(400, "ExpiredToken"));
  const error = await assertRejects(() => putObject(client, PUT), UnauthenticatedError);
  assertEquals([error.s3Code, error.attempts], ["ExpiredToken", 2]);
  assertEquals([tokens(requests), provider.told.length], [["token-0", "token-1"], 1]);
});

Deno.test("a provider without other credentials causes no second request", async () => {
  const same: CredentialProvider = () => ({ accessKeyId: "AKID", secretAccessKey: SECRET, sessionToken: "t" });
  const { client, requests } = clientWith(same, errorAnswer(400, "ExpiredToken"));
  await assertRejects(() => putObject(client, PUT), UnauthenticatedError);
  assertEquals(requests.length, 1);
});

Deno.test("any provider that returns other credentials the second time works", async () => {
  let asked = 0;
  const rotating: CredentialProvider = () =>
    Promise.resolve({ accessKeyId: "AKID", secretAccessKey: SECRET, sessionToken: `token-${asked++}` });
  const { client, requests } = clientWith(rotating, errorAnswer(400, "ExpiredToken"), OK);
  await putObject(client, PUT);
  assertEquals(requests.length, 2);
});

Deno.test("a bare 400 for a HEAD with a session token counts as expired credentials", async () => {
  const provider = refreshing();
  const { client, requests } = clientWith(provider, bareAnswer(400), OK);
  await headObject(client, TARGET);
  assertEquals(tokens(requests), ["token-0", "token-1"]);
  const lasting = scripted(bareAnswer(400));
  await assertRejects(() => headObject(clientOn(lasting, { securityToken: undefined }), TARGET));
  // Without a token the bucket may be in another region: HeadBucket would name it.
  assertEquals(lasting.requests.map(({ url }) => new URL(url).pathname), ["/a.txt", "/"]);
});

Deno.test("a bare 403 for a HEAD may be about keys that were rotated, and asks for other ones", async () => {
  let key = "AKIDOLD";
  let asked = 0;
  const made = new Map<string, Credentials>();
  const provider = Object.assign((): Credentials => {
    if (!made.has(key)) made.set(key, { accessKeyId: key, secretAccessKey: SECRET });
    return made.get(key)!;
  }, { refused: (): void => void asked++ });
  const { client, requests } = clientWith(provider, bareAnswer(403), bareAnswer(403), OK);
  await assertRejects(() => headObject(client, TARGET), PermissionDeniedError);
  assertEquals([requests.length, asked], [1, 1], "the same keys are not sent again");
  provider.refused = (): void => void (key = "AKIDNEW");
  await headObject(client, TARGET);
  const signers = requests.map(({ headers }) => /Credential=([^/]+)/.exec(headers.get("authorization")!)![1]);
  assertEquals(signers, ["AKIDOLD", "AKIDOLD", "AKIDNEW"]);
});

Deno.test("a bare 403 does not renew temporary credentials, nor keys after other requests than HEAD", async () => {
  const temporary = refreshing();
  const head = clientWith(temporary, bareAnswer(403));
  await assertRejects(() => headObject(head.client, TARGET), PermissionDeniedError);
  let asked = 0;
  const keys: Credentials = { accessKeyId: "AKID", secretAccessKey: SECRET };
  const put = clientWith(Object.assign(() => keys, { refused: () => void asked++ }), bareAnswer(403));
  await assertRejects(() => putObject(put.client, PUT), PermissionDeniedError);
  assertEquals([head.requests.length, temporary.told.length, put.requests.length, asked], [1, 0, 1, 0]);
});

Deno.test("other rejections do not renew credentials", async () => {
  for (const code of ["AccessDenied", "SignatureDoesNotMatch", "InvalidRequest"]) {
    const provider = refreshing();
    const { client, requests } = clientWith(provider, errorAnswer(403, code));
    await assertRejects(() => putObject(client, PUT));
    assertEquals([requests.length, provider.told.length], [1, 0], code);
  }
});

Deno.test("the error of a failed renewal is thrown", async () => {
  const failing = Object.assign(() => ({ accessKeyId: "AKID", secretAccessKey: SECRET }), {
    refused: () => Promise.reject(new ConfigurationError("the role is gone")),
  });
  const { client } = clientWith(failing, errorAnswer(400, "ExpiredToken"));
  await assertRejects(() => putObject(client, PUT), ConfigurationError, "the role is gone");
});

Deno.test("an abort ends the wait for a renewal with its reason", async () => {
  const stop = new AbortController();
  const reason = new Error("enough");
  const hanging = Object.assign(() => ({ accessKeyId: "AKID", secretAccessKey: SECRET }), {
    refused: () => (queueMicrotask(() => stop.abort(reason)), new Promise(() => {})),
  });
  const { client } = clientWith(hanging, errorAnswer(400, "ExpiredToken"));
  assertStrictEquals(await assertRejects(() => putObject(client, { ...PUT, signal: stop.signal })), reason);
});

Deno.test("concurrent requests that are rejected for the same credentials all succeed", async () => {
  const provider = refreshing();
  const { client, requests } = clientWith(
    provider,
    (request) =>
      request.headers.get("x-amz-security-token") === "token-0" ? errorAnswer(400, "ExpiredToken") : OK.clone(),
  );
  await Promise.all(Array.from({ length: 20 }, () => putObject(client, PUT)));
  assertEquals(requests.length, 40);
  assertEquals(new Set(tokens(requests)), new Set(["token-0", "token-1"]));
});

/** A client with a wrong clock, on a server that rejects it. */
function clientOffBy(minutes: number): { client: S3Client; statuses: () => number[]; clock: { minutes: number } } {
  const server = createS3Server({ buckets: ["bucket"], now: () => SERVER_TIME });
  const clock = { minutes };
  const client = clientOn(server, {
    accessKey: "testkey",
    secretKey: "testsecret",
    securityToken: undefined,
    clientConfig: { maxAttempts: 1 },
    now: () => new Date(SERVER_TIME.getTime() + clock.minutes * 60_000),
  });
  return { client, statuses: () => server.requests.map(({ status }) => status), clock };
}

for (const minutes of [-60, 60, 60 * 24 * 365]) {
  Deno.test(`a clock that is off by ${minutes} minutes is corrected once for all requests`, async () => {
    const { client, statuses } = clientOffBy(minutes);
    await putObject(client, PUT);
    assertEquals(statuses(), [403, 200]);
    await headObject(client, TARGET);
    assertEquals(statuses(), [403, 200, 200]);
    assertEquals(client.now(), SERVER_TIME);
  });
}

Deno.test("a rejected HEAD, whose response has no code, corrects the clock too", async () => {
  const { client, statuses } = clientOffBy(60);
  const error = await assertRejects(() => headObject(client, TARGET), NotFoundError);
  assertEquals([error.attempts, statuses()], [2, [403, 404]]);
});

Deno.test("concurrent requests that are all rejected correct the clock", async () => {
  const { client, statuses } = clientOffBy(60);
  await Promise.all(Array.from({ length: 10 }, () => putObject(client, PUT)));
  assertEquals(statuses().toSorted(), [...Array(10).fill(200), ...Array(10).fill(403)]);
});

Deno.test("a clock that is set later is used again after one rejection", async () => {
  const { client, statuses, clock } = clientOffBy(60);
  await putObject(client, PUT);
  clock.minutes = 0;
  await putObject(client, PUT);
  await putObject(client, PUT);
  assertEquals(statuses(), [403, 200, 403, 200, 200]);
});

Deno.test("a clock within the tolerance of S3 is not corrected", async () => {
  const { client, statuses } = clientOffBy(14);
  await putObject(client, PUT);
  assertEquals(statuses(), [200]);
  assertEquals(client.now(), new Date(SERVER_TIME.getTime() + 14 * 60_000));
});

Deno.test("RequestTimeTooSkewed that the server's date does not explain throws", async () => {
  for (const headers of [{}, { date: "yesterday" }, { date: SERVER_TIME.toUTCString() }]) {
    const transport = scripted(
      errorAnswer(403, "RequestTimeTooSkewed", { headers: headers as Record<string, string> }),
    );
    const client = clientOn(transport, { now: () => SERVER_TIME });
    const error = await assertRejects(() => getObject(client, TARGET, getUnencoded), UnauthenticatedError);
    assert(error.message.includes("Set this machine's clock"), error.message);
    assertEquals(transport.requests.length, 1);
  }
});

Deno.test("a server that rejects every date receives two requests", async () => {
  let hours = 0;
  const transport = scripted(() =>
    errorAnswer(403, "RequestTimeTooSkewed", {
      headers: { date: new Date(SERVER_TIME.getTime() + ++hours * 3_600_000).toUTCString() },
    })
  );
  await assertRejects(
    () => getObject(clientOn(transport, { now: () => SERVER_TIME }), TARGET, getUnencoded),
    UnauthenticatedError,
  );
  assertEquals(transport.requests.length, 2);
});

Deno.test("every operation continues with renewed credentials after they expire", async () => {
  const now = (): Date => SERVER_TIME;
  const issued = ["first", "second"].map((name, index) => ({
    accessKeyId: name,
    secretAccessKey: SECRET,
    sessionToken: `token of ${name}`,
    expiration: new Date(SERVER_TIME.getTime() + index * 60_000),
  }));
  const operations: Readonly<Record<string, (storage: S3Storage) => Promise<unknown>>> = {
    PutObject: (storage) => storage.save("b.txt", "x"),
    GetObject: (storage) => storage.open("a.txt").then((file) => file.text()),
    HeadObject: (storage) => storage.size("a.txt"),
    ListObjectsV2: (storage) => storage.listdir(""),
    CopyObject: (storage) => storage.copy("a.txt", "c.txt"),
    DeleteObject: (storage) => storage.delete("a.txt"),
  };
  for (const signatureVersion of ["s3v4", "s3"] as const) {
    for (const [operation, run] of Object.entries(operations)) {
      const server = createS3Server({ buckets: ["bucket"], credentials: issued, now });
      const options = { bucketName: "bucket", fetch: server.fetch, now, signatureVersion };
      await new S3Storage({ ...options, credentials: () => issued[1]! }).save("a.txt", "hello");
      let current = 0;
      const credentials = Object.assign(() => issued[current]!, { refused: () => void current++ });
      await run(new S3Storage({ ...options, credentials }));
      const seen = server.requests.slice(1).map(({ status }) => status < 300 ? operation : status);
      assertEquals([seen[0], new Set(seen.slice(1))], [400, new Set([operation])]); // a copy takes three requests
    }
  }
});
