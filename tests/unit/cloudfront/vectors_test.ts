import { assertEquals } from "@std/assert";
import { cloudFrontPolicy, CloudFrontSigner } from "../../../src/cloudfront/mod.ts";
import { verifySignedUrl } from "../../../src/cloudfront/verify/mod.ts";
import file from "../../vectors/cloudfront.json" with { type: "json" };
import { date, opensslKeys, RSA_PKCS1_PEM, RSA_PUBLIC_PEM, rsaSigner } from "./keys.ts";

interface Vector {
  readonly keyId: string;
  readonly kind: string;
  readonly url: string;
  readonly expiresEpoch: number;
  readonly resource?: string;
  readonly startsEpoch?: number | null;
  readonly ipAddress?: string | null;
  readonly policy: string;
  readonly signedUrl: string;
}

const VECTORS: readonly Vector[] = file.vectors;

function policyOf({ resource, url, expiresEpoch, startsEpoch, ipAddress }: Vector): string {
  return cloudFrontPolicy(resource ?? url, {
    expiresAt: date(expiresEpoch),
    ...(startsEpoch == null ? {} : { startsAt: date(startsEpoch) }),
    ...(ipAddress == null ? {} : { ipAddress }),
  });
}

Deno.test("there are 20 vectors of botocore", () => {
  assertEquals(VECTORS.length, 20);
});

Deno.test("cloudFrontPolicy() equals every vector of botocore", () => {
  for (const vector of VECTORS) assertEquals(policyOf(vector), vector.policy);
});

Deno.test("sign() equals every vector of botocore", async () => {
  for (const vector of VECTORS) {
    const signer = new CloudFrontSigner({ keyId: vector.keyId, privateKey: RSA_PKCS1_PEM });
    const options = vector.kind === "canned" ? { expiresAt: date(vector.expiresEpoch) } : { policy: policyOf(vector) };
    assertEquals(await signer.sign(vector.url, options), vector.signedUrl);
  }
});

Deno.test("options and the equal policy give the same URL", async () => {
  for (const vector of VECTORS.filter(({ kind }) => kind === "custom")) {
    const { url, resource, expiresEpoch, startsEpoch, ipAddress } = vector;
    const signed = await rsaSigner().sign(url, {
      resource,
      expiresAt: date(expiresEpoch),
      startsAt: startsEpoch == null ? undefined : date(startsEpoch),
      ipAddress: ipAddress ?? undefined,
    });
    assertEquals(signed, vector.signedUrl);
  }
});

Deno.test("the URLs of botocore verify unless their policy is for other URLs", async () => {
  const verdicts = new Set<string>();
  for (const { url, kind, resource, signedUrl, policy, expiresEpoch, ipAddress } of VECTORS) {
    const verdict = await verifySignedUrl(signedUrl, {
      publicKey: RSA_PUBLIC_PEM,
      at: date(expiresEpoch - 0.5),
      ...(ipAddress == null ? {} : { ipAddress }),
    });
    const isCovered = kind === "canned" ||
      (resource === "https://cdn.example.com/*" && url.startsWith(resource.slice(0, -1)));
    assertEquals(verdict, isCovered ? { valid: true, policy } : { valid: false, reason: "resource" });
    verdicts.add(String(isCovered));
  }
  assertEquals(verdicts.size, 2);
});

Deno.test("signatures with a key of 1024 bits equal OpenSSL's, with SHA-1 and SHA-256", async () => {
  for (const hash of ["SHA-1", "SHA-256"] as const) {
    const signer = new CloudFrontSigner({ keyId: "test-key", privateKey: opensslKeys.rsa1024.pkcs1, hash });
    const signature = opensslKeys.rsa1024.signatures[hash].replaceAll("+", "-").replaceAll("=", "_").replaceAll(
      "/",
      "~",
    );
    assertEquals(
      await signer.sign("https://mock.cloudfront.net/file.txt", { expiresAt: date(3600) }),
      `https://mock.cloudfront.net/file.txt?Expires=3600&Signature=${signature}&Key-Pair-Id=test-key` +
        (hash === "SHA-256" ? "&Hash-Algorithm=SHA256" : ""),
    );
  }
});

Deno.test("a signature with a key of 4096 bits equals OpenSSL's", async () => {
  const signer = new CloudFrontSigner({ keyId: "test-key", privateKey: opensslKeys.rsa4096.pkcs1 });
  const url = await signer.sign("https://mock.cloudfront.net/file.txt", { expiresAt: date(3600) });
  const signature = opensslKeys.rsa4096.signature.replaceAll("+", "-").replaceAll("=", "_").replaceAll("/", "~");
  assertEquals(new URL(url).searchParams.get("Signature"), signature);
});
