import { assertEquals, assertNotEquals, assertStrictEquals } from "@std/assert";
import { createHmac } from "node:crypto";
import type { Credentials } from "../../../src/aws/credentials.ts";
import { encodeHex } from "../../../src/kit/bytes/bytes.ts";
import type { HmacKey } from "../../../src/kit/bytes/hmac_key.ts";
import { plainHmacKey } from "../../../src/signing/sha256.ts";
import { credentialScope, signingKey as signingKeyOf } from "../../../src/signing/signing_key.ts";
import { nodeHmacKey } from "../runtime/node_hmac_key.ts";

const CREDENTIALS: Credentials = { accessKeyId: "id", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

function signingKey(credentials: Credentials, ...[day, region, service]: [string, string, string]): HmacKey {
  return signingKeyOf(credentials, day, region, service, plainHmacKey);
}

function code(key: HmacKey, text: string): string {
  return encodeHex(key.sign(text));
}

function expectedCode(secret: string, scope: readonly string[], text: string): string {
  let key: Uint8Array = new TextEncoder().encode(`AWS4${secret}`);
  for (const step of [...scope, "aws4_request"]) key = createHmac("sha256", key).update(step).digest();
  return createHmac("sha256", key).update(text).digest("hex");
}

Deno.test("signingKey() derives the key of the example of AWS", () => {
  const scopes: [day: string, region: string, service: string][] = [
    ["20150830", "us-east-1", "iam"],
    ["20130524", "eu-west-1", "s3"],
  ];
  for (const scope of scopes) {
    const key = signingKey(CREDENTIALS, ...scope);
    assertEquals(code(key, "text"), expectedCode(CREDENTIALS.secretAccessKey, scope, "text"));
  }
});

Deno.test("signingKey() derives the same key with node:crypto", async () => {
  const scope = ["20130524", "eu-west-1", "s3"] as const;
  const key = signingKeyOf({ ...CREDENTIALS }, ...scope, await nodeHmacKey());
  assertEquals(code(key, "text"), expectedCode(CREDENTIALS.secretAccessKey, scope, "text"));
});

Deno.test("signingKey() derives one key for each day, region and service", () => {
  const key = signingKey(CREDENTIALS, "20130524", "us-east-1", "s3");
  assertStrictEquals(signingKey(CREDENTIALS, "20130524", "us-east-1", "s3"), key);
  for (const other of [["20130525", "us-east-1", "s3"], ["20130524", "eu", "s3"], ["20130524", "us-east-1", "sts"]]) {
    assertNotEquals(code(signingKey(CREDENTIALS, ...other as [string, string, string]), "x"), code(key, "x"));
  }
});

Deno.test("signingKey() caches a bounded number of keys", () => {
  const credentials = { ...CREDENTIALS };
  const first = signingKey(credentials, "20130101", "us-east-1", "s3");
  for (let i = 0; i < 16; i++) signingKey(credentials, "20130101", `region-${i}`, "s3");
  const again = signingKey(credentials, "20130101", "us-east-1", "s3");
  assertEquals([again === first, code(again, "x")], [false, code(first, "x")]);
});

Deno.test("signingKey() caches by credentials object: new credentials with the same id use their own secret", () => {
  const rotated = { ...CREDENTIALS, secretAccessKey: "another" };
  const scope = ["20130524", "us-east-1", "s3"] as const;
  signingKey(CREDENTIALS, ...scope);
  assertEquals(code(signingKey(rotated, ...scope), "x"), expectedCode("another", scope, "x"));
});

Deno.test("signingKey() holds credentials weakly", async () => {
  const source = (path: string): string => JSON.stringify(new URL(`../../../src/${path}`, import.meta.url).href);
  const script = `import { signingKey } from ${source("signing/signing_key.ts")};
    import { plainHmacKey } from ${source("signing/sha256.ts")};
    import { presign } from ${source("signing/presign/presign.ts")};
    const references = [];
    for (let i = 0; i < 50; i++) {
      const credentials = { accessKeyId: "id", secretAccessKey: "secret" + i };
      const key = signingKey(credentials, "20130524", "us-east-1", "s3", plainHmacKey);
      const date = new Date("2013-05-24T00:00:00Z");
      const where = { method: "GET", origin: "https://a", path: "/b", query: [], region: "us-east-1", service: "s3" };
      presign({ ...where, expiresIn: 60, credentials, date });
      references.push([new WeakRef(credentials), new WeakRef(key)]);
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 0));
    console.log(references.filter((pair) => pair.some((reference) => reference.deref() !== undefined)).length);`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, script);
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-config", "--no-check", "--allow-read", "--v8-flags=--expose-gc", file],
    }).output();
    assertEquals(Number(new TextDecoder().decode(stdout)) < 5, true, "at most a few are still on the stack");
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("credentialScope() joins day, region and service", () => {
  assertEquals(credentialScope("20130524", "us-east-1", "s3"), "20130524/us-east-1/s3/aws4_request");
});
