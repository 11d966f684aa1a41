import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import type { Credentials } from "../../../src/aws/credentials.ts";
import { ConfigurationError, UnauthenticatedError } from "../../../src/errors.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { presignedPostForm } from "../../../src/signing/mod.ts";
import { isName } from "../../../src/storage/contract/names.ts";
import { createS3Server } from "../../../src/testing/mod.ts";
import sigv2 from "../../vectors/sigv2_presigned.json" with { type: "json" };
import { s3On } from "../storage/storages.ts";
import { exampleStorage } from "./example_storage.ts";

const signatureOf = (url: string): string | null =>
  new URL(url).searchParams.get("X-Amz-Signature") ?? new URL(url).searchParams.get("Signature");

const ODD_KEY = "path/to/ñ f+l&e.txt";
const TRIPLE = {
  ResponseContentDisposition: 'attachment; filename="x y.txt"',
  VersionId: "v1",
  ResponseContentType: "text/plain",
};

for (
  const [what, storage, key, options, signature] of [
    ["an odd key", {}, ODD_KEY, {}, "bb4cb17eb8e3d612e0eccc64ec44b5cc7f198be8e50ab874f0d95e87c61549ac"],
    [
      "a region's key on the host of all regions, which was botocore's default then",
      { regionName: "eu-west-1", endpointUrl: "https://s3.amazonaws.com", addressingStyle: "virtual" },
      "a.txt",
      {},
      "8067e0fb209616a25dd68d595c3284fa277c97d6d44478b5cf7540c25bd7b123",
    ],
    [
      "a region's path style",
      { regionName: "eu-west-1", addressingStyle: "path" },
      "a.txt",
      {},
      "1c5ed4bd1a23d729b63669dcd5b4b93d977adc91baec205b554830b4da21a017",
    ],
    [
      "a custom endpoint",
      { endpointUrl: "http://localhost:9000" },
      "a.txt",
      {},
      "3adcacdf87c02892e1c42b7e73fdc40ed16ea16df5e28d8f3e78ca91b42accb7",
    ],
    [
      "PUT",
      {},
      "a.txt",
      { method: "PUT", expiresIn: 60 },
      "3d15a1660fe983a9aa9b36da5fb1f133a5b6ecbe0820230968a9c14fc4e0eaa6",
    ],
    [
      "a session token",
      { securityToken: "TOK/=" },
      "a.txt",
      {},
      "7c1fc6a80d9180b609ef1084f5a1583f1f9017789ab9a60a89405fb4de387fb5",
    ],
    [
      "parameters",
      {},
      "a.txt",
      { parameters: TRIPLE },
      "36cf4a22aac702c88a12ddd37a0d3f897d0fd8d94184d1b7ffa345bc284ee276",
    ],
    ["version 2 and an odd key", { signatureVersion: "s3" }, ODD_KEY, {}, "U+U4Wg/1lqW9UMBNt0ttup9FlNw="],
    [
      "version 2 and PUT",
      { signatureVersion: "s3" },
      "a.txt",
      { method: "PUT", expiresIn: 60 },
      "Tip5PFDVj5PT0LtWgO+Q04RCkWI=",
    ],
    [
      "version 2 and a token",
      { signatureVersion: "s3", securityToken: "TOK/=" },
      "a.txt",
      {},
      "KaeIsmF3oPGn12k9D3QW+bCZywg=",
    ],
    [
      "version 2 and parameters",
      { signatureVersion: "s3" },
      "a.txt",
      { parameters: TRIPLE },
      "f1LrphnnHIUj4g+SB9aUnNUWbOU=",
    ],
  ] as const
) {
  Deno.test(`url() and urlSync() sign like boto3 for ${what}`, async () => {
    const made = exampleStorage(storage);
    assertEquals(signatureOf(await made.url(key, options)), signature);
    assertEquals(made.urlSync(key, options), await made.url(key, options));
  });
}

Deno.test("url() makes every vector of signature version 2 whose key is a valid name", async () => {
  let names = 0;
  for (const vector of sigv2.vectors) {
    if (!isName(vector.key)) continue;
    const storage = new S3Storage({
      bucketName: vector.bucket,
      regionName: vector.region,
      accessKey: vector.accessKeyId,
      secretKey: vector.secretAccessKey,
      signatureVersion: "s3",
      addressingStyle: vector.addressingStyle as "path",
      now: () => new Date(vector.now),
      ...(vector.sessionToken === null ? {} : { securityToken: vector.sessionToken }),
      ...(vector.endpoint === null ? {} : { endpointUrl: vector.endpoint }),
    });
    const { method, expiresInSeconds: expiresIn } = vector;
    const parameters = vector.parameters as unknown as Record<string, string>;
    assertEquals(await storage.url(vector.key, { parameters, method: method as "GET", expiresIn }), vector.url);
    names++;
  }
  assert(names > 25, `${names}`);
});

