import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";

/** The storage of section I6 of the behaviour catalogue. */
export function ofCatalogue(options: S3StorageOptions = {}): S3Storage {
  return new S3Storage({
    bucketName: "test-bucket",
    accessKey: "AKIAIOSFODNN7EXAMPLE",
    secretKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    now: () => new Date("2013-05-24T00:00:00Z"),
    ...options,
  });
}

/** A public storage behind a domain. */
export function onDomain(options: S3StorageOptions = {}): S3Storage {
  return ofCatalogue({ customDomain: "mock.cloudfront.net", ...options });
}
