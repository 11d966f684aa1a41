import { assert, assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { UNSIGNED_PAYLOAD } from "../../../src/signing/amz_values.ts";
import { signRequest } from "../../../src/signing/sign_request.ts";
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
  Deno.test(`signRequest signs every vector made with botocore to the byte, ${how}`, () => {
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
  const signed = /SignedHeaders=([^,]*)/.exec(headers.authorization!)![1];
  assertEquals(signed, "content-type;host;if-none-match;range;x-amz-content-sha256;x-amz-date;x-amz-meta-a");
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
  assert(!Deno.inspect(headers).includes("hunter2"));
});
