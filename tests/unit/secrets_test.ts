/** No class that holds a secret shows it: inspected, as JSON, as text, by its own properties, or in its errors. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { inspect } from "node:util";
import { CloudFrontSigner } from "../../src/cloudfront/mod.ts";
import { S3Client } from "../../src/client/s3_client.ts";
import { credentialsFromSettings } from "../../src/credentials/from_settings.ts";
import { refreshingCredentials } from "../../src/credentials/refreshing.ts";
import { createInvalidation } from "../../src/cloudfront/invalidation/mod.ts";
import { ConnectionError } from "../../src/errors.ts";
import { S3Storage } from "../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../src/settings/options.ts";
import { resolveSettings } from "../../src/settings/resolve.ts";
import { createPresignedPost, Presigner } from "../../src/signing/mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";
import { pemOf, RSA_PKCS1_DER } from "./cloudfront/keys.ts";

const SECRET = "hunter2/hunter2+secret";
const TOKEN = "hunter2-token";
const CUSTOMER_KEY = "hunter2-hunter2-hunter2-hunter2-";
const PROXY = "http://user:hunter2@proxy.example:3128";
const PEM = pemOf("RSA PRIVATE KEY", RSA_PKCS1_DER.toBase64());

/** Texts that no output may contain: the secrets, plain and encoded. */
const HIDDEN = [
  "hunter2",
  btoa(SECRET).slice(0, 12),
  btoa(CUSTOMER_KEY).slice(0, 12),
  encodeURIComponent(SECRET),
  RSA_PKCS1_DER.toBase64().slice(64, 96),
];

/** Every way in which a value gets into a log. */
function outputs(value: unknown): string[] {
  return [
    Deno.inspect(value, { depth: Infinity, showHidden: true, getters: true }),
    inspect(value, { depth: Infinity, showHidden: true, getters: true }),
    String(value),
    JSON.stringify(value) ?? "",
    ...Object.getOwnPropertyNames(Object(value)).map((name) => String(Reflect.get(Object(value), name))),
  ];
}

function assertSilent(what: string, value: unknown): void {
  for (const text of outputs(value)) {
    for (const hidden of HIDDEN) assert(!text.includes(hidden), `${what} shows ${hidden} in ${text.slice(0, 200)}`);
  }
}

const server = createS3Server({ buckets: ["media"] });
const credentials = { accessKeyId: "AKID", secretAccessKey: SECRET, sessionToken: TOKEN };
const OPTIONS: S3StorageOptions = {
  bucketName: "media",
  endpointUrl: "https://localhost:9000",
  accessKey: credentials.accessKeyId,
  secretKey: SECRET,
  securityToken: TOKEN,
  objectParameters: { SSECustomerKey: CUSTOMER_KEY },
  customDomain: "cdn.example.com",
  cloudfrontKeyId: "K1",
  cloudfrontKey: PEM,
};

const SETTINGS = resolveSettings([{ ...OPTIONS, proxies: { https: PROXY } }], { environment: () => undefined });

for (
  const [what, make] of [
    ["settings", () => ({ ...SETTINGS, objectParameters: {} })],
    ["a storage", () => new S3Storage({ ...OPTIONS, fetch: server.fetch })],
    ["a storage's settings", () => new S3Storage({ ...OPTIONS, fetch: server.fetch }).settings],
    ["a client", () => new S3Client({ ...SETTINGS, objectParameters: {} }, credentialsFromSettings(SETTINGS))],
    ["a provider of keys", () => credentialsFromSettings(SETTINGS)],
    [
      "a provider that refreshes",
      () => refreshingCredentials(() => credentials, { context: { now: () => new Date() } }),
    ],
    ["a presigner", () => new Presigner({ bucketUrl: "https://h", region: "r", credentials })],
    [
      "an upload form",
      () => {
        const post = createPresignedPost({ bucketUrl: "https://h", bucket: "b", key: "k", region: "r", credentials });
        const { "x-amz-security-token": token, ...fields } = post.fields; // part of every form
        assertEquals(token, TOKEN);
        return { url: post.url, fields: { ...fields, policy: "" } };
      },
    ],
    ["CloudFront's signer", () => new CloudFrontSigner({ keyId: "K1", privateKey: PEM })],
    ["the server of tests", () => createS3Server({ credentials: [{ accessKeyId: "A", secretAccessKey: SECRET }] })],
  ] as [string, () => unknown][]
) {
  Deno.test(`${what} shows no secret`, () => assertSilent(what, make()));
}

