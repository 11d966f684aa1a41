/**
 * The errors of all entries, without the storage: to catch them where nothing is stored, such as in an error handler, and
 * to test and to throw them. The main entry and `@storages/s3/storage` export the same classes.
 *
 * @example
 * ```ts
 * import { isStorageError } from "@storages/s3/errors";
 * import { assertEquals } from "@std/assert";
 *
 * function statusOf(error: unknown): number {
 *   if (isStorageError(error, "NotFound")) return 404;
 *   return isStorageError(error) && error.code === "SuspiciousName" ? 400 : 500;
 * }
 * assertEquals(statusOf(new TypeError("…")), 500);
 * ```
 *
 * @module
 */
import { printable } from "./kit/text/printable.ts";

/**
 * The kind of an error, as a stable word to branch on. Each value has an error class.
 *
 * @example
 * ```ts
 * import type { StorageErrorCode } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const code: StorageErrorCode = "NotFound";
 * assertEquals(code, "NotFound");
 * ```
 */
export type StorageErrorCode =
  | "Configuration"
  | "SuspiciousName"
  | "NotFound"
  | "AlreadyExists"
  | "PreconditionFailed"
  | "PermissionDenied"
  | "Archived"
  | "Unauthenticated"
  | "Throttled"
  | "Timeout"
  | "Connection"
  | "Integrity"
  | "Disk"
  | "NotSupported"
  | "Service";

/**
 * Where an error happened, and the response of the service.
 *
 * @example
 * ```ts
 * import { NotFoundError, type StorageErrorDetails } from "@storages/s3";
 * import { assertEquals } from "@std/assert";
 *
 * const details: StorageErrorDetails = { bucket: "media", key: "a.txt", status: 404 };
 * assertEquals(new NotFoundError("File does not exist: a.txt", details).status, 404);
 * ```
 */
export interface StorageErrorDetails {
  /** The underlying error, if any. */
  readonly cause?: unknown;
  /** The bucket the request was for. */
  readonly bucket?: string | undefined;
  /** The full key the request was for, including the storage's location. */
  readonly key?: string | undefined;
  /** The S3 operation, such as `"PutObject"`. */
  readonly operation?: string | undefined;
  /** The HTTP status of the response. */
  readonly status?: number | undefined;
  /** S3's own error code, such as `"NoSuchKey"`. */
  readonly s3Code?: string | undefined;
  /** S3's id of the request, to pass to the service's support. */
  readonly requestId?: string | undefined;
  /** How many times the request was sent. */
  readonly attempts?: number | undefined;
  /** The response; its body has been read. */
  readonly response?: Response | undefined;
}

/** Marks our errors, so that {@linkcode isStorageError} also recognizes those of another copy of this module. */
const BRAND = Symbol.for("@storages/s3/error");

/**
 * The base of every error this module throws on purpose. No message, property or rendering of one holds a secret.
 *
 * Invalid arguments cause a `TypeError` or a `RangeError` instead; an aborted call rejects with its signal's reason.
 *
 * @example
 * ```ts
 * import { StorageError } from "@storages/s3";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => new MemoryStorage().readText("missing.txt"), StorageError);
 * ```
 */
export abstract class StorageError extends Error implements StorageErrorDetails {
  /** The bucket the request was for. */
  declare readonly bucket?: string | undefined;
  /** The full key the request was for, including the storage's location. */
  declare readonly key?: string | undefined;
  /** The S3 operation, such as `"PutObject"`. */
  declare readonly operation?: string | undefined;
  /** The HTTP status of the response. */
  declare readonly status?: number | undefined;
  /** S3's own error code, such as `"NoSuchKey"`. */
  declare readonly s3Code?: string | undefined;
  /** S3's id of the request, to pass to the service's support. */
  declare readonly requestId?: string | undefined;
  /** How many times the request was sent. */
  declare readonly attempts?: number | undefined;
  /**
   * The response; its body has been read. Not enumerable, so that logs stay short: its headers are as the service sent
   * them, with control characters unescaped, and may repeat those of the request.
   */
  declare readonly response?: Response | undefined;

  /** The kind of the error, as a stable word. */
  abstract get code(): StorageErrorCode;

  /**
   * Abstract: use one of the subclasses.
   *
   * @param message What went wrong. Control characters, including line ends, are escaped.
   * @param details Where it happened, and the response of the service.
   * @throws {TypeError} If the message is not text.
   */
  constructor(message: string, details: StorageErrorDetails = {}) {
    if (typeof message !== "string") throw new TypeError("The message of an error must be text");
    super(printable(message), details.cause === undefined ? undefined : { cause: details.cause });
    for (const property of ["bucket", "key", "operation", "status", "s3Code", "requestId", "attempts"] as const) {
      if (details[property] !== undefined) Object.assign(this, { [property]: details[property] });
    }
    Object.defineProperty(this, "response", { value: details.response, enumerable: false });
    Object.defineProperty(this, BRAND, { value: true, enumerable: false });
  }

