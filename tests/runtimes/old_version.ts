// deno-lint-ignore-file no-console -- results are passed to the test on standard output
/** Prints the error of a new storage, or "made"; before, whether the encoded text is damaged. A test bundles it and runs it on old versions. */
import { S3Storage } from "../../mod.ts";
import { encodeUtf8 } from "../../src/kit/bytes/bytes.ts";

// The encoder of Bun below 1.4 damages this text.
const text = `${"a".repeat(1024)}é`;
if (new TextDecoder().decode(encodeUtf8(text)) !== text) console.log("the text is damaged");

try {
  new S3Storage({ bucketName: "b", accessKey: "a", secretKey: "s", regionName: "us-east-1" });
  console.log("made");
} catch (error) {
  console.log(String(error));
}
