import { assertEquals, assertThrows } from "@std/assert";
import { createPresignedPost, presignedPostForm } from "../../../../src/signing/mod.ts";

const OPTIONS = {
  bucketUrl: "http://localhost:9000/media",
  bucket: "media",
  key: "uploads/${filename}",
  region: "us-east-1",
  credentials: { accessKeyId: "id", secretAccessKey: "secret" },
};

Deno.test("presignedPostForm() keeps the order of fields, and puts the file last under its name", () => {
  const post = createPresignedPost({ ...OPTIONS, fields: { acl: "private" } });
  const form = presignedPostForm(post, new File(["x"], "own.txt"), { fields: { "Content-Type": "text/plain" } });
  assertEquals([...form.keys()], [...Object.keys(post.fields), "Content-Type", "file"]);
  assertEquals((form.get("file") as File).name, "own.txt");
  const named = presignedPostForm(post, new Blob(["x"]), { fileName: "other.txt" });
  assertEquals((named.get("file") as File).name, "other.txt");
  assertThrows(() => presignedPostForm(post, new Blob([]), { fields: { file: "x" } }), TypeError, "field 'file'");
});