/** Every operation of a storage that can fail, on responses of that kind. */
async function failures(answer: () => Promise<Response>): Promise<unknown[]> {
  const options = { ...OPTIONS, clientConfig: { maxAttempts: 1 }, fetch: answer };
  const storage = new S3Storage(options);
  const calls: (() => unknown)[] = [
    () => storage.save("a", "b"),
    () => storage.open("a"),
    () => storage.stat("a"),
    () => storage.listdir(""),
    () => storage.delete("a"),
    () => storage.copy("a", "b"),
    () => storage.deleteMany(["a", "b"]),
    () => storage.url("a", { expiresIn: 0 }),
    () => storage.urlSync("a"),
  ];
  return await Promise.all(calls.map(async (call) => {
    try {
      return await call();
    } catch (error) {
      return error;
    }
  }));
}

Deno.test("no error shows a secret, even if a response repeats it", async () => {
  const body = `<Error><Code>X</Code><Message>no</Message><StringToSign>${TOKEN}</StringToSign></Error>`;
  for (
    const answer of [
      () => Promise.reject(new TypeError("network down")),
      () => Promise.resolve(new Response(body, { status: 403 })),
      () => Promise.resolve(new Response(body, { status: 500 })),
      () => Promise.resolve(new Response("not XML", { status: 200 })),
    ]
  ) {
    const errors = await failures(answer);
    assert(errors.filter((error) => error instanceof Error).length >= 7, `${errors.length}`);
    for (const error of errors) assertSilent("an error", error);
  }
});

Deno.test("errors of settings do not show values that are or may be secret", async () => {
  for (
    const wrong of [
      { secretKey: { SECRET } },
      { securityToken: [TOKEN] },
      { endpointUrl: `https://user:${SECRET}@h` },
      { customDomain: "user:hunter2@h" },
      { cloudfrontKey: PEM.replace("MII", "AII"), customDomain: "cdn.example.com" },
      { cloudfrontKeyId: PEM },
      { objectParameters: { SSECustomerKey: "hunter2" } },
      { proxies: PROXY },
    ] as unknown as S3StorageOptions[]
  ) {
    let thrown: unknown;
    try {
      await new S3Storage({ ...OPTIONS, ...wrong }).url("a.txt"); // a damaged key is noticed when it is first used
    } catch (error) {
      thrown = error;
    }
    assert(thrown instanceof Error, Object.keys(wrong)[0]);
    assertSilent(Object.keys(wrong)[0]!, thrown);
  }
});

Deno.test("the search for secrets finds them", () => {
  for (const value of [{ deep: { a: [SECRET] } }, new Error(TOKEN), Object.defineProperty({}, "a", { value: PEM })]) {
    assert(outputs(value).some((text) => HIDDEN.some((hidden) => text.includes(hidden))), Deno.inspect(value));
  }
});

Deno.test("no error shows what a malformed response repeats", async () => {
  // Like the errors of fetch and node:http on Node.
  for (const kept of [{ data: `x ${TOKEN}` }, { rawPacket: new TextEncoder().encode(TOKEN) }]) {
    const fetch = () => {
      const parsing = Object.assign(new Error("Response does not match"), {
        code: "HPE_INVALID_HEADER_TOKEN",
        ...kept,
      });
      return Promise.reject(new TypeError("fetch failed", { cause: parsing }));
    };
    const storage = new S3Storage({ ...OPTIONS, clientConfig: { maxAttempts: 1 }, fetch });
    const invalidation = { distributionId: "E1", paths: ["/a"], credentials, fetch, maxAttempts: 1 };
    for (const send of [() => storage.stat("a.txt"), () => createInvalidation(invalidation)]) {
      const error = await assertRejects(send, ConnectionError);
      assertSilent("an error", error);
      assertEquals(Object.keys((error.cause as Error).cause as Error), ["code"]);
    }
  }
});