  /** The name of the class, which minification does not change. */
  override get name(): string {
    return `${this.code}Error`;
  }
}

/**
 * Tells whether a value is an error of this module, and whether it has the given code.
 * Unlike `instanceof`, it also recognizes errors thrown by another copy or version of this module, and it takes less than
 * 1 KB of a bundle.
 *
 * @param value Any value, usually one that a `catch` caught.
 * @param code The code that the error must have; any code by default. No error has an unknown code, which the compiler
 * refuses.
 * @returns Whether the value is such an error. Its `code` is then known to the compiler too.
 *
 * @example
 * ```ts
 * import { isStorageError } from "@storages/s3/errors";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assert } from "@std/assert";
 *
 * try {
 *   await new MemoryStorage().readText("missing.txt");
 * } catch (error) {
 *   assert(isStorageError(error, "NotFound"));
 * }
 * ```
 */
export function isStorageError<Code extends StorageErrorCode = StorageErrorCode>(
  value: unknown,
  code?: Code,
): value is StorageError & { readonly code: Code } {
  return value instanceof Error && BRAND in value &&
    (code === undefined || (value as unknown as StorageError).code === code);
}

/**
 * Thrown if a setting is missing, malformed or in conflict with another. The message names the given value and what is valid.
 *
 * @example
 * ```ts
 * import { ConfigurationError, S3Storage } from "@storages/s3";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(
 *   () => new S3Storage({ bucketName: "media", location: "/uploads" }),
 *   ConfigurationError,
 *   "cannot begin with a leading slash",
 * );
 * ```
 */
export class ConfigurationError extends StorageError {
  /** Always `"Configuration"`. */
  override get code(): "Configuration" {
    return "Configuration";
  }
}

/**
 * Thrown if a name would leave the storage's location (path traversal), or is not a valid name of an object.
 *
 * @example
 * ```ts
 * import { SuspiciousNameError } from "@storages/s3";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => new MemoryStorage().save("../secret.txt", "x"), SuspiciousNameError);
 * ```
 */
export class SuspiciousNameError extends StorageError {
  /** Always `"SuspiciousName"`. */
  override get code(): "SuspiciousName" {
    return "SuspiciousName";
  }
}

/**
 * Thrown if an object, bucket, upload or version does not exist.
 *
 * @example
 * ```ts
 * import { NotFoundError } from "@storages/s3";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => new MemoryStorage().size("missing.txt"), NotFoundError, "File does not exist: missing.txt");
 * ```
 */
export class NotFoundError extends StorageError {
  /** Always `"NotFound"`. */
  override get code(): "NotFound" {
    return "NotFound";
  }
}

/**
 * Thrown if the name is taken and the call may not overwrite.
 *
 * @example
 * ```ts
 * import { AlreadyExistsError } from "@storages/s3";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertRejects } from "@std/assert";
 *
 * const storage = new MemoryStorage({ fileOverwrite: false });
 * await storage.save("a.txt", "first");
 * await storage.save("b.txt", "second");
 * await assertRejects(() => storage.copy("a.txt", "b.txt"), AlreadyExistsError);
 * ```
 */
export class AlreadyExistsError extends StorageError {
  /** Always `"AlreadyExists"`. */
  override get code(): "AlreadyExists" {
    return "AlreadyExists";
  }
}

/**
 * Thrown if a condition of the request (`If-Match`, `If-None-Match`, …) does not hold, as the object has changed.
 *
 * @example
 * ```ts
 * import { PreconditionFailedError, StorageError } from "@storages/s3";
 * import { assert } from "@std/assert";
 *
 * const error = new PreconditionFailedError("…", { operation: "PutObject" });
 * assert(error instanceof StorageError && error.code === "PreconditionFailed");
 * ```
 */
export class PreconditionFailedError extends StorageError {
  /** Always `"PreconditionFailed"`. */
  override get code(): "PreconditionFailed" {
    return "PreconditionFailed";
  }
}

/**
 * Thrown if the service knows the credentials, but denies them the operation, or if the system denies access to a file of a
 * `LocalStorage`.
 *
 * @example
 * ```ts
 * import { PermissionDeniedError, StorageError } from "@storages/s3";
 * import { assert } from "@std/assert";
 *
 * const error = new PermissionDeniedError("…", { operation: "PutObject" });
 * assert(error instanceof StorageError && error.code === "PermissionDenied");
 * ```
 */
export class PermissionDeniedError extends StorageError {
  /** Always `"PermissionDenied"`. */
  override get code(): "PermissionDenied" {
    return "PermissionDenied";
  }
}

/**
 * Thrown if an object is in an archive, such as the storage class `GLACIER`, and must be restored before it can be read or
 * copied. `s3Code` is `"InvalidObjectState"`.
 *
 * @example
 * ```ts
 * import { ArchivedError, StorageError } from "@storages/s3";
 * import { assert } from "@std/assert";
 *
 * const error = new ArchivedError("…", { operation: "GetObject", s3Code: "InvalidObjectState" });
 * assert(error instanceof StorageError && error.code === "Archived");
 * ```
 */
