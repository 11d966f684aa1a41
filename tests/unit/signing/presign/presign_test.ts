import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { urlParameters } from "../../../../src/s3/url_parameters.ts";
import { S3Storage } from "../../../../src/s3/s3_storage.ts";
import { encodeHex } from "../../../../src/kit/bytes/bytes.ts";
import type { MakeHmacKey } from "../../../../src/kit/bytes/hmac_key.ts";
import { plainHmacKey } from "../../../../src/signing/sha256.ts";
import { encodeKey, encodeQuery } from "../../../../src/signing/encode.ts";
import { presign } from "../../../../src/signing/presign/presign.ts";
import { Presigner } from "../../../../src/signing/presign/presigner.ts";
import { amzDate } from "../../../../src/aws/amz_values.ts";
import { signingKey } from "../../../../src/signing/signing_key.ts";
import { checkName } from "../../../../src/storage/contract/names.ts";
import { SeededRandom } from "../../random.ts";
import { nodeHmacKey } from "../../runtime/node_hmac_key.ts";
import { addressOf, credentialsOf, type PresignVector, presignVectors } from "../presign_vectors.ts";

const NODE_HMAC_KEY = await nodeHmacKey();

const vectors = await presignVectors("sigv4_presigned.json");

function presigned(vector: PresignVector, hmacKey?: MakeHmacKey): string {
  const { origin, path } = addressOf(vector);
  return presign({
    method: vector.method,
    origin,
    path: path + encodeKey(vector.key),
    query: urlParameters(vector.parameters, "GET", (message) => new TypeError(message)).query,
    expiresIn: vector.expiresInSeconds,
    credentials: credentialsOf(vector),
    region: vector.region,
    service: "s3",
    date: new Date(vector.now),
    hmacKey,
  });
}

/** The part that the URLs of one second share. */
interface Context {
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
  readonly origin: string;
  readonly region: string;
  readonly expiresIn: number;
  readonly date: Date;
  readonly headers: Readonly<Record<string, string>>;
}

/** Whether a storage accepts the key as a name unchanged: not with empty, `.` or `..` segments. */
function isName(key: string): boolean {
  try {
    return checkName(key) === key;
  } catch {
    return false;
  }
}

Deno.test("presign() equals every vector of botocore, with either hash", () => {
  let passed = 0;
  for (const vector of vectors) {
    assertEquals(presigned(vector), vector.url);
    assertEquals(presigned(vector, NODE_HMAC_KEY), vector.url);
    passed++;
  }
  assertEquals(passed, 40);
  // deno-lint-ignore no-console -- the count is asked for
  console.log(`presigned URLs: ${passed} of ${vectors.length}`);
});

Deno.test("S3Storage.url() equals every vector whose key is a valid name", async () => {
  let passed = 0;
  let names = 0;
  for (const vector of vectors) {
    if (!isName(vector.key)) {
      assertEquals(presigned(vector), vector.url);
      passed++;
      continue;
    }
    const storage = new S3Storage({
      bucketName: vector.bucket,
      regionName: vector.region,
      accessKey: vector.accessKeyId,
      secretKey: vector.secretAccessKey,
      addressingStyle: vector.addressingStyle,
      now: () => new Date(vector.now),
      ...(vector.sessionToken === null ? {} : { securityToken: vector.sessionToken }),
      ...(vector.endpoint === null ? {} : { endpointUrl: vector.endpoint }),
    });
    const { parameters, method, expiresInSeconds: expiresIn } = vector;
    assertEquals(await storage.url(vector.key, { parameters, method, expiresIn }), vector.url);
    passed++;
    names++;
  }
  assertEquals(passed, 40);
  // deno-lint-ignore no-console -- the count is asked for
  console.log(`S3Storage.url: ${passed} of ${vectors.length}, ${names} of them by a storage's name`);
});

