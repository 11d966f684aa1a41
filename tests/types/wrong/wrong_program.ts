/** Programs that are wrong, as beginners write them who know django-storages, the AWS SDK or Bun's S3Client. */
import type { S3Storage } from "@storages/s3";
import type { CloudFrontSigner } from "@storages/s3/cloudfront";
import type { FileField } from "@storages/s3/field";
import type { Presigner } from "@storages/s3/signing";
import type { BinaryFile, MemoryStorage, WriteFile } from "@storages/s3/storage";

/** A row with a file. */
export interface User {
  readonly id: number;
  readonly avatar: string | null;
}

/** What wrong programs use. The storages have a file `a.txt`. */
export interface Use {
  readonly storage: S3Storage;
  readonly memory: MemoryStorage;
  readonly avatars: FileField<User>;
  readonly user: User;
  readonly signer: CloudFrontSigner;
  readonly presigner: Presigner;
  /** A URL of CloudFront. */
  readonly url: string;
  /** A GET request. */
  readonly page: Request;
  /** A POST request with a form. */
  readonly request: Request;
  /** The same, after its body was read. */
  readonly uploaded: Request;
  readonly reading: BinaryFile;
  readonly writing: WriteFile;
}

/**
 * A program that is wrong. The compiler refuses it (`@ts-expect-error`), or else it fails with a message that names the option
 * and what is right; callers in JavaScript see that message in both cases.
 */
export interface WrongProgram {
  readonly name: string;
  readonly run: (use: Use) => unknown;
  /** A part of the message. Absent if the program fails only at compile time. */
  readonly message?: string;
}
