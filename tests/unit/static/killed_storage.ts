import { S3ManifestStaticStorage } from "../../../src/static/mod.ts";

/** The storage that is collected into repeatedly. */
export function killedStorage(endpointUrl: string): S3ManifestStaticStorage {
  return new S3ManifestStaticStorage({
    bucketName: "media",
    endpointUrl,
    accessKey: "testkey",
    secretKey: "testsecret",
  });
}
