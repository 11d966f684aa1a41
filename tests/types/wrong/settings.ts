/** Wrong programs with settings, static files and the S3 server of tests. */
import { S3Storage, type S3StorageOptions } from "@storages/s3";
import { b2, minio, r2 } from "@storages/s3/presets";
import { collect, S3ManifestStaticStorage, S3StaticStorage } from "@storages/s3/static";
import { createS3Server } from "@storages/s3/testing";
import type { WrongProgram } from "./wrong_program.ts";

class MisspeltSettings extends S3Storage {
  // @ts-expect-error refused at compile time
  static override settings: S3StorageOptions = { bucketName: "media", adressingStyle: "path" };
}

class MisspeltValue extends S3Storage {
  // @ts-expect-error refused at compile time
  static override settings: S3StorageOptions = { bucketName: "media", addressingStyle: "paths" };
}

class CheckedSettings extends S3Storage {
  // @ts-expect-error refused at compile time
  static override settings = { bucketName: "media", querystringExpir: 60 } satisfies S3StorageOptions;
}

class StaticFiles extends S3StaticStorage {
  // @ts-expect-error refused at compile time
  static override settings: S3StorageOptions = { bucketName: "static", AWS_QUERYSTRING_AUTH: true };
}

/** See {@linkcode WrongProgram}. */
export const WRONG_SETTINGS: readonly WrongProgram[] = [
  {
    name: "S3Storage with a name",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage("media"),
    message: "must be an object, got ",
  },
  {
    name: "S3Storage with the word of Bun for the bucket",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucket: "media" }),
    message: "Did you mean bucketName?",
  },
  {
    name: "S3Storage with the word of the AWS SDK for the bucket",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ Bucket: "media" }),
    message: "Did you mean bucketName?",
  },
  {
    name: "S3Storage with the word of the AWS SDK for the region",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", region: "eu-west-1" }),
    message: "Did you mean regionName?",
  },
  {
    name: "S3Storage with the word of the AWS SDK for the endpoint",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", endpoint: "http://a" }),
    message: "Did you mean endpointUrl?",
  },
  {
    name: "S3Storage with the word of the AWS SDK for paths",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", forcePathStyle: true }),
    message: "addressingStyle",
  },
  {
    name: "S3Storage with the words of Bun for keys",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", accessKeyId: "a", secretAccessKey: "b" }),
    message: "Did you mean accessKey?",
  },
  {
    name: "S3Storage with the word of Bun for the ACL",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", acl: "public-read" }),
    message: "Did you mean defaultAcl?",
  },
  {
    name: "S3Storage with a setting of Django",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ AWS_STORAGE_BUCKET_NAME: "media" }),
    message: "Did you mean bucketName?",
  },
  {
    name: "clientConfig with a name of boto3",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", clientConfig: { read_timeout: 20 } }),
    message: "Did you mean timeout?",
  },
  {
    name: "transferConfig with a name of boto3",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", transferConfig: { multipart_chunksize: 8_388_608 } }),
    message: "Did you mean partSize?",
  },
  {
    name: "fromSettings with a member of boto3's Config that is an option here",
    // @ts-expect-error refused at compile time
    run: () => S3Storage.fromSettings({ AWS_S3_CLIENT_CONFIG: { signature_version: "s3v4" } }),
    message: "migrateSettings() of @storages/s3/migration converts all of boto3",
  },
  {
    name: "S3Storage with a setting in small letters of Python",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucket_name: "media" }),
    message: "Did you mean bucketName?",
  },
  {
    name: "S3Storage with a missing last letter",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", querystringExpir: 60 }),
    message: "Did you mean querystringExpire?",
  },
  {
    name: "S3Storage with the word of calls for the lifetime",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", expiresIn: 60 }),
    message: "Did you mean querystringExpire?",
  },
  {
    name: "S3Storage with an ACL that does not exist",
    run: () => new S3Storage({ bucketName: "media", defaultAcl: "public" }),
    message: "public-read",
  },
  {
    name: "S3Storage with a style that does not exist",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", addressingStyle: "paths" }),
    message: "addressingStyle must be",
  },
  {
    name: "S3Storage with a boolean as text",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", fileOverwrite: "false" }),
    message: "fileOverwrite must be",
  },
  {
    name: "S3Storage with a number for the location",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", location: 5 }),
    message: "location must be",
  },
  {
    name: "S3Storage with a clock of numbers",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", now: () => Date.now() }).url("a.txt"),
    message: "now must",
  },
  {
    name: "S3Storage with parameters in camel case",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", objectParameters: { cacheControl: "no-store" } }),
    message: "Did you mean CacheControl?",
  },
  {
    name: "S3Storage with a parameter's ACL that does not exist",
    run: () => new S3Storage({ bucketName: "media", objectParameters: { ACL: "public" } }),
    message: "public-read",
  },
  {
    name: "S3Storage with a misspelt transfer option",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", transferConfig: { maxConcurency: 2 } }),
    message: "Did you mean maxConcurrency?",
  },
  {
    name: "S3Storage with a transfer option of boto3",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", transferConfig: { multipart_threshold: 2 } }),
    message: "Did you mean multipartThreshold?",
  },
  {
    name: "S3Storage with a client option of the AWS SDK",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", clientConfig: { retries: 2 } }),
    message: "maxAttempts",
  },
  {
    name: "S3Storage with the name of a fetch",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", fetch: "node-fetch" }),
    message: "fetch must be",
  },
  {
    name: "S3Storage with credentials of another form",
    // @ts-expect-error refused at compile time
    run: () => new S3Storage({ bucketName: "media", credentials: { key: "a", secret: "b" } }),
    message: "credentials",
  },
  {
    name: "S3Storage with a lifetime of a month",
    run: () => new S3Storage({ bucketName: "media", querystringExpire: 2_592_000 }),
    message: "querystringExpire must be",
  },
  {
    name: "S3Storage with the URL of the bucket as endpoint",
    run: () => new S3Storage({ bucketName: "media", endpointUrl: "localhost:9000" }),
    message: "endpointUrl",
  },
  {
    name: "S3Storage with an unknown time",
    run: () => new S3Storage({ bucketName: "media", now: () => new Date("tomorrow") }).url("a.txt"),
    message: "now must",
  },
  {
    name: "fromSettings() with options",
    // @ts-expect-error refused at compile time
    run: () => S3Storage.fromSettings({ bucketName: "media" }),
    message: "AWS_STORAGE_BUCKET_NAME",
  },
  {
    name: "fromSettings() with a name that does not exist",
    // @ts-expect-error refused at compile time
    run: () => S3Storage.fromSettings({ AWS_S3_BUCKET_NAME: "media" }),
    message: "Did you mean AWS_STORAGE_BUCKET_NAME?",
  },
  {
    name: "fromUrl() with options",
    // @ts-expect-error refused at compile time
    run: () => S3Storage.fromUrl({ bucketName: "media" }),
    message: "URL",
  },
  {
    name: "settings of a class with a misspelt name",
    run: () => new MisspeltSettings(),
    message: "Did you mean addressingStyle?",
  },
  {
    name: "settings of a class with a misspelt value",
    run: () => new MisspeltValue(),
    message: "addressingStyle must be",
  },
  {
    name: "checked settings of a class with a misspelt name",
    run: () => new CheckedSettings(),
    message: "Did you mean querystringExpire?",
  },
  {
    name: "settings of a class with the name of Django",
    run: () => new StaticFiles(),
    message: "AWS_QUERYSTRING_AUTH",
  },
  {
    name: "r2() with a text",
    // @ts-expect-error refused at compile time
    run: () => r2("0123456789abcdef0123456789abcdef"),
    message: "options must be an object",
  },
  {
    name: "r2() with another word for the account",
    // @ts-expect-error refused at compile time
    run: () => r2({ account: "0123456789abcdef0123456789abcdef" }),
    message: "Did you mean accountId?",
  },
  {
    name: "b2() with the word of the settings",
    // @ts-expect-error refused at compile time
    run: () => b2({ regionName: "us-west-004" }),
    message: "Did you mean region?",
  },
  {
    name: "minio() with the word of the AWS SDK",
    // @ts-expect-error refused at compile time
    run: () => minio({ endpoint: "http://localhost:9000" }),
    message: "Did you mean endpointUrl?",
  },
  {
    name: "collect() with a folder alone",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => collect(storage, "assets"),
    message: 'options must be an object, got "assets"',
  },
  {
    name: "collect() with the storage as an option",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => collect({ storage, from: "assets" }),
    message: "the first argument must be a Storage",
  },
  {
    name: "collect() with another word for the source",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => collect(storage, { source: "assets" }),
    message: "from",
  },
  {
    name: "collect() with one pattern",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => collect(storage, { from: "assets", ignore: "*.map" }),
    message: "ignore must be",
  },
  {
    name: "collect() with encodings alone",
    // @ts-expect-error refused at compile time
    run: ({ storage }) => collect(storage, { from: "assets", precompress: ["gzip"] }),
    message: "precompress",
  },
  {
    name: "static files with a setting of Django",
    // @ts-expect-error refused at compile time
    run: () => new S3ManifestStaticStorage({ bucketName: "static", manifest_strict: true }),
    message: "Did you mean manifestStrict?",
  },
  {
    name: "the S3 server with one bucket",
    // @ts-expect-error refused at compile time
    run: () => createS3Server({ bucket: "media" }),
    message: "Did you mean buckets?",
  },
  {
    name: "the S3 server with a text for buckets",
    // @ts-expect-error refused at compile time
    run: () => createS3Server({ buckets: "media" }),
    message: "buckets must be",
  },
  {
    name: "the S3 server with one pair of keys",
    // @ts-expect-error refused at compile time
    run: () => createS3Server({ credentials: { accessKeyId: "a", secretAccessKey: "b" } }),
    message: "credentials must be",
  },
  {
    name: "the S3 server with a name",
    // @ts-expect-error refused at compile time
    run: () => createS3Server("media"),
    message: "options must be an object",
  },
];
