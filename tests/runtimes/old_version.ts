// deno-lint-ignore-file no-console -- results are passed to the test on standard output
/** Prints the error of a new storage, or "made". A test bundles it and runs it on old versions. */
import { S3Storage } from "../../mod.ts";

try {
  new S3Storage({ bucketName: "b", accessKey: "a", secretKey: "s", regionName: "us-east-1" });
  console.log("made");
} catch (error) {
  console.log(String(error));
}
