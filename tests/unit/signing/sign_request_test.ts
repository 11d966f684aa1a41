import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { UNSIGNED_PAYLOAD } from "../../../src/signing/amz_values.ts";
import { findSyncHash } from "../../../src/runtime/digest.ts";
import { encodeKey } from "../../../src/signing/encode.ts";
import { presign } from "../../../src/signing/presign.ts";
import { signRequest, signUrl } from "../../../src/signing/sign_request.ts";
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

for (const [how, hash] of [["without waiting", findSyncHash()], ["by WebCrypto", undefined]] as const) {
  Deno.test(`signRequest signs every vector made with botocore to the byte, ${how}`, async () => {
    assertEquals(hash === undefined, how === "by WebCrypto");
    let passed = 0;
    for (const vector of vectors) {
      const { accessKeyId, secretAccessKey, sessionToken } = vector;
      const headers = await signRequest({
        method: vector.method,
        url: vector.url,
        headers: vector.headers,
        payloadHash: vector.payload === "signed" ? bodyHash(vector) : UNSIGNED_PAYLOAD,
        credentials: { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) },
        region: vector.region,
        service: "s3",
        date: new Date(vector.now),
        hash,
      });
      assertEquals(headers.get("authorization"), vector.authorization, vector.url);
      assertEquals(headers.get("x-amz-date"), vector.amzDate);
      assertEquals(headers.get("x-amz-content-sha256"), vector.amzContentSha256);
      assertEquals(headers.get("x-amz-security-token"), sessionToken);
      passed++;
    }
    assertEquals(passed, 40);
    // deno-lint-ignore no-console -- the count is asked for
    console.log(`signed headers ${how}: ${passed} of ${vectors.length}`);
  });
}

Deno.test("signRequest signs every header it is given", async () => {
  const headers = await signRequest({
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

Deno.test("signUrl, by aws4fetch, and presign, by hand, make the same URL of 300 random ones", async () => {
  const random = new SeededRandom(7);
  const alphabet = ["a", "Z", "0", "+", " ", "ñ", "😀", "/", "~", "-", "%25", "(", "*", "?", "#", "&", "="];
  for (let i = 0; i < 300; i++) {
    const path = `/b/${encodeKey(random.text(alphabet, 0, 12))}`;
    const input = {
      method: ["GET", "PUT", "HEAD", "DELETE"][random.below(4)]!,
      query: [["response-content-type", random.text(alphabet, 0, 5)], ["versionId", "v.1+"]] as [string, string][],
      expiresInSeconds: 1 + random.below(604_800),
      credentials: {
        accessKeyId: "id",
        secretAccessKey: random.text(["s", "+", "/"], 1, 80),
        ...(random.below(2) === 0 ? {} : { sessionToken: "T/=+ en" }),
      },
      region: "eu-west-1",
      service: "s3",
      date: new Date(random.below(2 ** 31) * 1000),
    };
    const origin = "https://h.example:8443";
    for (const hash of [findSyncHash(), undefined]) {
      assertEquals(await signUrl({ ...input, hash, url: origin + path }), presign({ ...input, origin, path }));
    }
  }
});

Deno.test("signRequest puts the secret nowhere", async () => {
  const headers = await signRequest({
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
