import { assertEquals, assertRejects } from "@std/assert";
import { authenticate } from "../../../../src/testing/authentication/authenticate.ts";
import { CredentialBook } from "../../../../src/testing/authentication/credential_book.ts";
import { S3ServerError } from "../../../../src/testing/protocol/errors.ts";
import type { AuthenticationSettings } from "../../../../src/testing/authentication/identity.ts";
import { checkFormSignature } from "../../../../src/testing/forms/form_signature.ts";
import { checkPolicy } from "../../../../src/testing/forms/post_policy.ts";
import { readRequest } from "../../../../src/testing/protocol/request.ts";
import policies from "../../../vectors/post_policy.json" with { type: "json" };
import v2Presigned from "../../../vectors/sigv2_presigned.json" with { type: "json" };
import v4Headers from "../../../vectors/sigv4_headers.json" with { type: "json" };
import v4Presigned from "../../../vectors/sigv4_presigned.json" with { type: "json" };

interface Signer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  readonly region: string;
  readonly now: string;
}

const HOSTNAMES = ["s3.example.com", "acc.r2.example.com", "localhost"];

function settingsOf(vector: Signer): AuthenticationSettings {
  const { accessKeyId, secretAccessKey, sessionToken, region } = vector;
  return {
    credentials: new CredentialBook([{ accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) }]),
    region,
    now: new Date(vector.now),
  };
}

async function verify(vector: Signer, method: string, url: string, headers: HeadersInit = {}): Promise<string> {
  const request = await readRequest(new Request(url, { method, headers }), HOSTNAMES);
  return (await authenticate(request, settingsOf(vector))).accessKeyId ?? "nobody";
}

/** Replaces the character at `index` by another. */
function flip(text: string, index: number): string {
  const other = text[index] === "a" ? "b" : "a";
  return text.slice(0, index) + other + text.slice(index + 1);
}

async function assertRefused(attempt: () => Promise<unknown>, what: string): Promise<void> {
  await assertRejects(attempt, S3ServerError, undefined, what);
}

Deno.test("every header signature of botocore is accepted, and refused if anything is changed", async () => {
  assertEquals(v4Headers.vectors.length, 40);
  for (const vector of v4Headers.vectors) {
    const headers: Record<string, string> = {
      ...vector.headers as Record<string, string>,
      authorization: vector.authorization,
      "x-amz-date": vector.amzDate,
      "x-amz-content-sha256": vector.amzContentSha256,
    };
    if (vector.sessionToken) headers["x-amz-security-token"] = vector.sessionToken;
    const { method, url } = vector;
    assertEquals(await verify(vector, method, url, headers), vector.accessKeyId, url);

    const wrongSignature = { ...headers, authorization: flip(vector.authorization, vector.authorization.length - 3) };
    await assertRefused(() => verify(vector, method, url, wrongSignature), `signature of ${url}`);
    const pathEnd = url.includes("?") ? url.indexOf("?") : url.length;
    await assertRefused(() => verify(vector, method, url.slice(0, pathEnd) + "x" + url.slice(pathEnd), headers), url);
    await assertRefused(() => verify(vector, method, `${url}${url.includes("?") ? "&" : "?"}extra=1`, headers), url);
    await assertRefused(() => verify(vector, method === "PUT" ? "POST" : "PUT", url, headers), `method of ${url}`);
    const wrongHash = { ...headers, "x-amz-content-sha256": "0".repeat(64) };
    await assertRefused(() => verify(vector, method, url, wrongHash), `hash of ${url}`);
  }
});

for (const [name, set] of [["version 4", v4Presigned], ["version 2", v2Presigned]] as const) {
  Deno.test(`every presigned URL of botocore, ${name}, is accepted, and refused if anything is changed`, async () => {
    assertEquals(set.vectors.length, 40);
    for (const vector of set.vectors) {
      const { method, url } = vector;
      assertEquals(await verify(vector, method, url), vector.accessKeyId, url);
      const query = url.indexOf("?"), signature = url.indexOf("Signature=", query) + "Signature=".length;
      await assertRefused(() => verify(vector, method, flip(url, signature + 4)), `signature of ${url}`);
      await assertRefused(() => verify(vector, method, flip(url, query - 1)), `path of ${url}`);
      await assertRefused(() => verify(vector, method === "PUT" ? "GET" : "PUT", url), `method of ${url}`);
      // SigV2 signs only some parameters; the access key and the expiry are always present.
      const expires = url.search(/Expires=\d/) + "Expires=".length;
      const later = url.slice(0, expires) + "1" + url.slice(expires);
      await assertRefused(() => verify(vector, method, later), `expiry of ${url}`);
      const after = new Date(Date.parse(vector.now) + (vector.expiresInSeconds + 1) * 1000).toISOString();
      await assertRefused(() => verify({ ...vector, now: after }, method, url), `late ${url}`);
    }
  });
}

Deno.test("SigV4 covers every parameter of a presigned URL", async () => {
  for (const vector of v4Presigned.vectors) {
    const query = vector.url.indexOf("?");
    const pieces = vector.url.slice(query + 1).split("&");
    for (const index of pieces.keys()) {
      const changed = pieces.map((piece, at) => (at === index ? flip(piece, piece.length - 1) : piece)).join("&");
      await assertRefused(
        () => verify(vector, vector.method, `${vector.url.slice(0, query)}?${changed}`),
        pieces[index] ?? "",
      );
    }
  }
});

Deno.test("every form policy of botocore is accepted, and refused if anything is changed", async () => {
  assertEquals(policies.vectors.length, 20);
  for (const vector of policies.vectors) {
    const fields = new Map(
      Object.entries(vector.postFields as Record<string, string>).map(([name, value]) => [
        name.toLowerCase(),
        value,
      ]),
    );
    const policy = fields.get("policy") ?? "";
    const settings = settingsOf(vector);
    await checkFormSignature(fields, policy, settings);
    const wrongSignature = new Map(fields).set("x-amz-signature", flip(fields.get("x-amz-signature") ?? "", 5));
    await assertRefused(() => checkFormSignature(wrongSignature, policy, settings), "signature");
    await assertRefused(() => checkFormSignature(fields, flip(policy, 20), settings), "policy");

    const filled = new Map(fields).set("bucket", vector.bucket).set("content-type", "image/png");
    const spoken = JSON.stringify(vector.conditions).includes("Content-Type");
    if (!spoken) filled.delete("content-type");
    const subject = { fields: filled, size: 100, now: settings.now };
    checkPolicy(policy, subject);
    const holds = (change: Partial<typeof subject>): Promise<void> =>
      Promise.resolve().then(() => checkPolicy(policy, { ...subject, ...change }));
    await assertRefused(() => holds({ fields: new Map(filled).set("key", "elsewhere") }), "key");
    await assertRefused(() => holds({ fields: new Map(filled).set("bucket", "elsewhere") }), "bucket");
    await assertRefused(() => holds({ fields: new Map(filled).set("x-amz-meta-a", "1") }), "extra field");
    await assertRefused(() => holds({ now: new Date(settings.now.getTime() + 10 * 86_400_000) }), "late");
    if (JSON.stringify(vector.conditions).includes("content-length-range")) {
      await assertRefused(() => holds({ size: 0 }), "size");
    }
  }
});
