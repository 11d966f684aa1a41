import { assert, assertEquals } from "@std/assert";
import { AwsV4Signer } from "aws4fetch";
import { createHash } from "node:crypto";
import { encodeKey, encodeQuery } from "../../../src/signing/encode.ts";
import { UNSIGNED_PAYLOAD } from "../../../src/aws/amz_values.ts";
import { signRequest } from "../../../src/signing/sign_request.ts";
import { SeededRandom } from "../random.ts";
import { nodeHmacKey } from "../runtime/node_hmac_key.ts";

interface HeaderVector {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  readonly region: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bodyBase64: string;
  readonly payload: "signed" | "unsigned";
  readonly now: string;
  readonly authorization: string;
  readonly amzDate: string;
  readonly amzContentSha256: string;
}

const { vectors }: { vectors: HeaderVector[] } = JSON.parse(
  await Deno.readTextFile(new URL("../../vectors/sigv4_headers.json", import.meta.url)),
);

function bodyHash({ bodyBase64 }: HeaderVector): string {
  const body = Uint8Array.from(atob(bodyBase64), (character) => character.charCodeAt(0));
  return createHash("sha256").update(body).digest("hex");
}

for (const [how, hmacKey] of [["by node:crypto", await nodeHmacKey()], ["in plain JavaScript", undefined]] as const) {
  Deno.test(`signRequest() equals every vector of botocore, ${how}`, () => {
    let passed = 0;
    for (const vector of vectors) {
      const { accessKeyId, secretAccessKey, sessionToken } = vector;
      const headers = signRequest({
        method: vector.method,
        url: vector.url,
        headers: vector.headers,
        payloadHash: vector.payload === "signed" ? bodyHash(vector) : UNSIGNED_PAYLOAD,
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) },
        region: vector.region,
        service: "s3",
        date: new Date(vector.now),
        hmacKey,
      });
      assertEquals(headers.authorization, vector.authorization, vector.url);
      assertEquals(headers["x-amz-date"], vector.amzDate);
      assertEquals(headers["x-amz-content-sha256"], vector.amzContentSha256);
      assertEquals(headers["x-amz-security-token"], sessionToken ?? undefined);
      passed++;
    }
    assertEquals(passed, 40);
    // deno-lint-ignore no-console -- the count is asked for
    console.log(`signed headers ${how}: ${passed} of ${vectors.length}`);
  });
}

Deno.test("signRequest() signs every header", () => {
  const headers = signRequest({
    method: "PUT",
    url: "https://b.s3.amazonaws.com/a",
    headers: { "content-type": "text/plain", "x-amz-meta-a": "b", "if-none-match": "*", range: "bytes=1-" },
    payloadHash: UNSIGNED_PAYLOAD,
    credentials: { accessKeyId: "id", secretAccessKey: "secret" },
    region: "us-east-1",
    service: "s3",
    date: new Date(0),
  });
  const signed = /SignedHeaders=([^,]*)/.exec(headers.authorization!)![1];
  assertEquals(signed, "content-type;host;if-none-match;range;x-amz-content-sha256;x-amz-date;x-amz-meta-a");
});

Deno.test("signRequest() puts the secret into no header", () => {
  const headers = signRequest({
    method: "GET",
    url: "https://b.s3.amazonaws.com/a",
    headers: {},
    payloadHash: UNSIGNED_PAYLOAD,
    credentials: { accessKeyId: "id", secretAccessKey: "hunter2-hunter2" },
    region: "us-east-1",
    service: "s3",
    date: new Date(0),
  });
  assert(!Deno.inspect(headers).includes("hunter2"));
});

Deno.test("signRequest() equals aws4fetch for 2,000 random requests, also within one second", async () => {
  const random = new SeededRandom(4);
  const word = (): string => random.pick(["a", "b-c", "d e", "%41", "ñ", "(x)", "a+b", "", "photo.jpg"]);
  const credentials = [{ accessKeyId: "id", secretAccessKey: "secret" }, {
    accessKeyId: "other",
    secretAccessKey: "hunter2",
    sessionToken: "to/ken==",
  }];
  for (let turn = 0; turn < 2000; turn++) {
    const query = Array.from(
      { length: random.below(4) },
      (_, i) => [`${random.pick(["a", "a-", "uploads", "B"])}${i}`, word()] as const,
    );
    const path = `/${encodeKey(`bucket/${word()}/${word()}`)}`;
    const headers = Object.fromEntries(
      ["range", "content-type", "x-amz-meta-a", "x-amz-server-side-encryption-customer-key", "zz"]
        .filter(() => random.below(3) === 0).map((name) => [name, random.pick(["text/plain", "b  c", "1", "y\tz"])]),
    );
    const input = {
      method: random.pick(["GET", "PUT", "DELETE"]),
      url: `https://${random.pick(["s3.example.com", "localhost:9000"])}${path}${
        query.length > 0 ? `?${encodeQuery(query)}` : ""
      }`,
      headers,
      payloadHash: random.pick([UNSIGNED_PAYLOAD, "a".repeat(64), "b".repeat(64)]),
      credentials: random.pick(credentials),
      region: random.pick(["us-east-1", "eu-west-1"]),
      service: random.pick(["s3", "s3-outposts"]),
      date: new Date(Date.UTC(2026, 10, 22, 23, 59, 58 + random.below(4), random.below(1000))),
    };
    const { credentials: given, date, payloadHash, ...rest } = input;
    const signer = new AwsV4Signer({
      ...rest,
      ...given,
      headers: { ...headers, "x-amz-content-sha256": payloadHash },
      allHeaders: true,
      datetime: date.toISOString().replace(/[:-]|\.\d{3}/g, ""),
    });
    if (input.service !== "s3") signer.encodedPath = path;
    const expected = (await signer.sign()).headers;
    assertEquals(
      Object.entries(signRequest(input)).sort().map(([name, value]) => [name, value.replace(/^ +| +$/g, "")]),
      [...expected],
    );
  }
});
