/** Wrong programs that sign URLs, forms and cookies. */
import { S3Storage } from "@storages/s3";
import { CloudFrontSigner } from "@storages/s3/cloudfront";
import { createInvalidation } from "@storages/s3/cloudfront/invalidation";
import { verifySignedUrl } from "@storages/s3/cloudfront/verify";
import { createPresignedPost, Presigner, presignUrl } from "@storages/s3/signing";
import type { WrongProgram } from "./wrong_program.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
const bucketUrl = "https://media.s3.amazonaws.com";

/** See {@linkcode WrongProgram}. */
export const WRONG_LINKS: readonly WrongProgram[] = [
  {
    name: "url() with the word of browsers",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.url("a.txt", { expires: 60 }),
    message: "unknown option 'expires'. Did you mean expiresIn?",
  },
  {
    name: "url() with the word of django-storages",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.url("a.txt", { expire: 60 }),
    message: "unknown option 'expire'. Did you mean expiresIn?",
  },
  {
    name: "url() with a number",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.url("a.txt", 60),
    message: "options must be an object, got 60",
  },
  {
    name: "url() with an AWS setting",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.url("a.txt", { querystringExpire: 60 }),
    message: "unknown option 'querystringExpire'",
  },
  {
    name: "url() with a lifetime as text",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.url("a.txt", { expiresIn: "60" }),
    message: "expiresIn must be",
  },
  {
    name: "url() with a lifetime of nothing",
    run: ({ storage }) => storage.url("a.txt", { expiresIn: 0 }),
    message: "expiresIn must be an integer from 1 to 604800, got 0",
  },
  {
    name: "url() with a lifetime of a month",
    run: ({ storage }) => storage.url("a.txt", { expiresIn: 30 * 86_400 }),
    message: "expiresIn must be an integer from 1 to 604800, got 2592000",
  },
  {
    name: "url() with a lifetime in milliseconds",
    run: ({ storage }) => storage.url("a.txt", { expiresIn: 3_600_000 }),
    message: "expiresIn must be an integer from 1 to 604800",
  },
  {
    name: "url() with an instant",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.url("a.txt", { expiresIn: new Date() }),
    message: "expiresIn must be",
  },
  {
    name: "url() with a method in small letters",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.url("a.txt", { method: "put" }),
    message: "method must be",
  },
  {
    name: "url() with a method that S3 does not sign",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.url("a.txt", { method: "PATCH" }),
    message: "method must be",
  },
  {
    name: "url() with a content type beside the parameters",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.url("a.txt", { contentType: "image/png" }),
    message: "unknown option 'contentType'",
  },
  {
    name: "url() with the name of Bun for a download",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.url("a.txt", { contentDisposition: "attachment" }),
    message: "unknown option 'contentDisposition'",
  },
  {
    name: "url() with a misspelt name of a download",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.url("a.txt", { downloadAs: "b.txt" }),
    message: "unknown option 'downloadAs'. Did you mean downloadName?",
  },
  {
    name: "urlSync() with a number",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.urlSync("a.txt", 3600),
    message: "options must be an object, got 3600",
  },
  {
    name: "urlSync() with parameters as text",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.urlSync("a.txt", { parameters: "versionId=1" }),
    message: "parameters",
  },
  {
    name: "presignedPost() with the word of browsers",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.presignedPost("a.txt", { expires: 60 }),
    message: "unknown option 'expires'. Did you mean expiresIn?",
  },
  {
    name: "presignedPost() with the words of the AWS SDK",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.presignedPost("a.txt", { Fields: {} }),
    message: "unknown option 'Fields'. Did you mean fields?",
  },
  {
    name: "presignedPost() with a number",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.presignedPost("a.txt", 60),
    message: "options must be an object, got 60",
  },
  {
    name: "presignedPost() with conditions in no list",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => storage.presignedPost("a.txt", { conditions: { acl: "private" } }),
    message: "conditions must be",
  },
  {
    name: "presigner.url() with the old word",
    // @ts-expect-error refused at compile time
    run: ({ presigner }) => presigner.url("a.txt", { expire: 60 }),
    message: "unknown option 'expire'. Did you mean expiresIn?",
  },
  {
    name: "presigner.url() with a number",
    // @ts-expect-error refused at compile time
    run: ({ presigner }) => presigner.url("a.txt", 60),
    message: "options must be an object, got 60",
  },
  {
    name: "Presigner with a bucket instead of its URL",
    // @ts-expect-error refused at compile time
    run: () => new Presigner({ bucket: "media", region: "us-east-1", credentials }),
    message: "unknown option 'bucket'",
  },
  {
    name: "Presigner without a region",
    // @ts-expect-error refused at compile time
    run: () => new Presigner({ bucketUrl, credentials }),
    message: "region must be",
  },
  {
    name: "Presigner with keys beside the credentials",
    // @ts-expect-error refused at compile time
    run: () => new Presigner({ bucketUrl, region: "r", accessKeyId: "a", secretAccessKey: "b" }),
    message: "unknown option 'accessKeyId'",
  },
  {
    name: "presignUrl() with a name first",
    // @ts-expect-error refused at compile time
    run: () => presignUrl("a.txt", { bucketUrl }),
    message: "options must be an object",
  },
  {
    name: "createPresignedPost() with the words of the AWS SDK",
    // @ts-expect-error refused at compile time
    run: () => createPresignedPost({ Bucket: "media", Key: "a.txt", Expires: 60 }),
    message: "unknown option 'Bucket'",
  },
  {
    name: "sign() with the old word for an instant",
    // @ts-expect-error refused at compile time
    run: ({ signer, url }) => signer.sign(url, { expires: new Date() }),
    message: "unknown option 'expires'. Did you mean expires",
  },
  {
    name: "sign() with a number",
    // @ts-expect-error refused at compile time
    run: ({ signer, url }) => signer.sign(url, 60),
    message: "options must be an object, got 60",
  },
  {
    name: "sign() without a lifetime",
    // @ts-expect-error refused at compile time
    run: ({ signer, url }) => signer.sign(url),
    message: "options must be an object, got undefined",
  },
  {
    name: "sign() with a timestamp",
    // @ts-expect-error refused at compile time
    run: ({ signer, url }) => signer.sign(url, { expiresAt: Date.now() + 60_000 }),
    message: "expiresAt must be a date from 1970 on",
  },
  {
    name: "sign() with the words of the AWS SDK",
    // @ts-expect-error refused at compile time
    run: ({ signer, url }) => signer.sign(url, { dateLessThan: "2027-01-01" }),
    message: "unknown option 'dateLessThan'",
  },
  {
    name: "CloudFrontSigner with the words of the AWS SDK",
    // @ts-expect-error refused at compile time
    run: () => new CloudFrontSigner({ keyPairId: "K", privateKey: "-" }),
    message: "unknown option 'keyPairId'. Did you mean keyId?",
  },
  {
    name: "CloudFrontSigner with two texts",
    // @ts-expect-error refused at compile time
    run: () => new CloudFrontSigner("K2JCJMDEHXQW5F", "-----BEGIN PRIVATE KEY-----"),
    message: "options must be an object",
  },
  {
    name: "a key of CloudFront that is a number",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", cloudfrontKeyId: "K", cloudfrontKey: 5 }),
    message: "cloudfrontKey",
  },
  {
    name: "a key of CloudFront that is a pair",
    // @ts-expect-error refused at compile time
    run: () => new CloudFrontSigner({ keyId: "K2JCJMDEHXQW5F", privateKey: { publicKey: "", privateKey: "" } }),
    message: "The CloudFront key is not PEM: it must be an unencrypted private key",
  },
  {
    name: "cookies() with the old word for the age",
    // @ts-expect-error refused at compile time
    run: ({ signer, url }) => signer.cookies(url, { expiresIn: 60, maxAgeSeconds: 60 }),
    message: "unknown option 'maxAgeSeconds'. Did you mean maxAge?",
  },
  {
    name: "cookies() with a word in small letters",
    // @ts-expect-error refused at compile time
    run: ({ signer, url }) => signer.cookies(url, { expiresIn: 60, sameSite: "lax" }),
    message: "sameSite must be",
  },
  {
    name: "verifySignedUrl() with a number as key",
    run: async ({ signer, url }) => {
      const signed = await signer.sign(url, { expiresIn: 60 });
      // @ts-expect-error refused at compile time
      return await verifySignedUrl(signed, { publicKey: 5 });
    },
    message: "publicKey must be",
  },
  {
    name: "verifySignedUrl() with a key alone",
    // @ts-expect-error refused at compile time
    run: ({ url }) => verifySignedUrl(url, "-----BEGIN PUBLIC KEY-----"),
    message: "options must be an object",
  },
  {
    name: "verifySignedUrl() with a timestamp",
    // @ts-expect-error refused at compile time
    run: ({ url }) => verifySignedUrl(url, { publicKey: "-", at: Date.now() }),
    message: "at must be a valid Date",
  },
  {
    name: "createInvalidation() with one path",
    // @ts-expect-error refused at compile time
    run: () => createInvalidation({ distributionId: "E", paths: "/*", credentials }),
    message: "paths must be an array",
  },
  {
    name: "createInvalidation() with the words of the AWS SDK",
    // @ts-expect-error refused at compile time
    run: () => createInvalidation({ DistributionId: "E", paths: [], credentials }),
    message: "unknown option 'DistributionId'. Did you mean distributionId?",
  },
];
