/**
 * The main entry for Cloudflare Workers and other edge runtimes: the same `S3Storage`, without what only Deno, Bun and Node
 * have. It omits temporary files and paths, `verify`, `proxies` and `connectTimeout`, the AWS files with their profiles, and
 * the credentials of web identities, containers and instances. Using one of them is an error, which names the entry to
 * import instead.
 *
 * ```ts
 * import { S3Storage } from "@storages/s3/edge";
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
import "./omitted.ts";

export * from "../entry/exports.ts";
