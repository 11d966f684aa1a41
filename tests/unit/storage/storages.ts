import type { Storage } from "../../../src/storage/storage.ts";
import { MemoryStorage } from "../../../src/storage/memory/memory_storage.ts";
import { S3Storage } from "../../../src/s3/s3_storage.ts";
import type { S3StorageOptions } from "../../../src/settings/options.ts";
import { createS3Server, type S3Server } from "../../../src/testing/mod.ts";

export interface StorageWishes {
  readonly location?: string;
  readonly fileOverwrite?: boolean;
}

/** Creates an empty storage of every kind. */
export const STORAGES: Readonly<Record<string, (wishes?: StorageWishes) => Storage>> = {
  MemoryStorage: (wishes) => new MemoryStorage(wishes),
  S3Storage: (wishes) => s3On(createS3Server({ buckets: ["media"] }), wishes),
};

/** A storage on the in-memory server. */
export function s3On(server: Pick<S3Server, "fetch">, options: S3StorageOptions = {}): S3Storage {
  return new S3Storage({
    bucketName: "media",
    accessKey: "testkey",
    secretKey: "testsecret",
    fetch: server.fetch,
    ...options,
  });
}
