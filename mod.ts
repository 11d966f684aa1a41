/**
 * Files in S3 buckets: django-storages' S3 backend, rebuilt on fetch, Web Streams and WebCrypto. It runs on Deno, Bun, Node
 * and edge runtimes. Storages in memory and in a folder are in `@storages/s3/storage`.
 *
 * ```ts
 * import { S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 *
 * const name = await storage.save("hello.txt", "storage contents");
 * assertEquals(await storage.readText(name), "storage contents");
 * ```
 *
 * @module
 */
import "./src/s3/entry/machine.ts";

export * from "./src/s3/entry/exports.ts";