Deno.test("querystringWindow gives a file the same URL until the window ends, valid for at least `expiresIn`", () => {
  let now = Date.parse("2026-01-01T10:00:00Z");
  const storage = exampleStorage({ now: () => new Date(now), querystringExpire: 900, querystringWindow: 3600 });
  const first = storage.urlSync("a.txt");
  now += 3_599_999;
  assertEquals(storage.urlSync("a.txt"), first);
  const { searchParams } = new URL(first);
  assertEquals(searchParams.get("X-Amz-Date"), "20260101T100000Z");
  assertEquals(searchParams.get("X-Amz-Expires"), "4500");
  now += 1;
  assertNotEquals(storage.urlSync("a.txt"), first);
  assertEquals(new URL(storage.urlSync("a.txt", { window: 0 })).searchParams.get("X-Amz-Expires"), "900");
});

for (const window of [-1, 1.5, 604_800, "60", null]) {
  Deno.test(`a window of ${Deno.inspect(window)} seconds is refused`, () => {
    assertThrows(
      () => exampleStorage().urlSync("a", { window: window as number }),
      typeof window === "number" ? RangeError : TypeError,
      "Cannot sign URL for 'a': window must be an integer",
    );
  });
}

Deno.test("a window that makes the lifetime too long is refused, in a call and in the settings", () => {
  assertThrows(
    () => exampleStorage().urlSync("a", { expiresIn: 604_800, window: 1 }),
    RangeError,
    "Cannot sign URL for 'a': expiresIn + window",
  );
  assertThrows(
    () => exampleStorage({ querystringExpire: 604_800, querystringWindow: 1 }),
    ConfigurationError,
    "querystringExpire + querystringWindow",
  );
});

const TEMPORARY: Credentials = {
  accessKeyId: "id",
  secretAccessKey: "secret",
  sessionToken: "token",
  expiration: new Date("2013-05-24T00:10:00Z"),
};

/** A storage with the credentials above. */
function withTemporary(options: S3StorageOptions = {}): S3Storage {
  const { bucketName, settings } = exampleStorage();
  return new S3Storage({ bucketName, now: settings.now, credentials: () => TEMPORARY, ...options });
}

Deno.test("a URL expires with its credentials, also with a window", async () => {
  const expires = (url: string): string | null => new URL(url).searchParams.get("X-Amz-Expires");
  const storage = withTemporary();
  assertEquals(expires(await storage.url("a")), "600");
  assertEquals(expires(storage.urlSync("a", { expiresIn: 599 })), "599");
  const later = { now: () => new Date("2013-05-24T00:05:00Z"), querystringWindow: 3600 };
  assertEquals(expires(await withTemporary(later).url("a")), "600");
});

Deno.test("mayExpireEarlier: false refuses a URL that outlives its credentials", async () => {
  const message = "Cannot sign URL for 'a' for 3600 seconds: the credentials expire at 2013-05-24T00:10:00.000Z";
  await assertRejects(() => withTemporary().url("a", { mayExpireEarlier: false }), RangeError, message);
});

Deno.test("mayExpireEarlier: false accepts credentials that last for `expiresIn`, whatever the window", async () => {
  const strict = withTemporary({ querystringWindow: 3600, querystringExpire: 600 });
  assertEquals(new URL(await strict.url("a", { mayExpireEarlier: false })).searchParams.get("X-Amz-Expires"), "600");
  await assertRejects(
    () => strict.url("a", { mayExpireEarlier: false, expiresIn: 601 }),
    RangeError,
    "for 601 seconds",
  );
});

Deno.test("url() refuses credentials that expire within a second", async () => {
  let milliseconds = 0;
  const storage = new S3Storage({
    bucketName: "media",
    credentials: () => ({ ...TEMPORARY, expiration: new Date("2013-05-24T00:10:00.900Z") }),
    now: () => new Date(Date.parse("2013-05-24T00:09:59.000Z") + milliseconds),
  });
  assertEquals(new URL(await storage.url("a")).searchParams.get("X-Amz-Expires"), "1");
  milliseconds = 1100;
  await assertRejects(() => storage.url("a"), ConfigurationError, "the credentials expire at");
});

Deno.test("url() and urlSync() sign with the current keys of an object that a provider changes", async () => {
  for (const expiration of [undefined, new Date("2013-05-24T01:00:00Z")]) {
    let now = Date.parse("2013-05-24T00:00:00Z");
    const own = { accessKeyId: "id1", secretAccessKey: "secret1", sessionToken: "token1", expiration };
    const storage = new S3Storage({ bucketName: "media", credentials: () => own, now: () => new Date(now) });
    const first = await storage.url("a");
    const [accessKeyId, secretAccessKey, sessionToken] = ["id2", "secret2", "token2"];
    now = Date.parse("2013-05-24T00:59:59Z");
    Object.assign(own, { accessKeyId, secretAccessKey, sessionToken });
    if (expiration !== undefined) own.expiration = new Date("2013-05-24T02:00:00Z");
    const second = await storage.url("a", { expiresIn: 60 });
    const fresh = exampleStorage({
      ...{ bucketName: "media", accessKey: accessKeyId, secretKey: secretAccessKey, securityToken: sessionToken },
      now: () => new Date(now),
    });
    assertEquals(second, fresh.urlSync("a", { expiresIn: 60 }));
    if (expiration !== undefined) assertEquals(storage.urlSync("a", { expiresIn: 60 }), second);
    assertNotEquals(first, second);
  }
});

