import { assertEquals, assertThrows } from "@std/assert";
import { createPresignedPost, type PostCondition, type PresignedPostOptions } from "../../../../src/signing/mod.ts";

interface PostVector {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | null;
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly conditions: readonly PostCondition[];
  readonly expiresInSeconds: number;
  readonly now: string;
  readonly url: string;
  readonly postFields: Readonly<Record<string, string>>;
  readonly policyJson: unknown;
}

const { vectors }: { vectors: PostVector[] } = JSON.parse(
  await Deno.readTextFile(new URL("../../../vectors/post_policy.json", import.meta.url)),
);

const OPTIONS: PresignedPostOptions = {
  bucketUrl: "http://localhost:9000/media",
  bucket: "media",
  key: "a.txt",
  region: "us-east-1",
  credentials: { accessKeyId: "id", secretAccessKey: "secret" },
};

/** Invalid values may have any type. */
// deno-lint-ignore no-explicit-any -- the point of these tests
type Wrong = any;

function conditions(options: Partial<PresignedPostOptions>): unknown[] {
  return JSON.parse(createPresignedPost({ ...OPTIONS, ...options }).policy).conditions.slice(0, -3);
}

Deno.test("createPresignedPost() equals every vector of botocore, in the order of fields", () => {
  let passed = 0;
  for (const vector of vectors) {
    const { accessKeyId, secretAccessKey, sessionToken, bucket, key, region, fields, expiresInSeconds: expiresIn } =
      vector;
    const post = createPresignedPost({
      bucketUrl: vector.url,
      bucket,
      key,
      region,
      fields,
      conditions: vector.conditions,
      expiresIn,
      credentials: { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) },
      date: new Date(vector.now),
    });
    assertEquals(post.url, vector.url);
    assertEquals(Object.entries(post.fields), Object.entries(vector.postFields));
    assertEquals(JSON.parse(post.policy), vector.policyJson);
    passed++;
  }
  assertEquals(passed, 20);
  // deno-lint-ignore no-console -- the count is asked for
  console.log(`POST policies: ${passed} of ${vectors.length}`);
});

Deno.test("createPresignedPost() requires the exact values of fields that no condition names", () => {
  assertEquals(conditions({ fields: { acl: "private", "Content-Type": "image/png" } }), [
    { acl: "private" },
    { "Content-Type": "image/png" },
    { bucket: "media" },
    { key: "a.txt" },
  ]);
  const given: PostCondition[] = [["starts-with", "$content-type", "image/"], ["eq", "$acl", "private"]];
  assertEquals(conditions({ fields: { acl: "private", "Content-Type": "image/png" }, conditions: given }), [
    ...given,
    { bucket: "media" },
    { key: "a.txt" },
  ]);
});

Deno.test("createPresignedPost() allows ${filename} anywhere in the key", () => {
  assertEquals(conditions({ key: "a/${filename}.txt" }).at(-1), ["starts-with", "$key", "a/"]);
});

Deno.test("createPresignedPost() writes the policy in ASCII without losing characters", () => {
  const value = 'ü日😀"\\\n\t\u007f\u0001/';
  const { policy, fields } = createPresignedPost({ ...OPTIONS, fields: { "x-amz-meta-a": value } });
  assertEquals(/^[\x20-\x7e]*$/.test(policy), true);
  assertEquals(JSON.parse(policy).conditions[0], { "x-amz-meta-a": value });
  assertEquals(atob(fields.policy!), policy);
  assertEquals(policy.includes("\\u007f\\u0001/"), true);
});

Deno.test("createPresignedPost() refuses malformed options", () => {
  const refused = (options: Wrong, kind: typeof RangeError, text: string): void => {
    assertThrows(() => createPresignedPost({ ...OPTIONS, ...options }), kind, text);
  };
  for (const expiresIn of [0, 604_801, NaN]) {
    refused({ expiresIn }, RangeError, "expiresIn must be");
  }
  for (const key of ["", "a/../b", "\ud800"]) refused({ key }, TypeError, "key must be");
  for (const name of ["key", "Policy", "x-amz-signature", "file", "X-Amz-Date"]) {
    refused({ fields: { [name]: "x" } }, TypeError, "is set by this function");
  }
  refused({ fields: { acl: 7 } }, TypeError, "fields.acl must be text");
  refused({ fields: { "Content-Type": "a", "content-type": "b" } }, TypeError, "'content-type' is given twice");
  for (const range of [[-1, 2], [2, 1], [0.5, 2], ["1", 2], [1n, 2n]]) {
    refused({ conditions: [["content-length-range", ...range]] }, TypeError, "invalid condition");
  }
  for (const condition of [["eq", "acl", "x"], ["ends-with", "$acl", "x"], [], null, "x", ["eq", 1n, "x"]]) {
    refused({ conditions: [condition] }, TypeError, "invalid condition");
  }
  refused({ conditions: [["eq", "$acl", 7], { acl: 7 }] }, TypeError, "invalid condition");
  refused({ bucket: "a/b" }, TypeError as Wrong, "bucket must be");
});
