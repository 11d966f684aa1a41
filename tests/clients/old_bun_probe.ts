// deno-lint-ignore-file no-console -- the result is passed to the test on standard output
/** Saves Blobs with the in-memory server as `fetch`, and prints what is stored of each. */
import { S3Storage } from "../../mod.ts";
import { createS3Server } from "../../src/testing/mod.ts";
import { patternBytes } from "./served_server.ts";

const MIB = 1024 ** 2;
const bytes = patternBytes(12 * MIB + 3);
const contents = {
  small: [3, 100],
  slice: [1, 4 * MIB],
  parts: [1, 11 * MIB],
} as const;

const storage = new S3Storage({
  bucketName: "media",
  accessKey: "testkey",
  secretKey: "testsecret",
  fetch: createS3Server({ buckets: ["media"] }).fetch,
  transferConfig: { multipartThreshold: 5 * MIB, partSize: 5 * MIB },
});
const results: string[] = [];
for (const [name, [start, end]] of Object.entries(contents)) {
  await storage.save(name, new Blob([bytes]).slice(start, end));
  const stored = await storage.readBytes(name);
  const isSame = stored.byteLength === end - start && stored.every((byte, index) => byte === bytes[start + index]);
  results.push(`${name}: ${isSame ? "the bytes of the slice" : `${stored.byteLength} bytes`}`);
}
console.log(results.join("\n"));
