import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { AwsV4Signer } from "aws4fetch";
import { signRequest, UNSIGNED_PAYLOAD } from "../../../src/signing/sign_request.ts";
import { SeededRandom } from "../random.ts";

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

Deno.test("signRequest signs every vector made with botocore to the byte", () => {
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
    });
    assertEquals(headers.get("authorization"), vector.authorization, vector.url);
    assertEquals(headers.get("x-amz-date"), vector.amzDate);
    assertEquals(headers.get("x-amz-content-sha256"), vector.amzContentSha256);
    assertEquals(headers.get("x-amz-security-token"), sessionToken);
    passed++;
  }
  assertEquals(passed, 40);
  // deno-lint-ignore no-console -- the count is asked for
  console.log(`signed headers: ${passed} of ${vectors.length}`);
});

Deno.test("signRequest signs every header it is given", () => {
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
  const signed = /SignedHeaders=([^,]*)/.exec(headers.get("authorization")!)![1];
  assertEquals(signed, "content-type;host;if-none-match;range;x-amz-content-sha256;x-amz-date;x-amz-meta-a");
});

Deno.test("signRequest equals aws4fetch's own signature for 300 random requests", async () => {
  const random = new SeededRandom(7);
  const alphabet = ["a", "Z", "0", "%20", "%2B", "%C3%B1", "/", "~", "-", "%2525", "%28"];
  for (let i = 0; i < 300; i++) {
    const url = `https://h.example/b/${random.text(alphabet, 0, 12)}?a=${random.text(alphabet, 0, 5)}&B=`;
    const headers = { "x-amz-meta-a": random.text(["a", " ", "  ", "="], 1, 8).trim() };
    const date = new Date(random.below(2 ** 31) * 1000);
    const credentials = {
      accessKeyId: "id",
      secretAccessKey: random.text(["s", "+", "/"], 1, 80),
      sessionToken: "T/=",
    };
    const signed = signRequest({
      method: "GET",
      url,
      headers,
      payloadHash: UNSIGNED_PAYLOAD,
      credentials,
      region: "eu-west-1",
      service: "s3",
      date,
    });
    const reference = await new AwsV4Signer({
      ...credentials,
      url,
      headers: { ...headers, "x-amz-content-sha256": UNSIGNED_PAYLOAD },
      region: "eu-west-1",
      service: "s3",
      datetime: signed.get("x-amz-date")!,
      allHeaders: true,
    }).sign();
    assertEquals(signed.get("authorization"), reference.headers.get("authorization"), url);
  }
});

Deno.test("signRequest puts the secret nowhere", () => {
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
  assert(!Deno.inspect([...headers]).includes("hunter2"));
});