export class ArchivedError extends StorageError {
  /** Always `"Archived"`. */
  override get code(): "Archived" {
    return "Archived";
  }
}

/**
 * Thrown if the service rejects the credentials or the signature: unknown key, wrong secret, expired token.
 *
 * @example
 * ```ts
 * import { UnauthenticatedError, StorageError } from "@storages/s3";
 * import { assert } from "@std/assert";
 *
 * const error = new UnauthenticatedError("…", { operation: "PutObject" });
 * assert(error instanceof StorageError && error.code === "Unauthenticated");
 * ```
 */
export class UnauthenticatedError extends StorageError {
  /** Always `"Unauthenticated"`. */
  override get code(): "Unauthenticated" {
    return "Unauthenticated";
  }
}

/**
 * Thrown if the service asks to slow down, and still does after all retries.
 *
 * @example
 * ```ts
 * import { ThrottledError, StorageError } from "@storages/s3";
 * import { assert } from "@std/assert";
 *
 * const error = new ThrottledError("…", { operation: "PutObject" });
 * assert(error instanceof StorageError && error.code === "Throttled");
 * ```
 */
export class ThrottledError extends StorageError {
  /** Always `"Throttled"`. */
  override get code(): "Throttled" {
    return "Throttled";
  }
}

/**
 * Thrown if the service does not respond in time, not even after all retries.
 *
 * @example
 * ```ts
 * import { TimeoutError, StorageError } from "@storages/s3";
 * import { assert } from "@std/assert";
 *
 * const error = new TimeoutError("…", { operation: "PutObject" });
 * assert(error instanceof StorageError && error.code === "Timeout");
 * ```
 */
export class TimeoutError extends StorageError {
  /** Always `"Timeout"`. */
  override get code(): "Timeout" {
    return "Timeout";
  }
}

/**
 * Thrown if the network fails: a connection cannot be made, or breaks.
 *
 * @example
 * ```ts
 * import { ConnectionError, StorageError } from "@storages/s3";
 * import { assert } from "@std/assert";
 *
 * const error = new ConnectionError("…", { operation: "PutObject" });
 * assert(error instanceof StorageError && error.code === "Connection");
 * ```
 */
export class ConnectionError extends StorageError {
  /** Always `"Connection"`. */
  override get code(): "Connection" {
    return "Connection";
  }
}

/**
 * Thrown if data was corrupted in transfer or in storage: a checksum or a length does not match.
 *
 * @example
 * ```ts
 * import { IntegrityError, StorageError } from "@storages/s3";
 * import { assert } from "@std/assert";
 *
 * const error = new IntegrityError("…", { operation: "PutObject" });
 * assert(error instanceof StorageError && error.code === "Integrity");
 * ```
 */
export class IntegrityError extends StorageError {
  /** Always `"Integrity"`. */
  override get code(): "Integrity" {
    return "Integrity";
  }
}

/**
 * Thrown if a disk of this machine fails: it is full or read-only, a folder is missing, or too many files are open. `cause`
 * is the error of the system, with its code, such as `ENOSPC`.
 *
 * The disk is that of a `LocalStorage`, of temporary files, or of a file that `downloadTo` writes. A missing file of a
 * `LocalStorage` is a {@linkcode NotFoundError}, and one that may not be accessed a {@linkcode PermissionDeniedError}.
 *
 * @example
 * ```ts
 * import { DiskError, S3Storage } from "@storages/s3";
 * import { createS3Server } from "@storages/s3/testing";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const { fetch } = createS3Server({ buckets: ["media"] }); // instead of a real server
 * const storage = new S3Storage({ bucketName: "media", accessKey: "testkey", secretKey: "testsecret", fetch });
 * await storage.save("a.txt", "storage contents");
 * const error = await assertRejects(() => storage.downloadTo("a.txt", "./missing/a.txt"), DiskError);
 * assertEquals((error.cause as { code: string }).code, "ENOENT");
 * ```
 */
export class DiskError extends StorageError {
  /** Always `"Disk"`. */
  override get code(): "Disk" {
    return "Disk";
  }
}

/**
 * Thrown if this storage, service or runtime does not support an operation.
 *
 * @example
 * ```ts
 * import { NotSupportedError } from "@storages/s3";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => new MemoryStorage().url("a.txt"), NotSupportedError);
 * ```
 */
export class NotSupportedError extends StorageError {
  /** Always `"NotSupported"`. */
  override get code(): "NotSupported" {
    return "NotSupported";
  }
}

/**
 * Thrown if the service fails in a way that no other class covers; see `s3Code` and `status`.
 *
 * @example
 * ```ts
 * import { ServiceError, StorageError } from "@storages/s3";
 * import { assert } from "@std/assert";
 *
 * const error = new ServiceError("…", { operation: "PutObject" });
 * assert(error instanceof StorageError && error.code === "Service");
 * ```
 */
export class ServiceError extends StorageError {
  /** Always `"Service"`. */
  override get code(): "Service" {
    return "Service";
  }
}
