import { assertEquals } from "@std/assert";
import { readSource } from "./source_files.ts";

/** The vectors made with botocore, Python and other programs, with their numbers of cases, so that a lost case is noticed. */
const VECTORS: Readonly<Record<string, number>> = {
  "tests/vectors/sigv4_headers.json": 40,
  "tests/vectors/sigv4_presigned.json": 40,
  "tests/vectors/sigv2_presigned.json": 40,
  "tests/vectors/post_policy.json": 20,
  "tests/vectors/cloudfront.json": 20,
  "tests/vectors/endpoints.json": 152,
  "tests/vectors/partitions.json": 47,
  "tests/vectors/media_types.json": 149,
  "tests/vectors/session_requests.json": 300,
  "tests/vectors/part_headers.json": 91,
};

for (const [path, cases] of Object.entries(VECTORS)) {
  Deno.test(`${path} has ${cases} cases`, async () => {
    const content: unknown = JSON.parse(await readSource(path));
    const list = Array.isArray(content) ? content : Object.values(content as object).find(Array.isArray);
    assertEquals((list as unknown[] | undefined)?.length, cases);
  });
}