Deno.test("presign() equals aws4fetch for 20,000 random URLs, with either hash, also within one second", async () => {
  const random = new SeededRandom(8);
  const alphabet = [
    "a",
    "Z",
    "0",
    " ",
    "+",
    "ñ",
    "日",
    "😀",
    "/",
    "//",
    "~",
    "%41",
    "%",
    "!*'()",
    "&=?#",
    ".",
    "-",
    "\n",
  ];
  const plain = ["a", "B", "7", "/", "-", "_", ".", "~", "thumbnail.jpg", "albums/2026/"];
  const names = [
    "versionId",
    "response-content-type",
    "response-expires",
    "partNumber",
    "X-amz",
    "a-b",
    "a",
    "a b",
    "AZ",
  ];
  const secret = ["s", "+", "/", "K"];
  const many = Array.from({ length: 50 }, (_, index) => ({
    accessKeyId: `AKID${index}`,
    secretAccessKey: random.text(secret, 1, 100),
    ...(index % 2 === 0 ? {} : { sessionToken: random.text(["T", "+", "/", "="], 1, 40) }),
  }));
  // Derived keys are cached by credentials object, so each hash needs its own.
  const sameForNode = new Map(many.map((credentials) => [credentials, { ...credentials }]));
  const newContext = (): Context => ({
    credentials: random.pick(many),
    origin: random.pick(["https://b.s3.amazonaws.com", "http://localhost:9000", "https://h.example:8443"]),
    region: random.pick(["us-east-1", "eu-west-1", "auto"]),
    expiresIn: 1 + random.below(604_800),
    date: new Date(random.below(2 ** 32) * 1000 + random.below(1000)),
    headers: random.below(3) > 0 ? {} : {
      "content-type": random.text(["a", "/", ";", "="], 1, 9),
      "if-none-match": "*",
      "x-amz-meta-a": random.text(["a", " ", "Z"], 0, 9).trim(),
    },
  });
  let contexts = [newContext()];
  let equal = 0;
  for (let i = 0; i < 20_000; i++) {
    // Two at a time, in turns, so that the scope of one second is used, replaced, and used again.
    if (i % 20 === 0) contexts = [newContext(), newContext()];
    const context = random.pick(contexts);
    const { credentials, origin, region, expiresIn, date, headers } = context;
    const key = random.text(random.below(2) === 0 ? plain : alphabet, 1, random.below(10) === 0 ? 90 : 20)
      .replace(/(^|\/)\.+(?=\/|$)/g, "$1x");
    const query = random.below(2) === 0 ? [] : names.filter(() => random.below(3) === 0)
      .map((name): [string, string] => [name, random.text(alphabet, 0, 6)]);
    const method = random.pick(["GET", "HEAD", "PUT", "DELETE"] as const);
    const ours = new Presigner({ bucketUrl: origin, region, credentials })
      .url(key, { method, query, headers, expiresIn, date });
    const path = `/${encodeKey(key)}`;
    const reference = (await new AwsV4Signer({
      ...credentials,
      method,
      url: `${origin}${path}?${encodeQuery([...query, ["X-Amz-Expires", String(expiresIn)]])}`,
      headers,
      allHeaders: true,
      region,
      service: "s3",
      datetime: amzDate(date),
      signQuery: true,
    }).sign()).url;
    assertEquals(new URL(ours).pathname, reference.pathname);
    // Parameters have the order of botocore, not of aws4fetch. The signature covers the rest.
    const parameters = (url: URL): string[] => [...url.searchParams].map((pair) => pair.join("=")).sort();
    assertEquals(parameters(new URL(ours)), parameters(reference), ours);
    if (Object.keys(headers).length === 0) {
      const own = { method, origin, path, query, expiresIn, region, service: "s3", date };
      assertEquals(presign({ ...own, credentials: sameForNode.get(credentials)!, hmacKey: NODE_HMAC_KEY }), ours);
    }
    equal++;
  }
  assertEquals(equal, 20_000);
});

Deno.test("presign() sorts parameters by name, also where one name begins with another", () => {
  const credentials = { accessKeyId: "id", secretAccessKey: "secret" };
  const date = new Date("2030-01-01T00:00:00Z");
  const query: Array<[string, string]> = [["a1", "="], ["a", " "], ["a b", "x"], ["a-", "~"], ["A", ""]];
  const url = new Presigner({ bucketUrl: "https://h.example", region: "r", credentials }).url("k", { query, date });
  const [, own] = /\?a1=%3D&a=%20&a%20b=x&a-=~&A=&(X-Amz-Algorithm.*)&X-Amz-Signature/.exec(url)!;
  // The canonical request, written by hand from the documentation of AWS.
  const canonical = `GET\n/k\nA=&${own}&a=%20&a%20b=x&a-=~&a1=%3D\nhost:h.example\n\nhost\nUNSIGNED-PAYLOAD`;
  const hash = createHash("sha256").update(canonical).digest("hex");
  const key = signingKey(credentials, "20300101", "r", "s3", plainHmacKey);
  const text = `AWS4-HMAC-SHA256\n20300101T000000Z\n20300101/r/s3/aws4_request\n${hash}`;
  assertEquals(url.slice(-64), encodeHex(key.sign(text)));
});

Deno.test("presign() binds the method, the expiry and the key", () => {
  const vector = vectors[0]!;
  const signature = (changed: Partial<PresignVector>): string | null =>
    new URL(presigned({ ...vector, ...changed })).searchParams.get("X-Amz-Signature");
  const all = [{}, { method: "PUT" as const }, { expiresInSeconds: 61 }, { key: "other" }, { bucket: "other" }];
  assertEquals(new Set(all.map(signature)).size, all.length);
});

Deno.test("presign() computes the shared parts of one second once, and does not cache a customer's key", () => {
  let made = 0;
  const hmacKey: MakeHmacKey = (secret) => {
    const key = plainHmacKey(secret);
    return { sign: (text) => key.sign(text), overDigests: (...ends) => (made++, key.overDigests(...ends)) };
  };
  const credentials = { accessKeyId: "AKID", secretAccessKey: "secret" };
  const madeFor = (header: string): number => {
    const before = made;
    for (const path of ["/a", "/b", "/c"]) {
      presign({
        ...{ method: "GET", origin: "https://b.example", path, query: [], expiresIn: 60, credentials, hmacKey },
        ...{ region: "us-east-1", service: "s3", date: new Date(0) },
        signedPart: `host:b.example\n${header}:x\n\nhost;${header}\nUNSIGNED-PAYLOAD`,
      });
    }
    return made - before;
  };
  const ofOne = madeFor("x-amz-server-side-encryption-customer-algorithm");
  assertEquals(madeFor("x-amz-server-side-encryption-customer-key"), 3 * ofOne);
  assertEquals([madeFor("x-amz-server-side-encryption-customer-algorithm"), ofOne > 0], [0, true]);
});
