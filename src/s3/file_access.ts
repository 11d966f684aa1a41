import type { S3Backend } from "./s3_backend.ts";

/** What operations outside of the class S3Storage need of a storage. */
export interface FileAccess {
  readonly backend: S3Backend;
  /** The prefix of all keys. */
  readonly location: string;
  /** Whether files are replaced by default. */
  readonly fileOverwrite: boolean;
  /**
   * The key of a file.
   *
   * @throws {SuspiciousNameError} If it cannot be a file's name.
   */
  readonly keyOf: (name: string) => string;
}