for (const date of [new Date(NaN), new Date("+010000-01-01T00:00:00Z"), new Date("-000001-12-31T23:59:59.999Z")]) {
  Deno.test(`url() refuses to sign for the date ${Deno.inspect(date)}`, async () => {
    let calls = 0;
    // The constructor refuses a clock that returns an invalid date.
    const now = (): Date => calls++ === 0 ? new Date(0) : date;
    const options: S3StorageOptions[] = [{}, { signatureVersion: "s3" }, { customDomain: "d" }, {
      querystringWindow: 9,
    }];
    for (const option of options) {
      assertThrows(
        () => {
          calls = 0;
          exampleStorage({ now, ...option }).urlSync("a");
        },
        RangeError,
        "date",
      );
    }
    calls = 0;
    await assertRejects(() => exampleStorage({ now }).presignedPost("a"), RangeError, "date must be a valid date");
  });
}

Deno.test("url() refuses expired credentials", async () => {
  const ended = withTemporary({ now: () => new Date("2013-05-24T00:10:00Z") });
  await assertRejects(() => ended.url("a"), UnauthenticatedError, "The credentials expired at");
});

Deno.test("urlSync() says what to do if the credentials are not loaded", async () => {
  const storage = new S3Storage({ bucketName: "media", credentials: () => Promise.resolve(TEMPORARY) });
  assertThrows(() => storage.urlSync("a"), ConfigurationError, "await url() or any request before urlSync()");
  const failing = new S3Storage({ bucketName: "media", credentials: () => Promise.reject(new Error("none")) });
  assertThrows(() => failing.urlSync("a"), ConfigurationError, "await url() or any request before urlSync()");
  await assertRejects(() => failing.url("a"), Error, "none");
});

Deno.test("presignedPost() allows uploads within its conditions only", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server, { location: "up", endpointUrl: "http://localhost:9000" });
  const post = await storage.presignedPost("${filename}", {
    expiresIn: 60,
    fields: { success_action_status: "201" },
    conditions: [["content-length-range", 1, 5]],
  });
  assertEquals(post.url, "http://localhost:9000/media/");
  const send = async (text: string): Promise<number> => {
    const body = presignedPostForm(post, new Blob([text]), { fileName: "a.txt" });
    return (await server.fetch(new Request(post.url, { method: "POST", body }))).status;
  };
  assertEquals([await send("12345"), await send("123456")], [201, 400]);
  assertEquals(await (await storage.open("a.txt")).text(), "12345");
  const behindCdn = await s3On(server, { customDomain: "cdn.example.com" }).presignedPost("a");
  assertEquals(behindCdn.url, "https://media.s3.amazonaws.com/", "what a CDN serves is not where S3 takes forms");
  await assertRejects(() => s3On(server, { signatureVersion: "s3" }).presignedPost("a"), ConfigurationError, "s3v4");
});

Deno.test("a ResponseContentDisposition beyond ASCII is encoded, or refused", async () => {
  const server = createS3Server({ buckets: ["media"] });
  const storage = s3On(server, { endpointUrl: "http://localhost" });
  await storage.save("a.txt", "contents");
  const header = `attachment; filename="R_port.txt"; filename*=UTF-8''R%C3%A4port.txt`;
  const given = [
    'attachment; filename="Räport.txt"',
    "Attachment;filename=Räport.txt",
    ' attachment ; FileName = "Räport.txt" ',
  ];
  for (const ResponseContentDisposition of given) {
    const response = await server.fetch(
      new Request(storage.urlSync("a.txt", { parameters: { ResponseContentDisposition } })),
    );
    assertEquals([response.status, response.headers.get("content-disposition")], [200, header]);
    await response.body?.cancel();
  }
  const ResponseContentDisposition = `inline; filename="a b.txt"; filename*=UTF-8''%C3%A4.txt`;
  const url = new URL(storage.urlSync("a.txt", { parameters: { ResponseContentDisposition } }));
  assertEquals(url.searchParams.get("response-content-disposition"), ResponseContentDisposition);
  const onDomain = exampleStorage({ customDomain: "cdn.example.com" });
  const parameters = { ResponseContentDisposition: given[0] };
  assertEquals(
    new URL(await onDomain.url("a", { parameters })).searchParams.get("response-content-disposition"),
    header,
  );
  for (
    const refused of [
      { ResponseContentDisposition: 'attachment; filename="€.txt"; size=3' },
      { ResponseContentDisposition: "attachment; filename=a\r\nx: y" },
      { ResponseContentType: "text/plain; name=€" },
      { ResponseCacheControl: "ü" },
    ]
  ) {
    const message = `Cannot sign URL for 'a.txt': ${Object.keys(refused)[0]} must be text in printable ASCII`;
    assertThrows(() => storage.urlSync("a.txt", { parameters: refused }), TypeError, message);
  }
});
