import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";

/** A storage with the keys and the time of the examples in AWS's documentation. */
export function exampleStorage(options: S3StorageOptions = {}): S3Storage {
  return new S3Storage({
    bucketName: "test-bucket",
    accessKey: "AKIAIOSFODNN7EXAMPLE",
    secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    now: () => new Date("2013-05-24T00:00:00Z"),
    ...options,
  });
}

/** A public storage with a custom domain. */
export function onDomain(options: S3StorageOptions = {}): S3Storage {
  return exampleStorage({ customDomain: "mock.cloudfront.net", ...options });
}
