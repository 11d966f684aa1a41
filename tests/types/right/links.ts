/** Programs with signed URLs, forms, cookies and invalidations, that compile. */
import { cloudFrontPolicy, type CloudFrontPrivateKey, CloudFrontSigner } from "@storages/s3/cloudfront";
import { createInvalidation, invalidationPaths } from "@storages/s3/cloudfront/invalidation";
import { verifySignedCookies, verifySignedUrl } from "@storages/s3/cloudfront/verify";
import { S3Storage, type UrlSigner } from "@storages/s3";
import {
  createPresignedPost,
  type Credentials,
  presignedPostForm,
  Presigner,
  presignUrl,
  presignUrlV2,
} from "@storages/s3/signing";

const credentials: Credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
const bucketUrl = "https://media.s3.eu-west-1.amazonaws.com";

export function signsAUrl(): string[] {
  const presigner = new Presigner({ bucketUrl: new URL(bucketUrl), region: "eu-west-1", credentials });
  return [
    presigner.url("a.txt"),
    presigner.url("a.txt", { method: "PUT", expiresIn: 60, headers: { "content-type": "text/plain" } }),
    presigner.url("a.txt", { query: { "response-content-disposition": "attachment" }, date: new Date() }),
    presignUrl({ bucketUrl, region: "eu-west-1", credentials, key: "a.txt", expiresIn: 60 }),
    presignUrlV2({ bucketUrl, bucket: "media", key: "a.txt", credentials, expiresIn: 60 }),
  ];
}

export function signsAForm(): FormData {
  const post = createPresignedPost({
    bucketUrl,
    bucket: "media",
    key: "uploads/${filename}",
    region: "eu-west-1",
    credentials: { ...credentials, sessionToken: "token" },
    expiresIn: 600,
    conditions: [["starts-with", "$Content-Type", "image/"], ["content-length-range", 0, 1000]],
  });
  return presignedPostForm(post, new Blob(["GIF89a"]), { fileName: "a.gif" });
}

export async function signsForCloudFront(privateKey: CloudFrontPrivateKey): Promise<string> {
  const signer = new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey, now: () => new Date() });
  const { values, setCookie } = await signer.cookies("https://cdn.example.com/*", {
    expiresIn: 3600,
    ipAddress: "192.0.2.0/24",
    path: "/",
    sameSite: "Lax",
  });
  const reusable = await signer.reuse("https://cdn.example.com/videos/", { expiresAt: new Date("2027-01-01") });
  const policy = cloudFrontPolicy("https://cdn.example.com/*", { expiresIn: 60, startsAt: new Date() });
  return Object.keys(values).join() + setCookie.join() + policy + reusable.sign("https://cdn.example.com/videos/1.mp4");
}

export function takesEveryKindOfKey(
  cryptoKey: Awaited<ReturnType<typeof crypto.subtle.importKey>>,
  exported: Awaited<ReturnType<typeof crypto.subtle.exportKey>>,
): CloudFrontSigner[] {
  const keys: CloudFrontPrivateKey[] = [
    "-----BEGIN PRIVATE KEY-----",
    new Uint8Array(8),
    new ArrayBuffer(8),
    { kty: "EC", crv: "P-256", d: "d", x: "x", y: "y", key_ops: ["sign"], ext: true },
    JSON.parse("{}"),
    cryptoKey,
    exported,
  ];
  return keys.map((privateKey) => new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey }));
}

export async function takesANewKey(): Promise<S3Storage> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  if (!("privateKey" in pair)) throw new TypeError("no pair");
  const cloudfrontKey = await crypto.subtle.exportKey("jwk", pair.privateKey);
  return new S3Storage({ bucketName: "media", customDomain: "cdn.example.com", cloudfrontKeyId: "K", cloudfrontKey });
}

export function takesASignerOfItsOwn(signer: CloudFrontSigner): S3Storage[] {
  const own: UrlSigner = { sign: (url, { expiresAt }) => `${url}?until=${expiresAt.getTime() / 1000}` };
  return [signer, own].map((cloudfrontSigner) => new S3Storage({ bucketName: "media", cloudfrontSigner }));
}

export async function verifiesUrlsAndCookies(
  publicKey: Awaited<ReturnType<typeof crypto.subtle.importKey>>,
): Promise<boolean> {
  const url = await verifySignedUrl("https://cdn.example.com/a", { publicKey, at: new Date(), ipAddress: "192.0.2.1" });
  const cookies = await verifySignedCookies({}, "https://cdn.example.com/a", {
    publicKey: "-----BEGIN PUBLIC KEY-----",
  });
  return url.valid && cookies.valid;
}

export async function invalidatesPaths(names: readonly string[]): Promise<string> {
  const { id } = await createInvalidation({
    distributionId: "E2EXAMPLE",
    paths: invalidationPaths(names, { location: "static", maxPaths: 100 }),
    credentials: () => Promise.resolve(credentials),
    timeoutSeconds: 10,
  });
  return id;
}
