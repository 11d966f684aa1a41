import { printable } from "./kit/text/printable.ts";

/**
 * What went wrong, as a stable word to branch on. Each value has a class of its own below.
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
  | "Unauthenticated"
  | "Throttled"
  | "Timeout"
  | "Connection"
  | "Integrity"
  | "NotSupported"
  | "Service";

/**
 * Where an error happened and what the service said of it.
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
  /** The error underneath, if there is one. */
  readonly cause?: unknown;
  /** The bucket the request was for. */
  readonly bucket?: string | undefined;
  /** The full key the request was for, with the storage's location. */
  readonly key?: string | undefined;
  /** The S3 operation, such as `"PutObject"`. */
  readonly operation?: string | undefined;
  /** The HTTP status of the answer. */
  readonly status?: number | undefined;
  /** S3's own error code, such as `"NoSuchKey"`. */
  readonly s3Code?: string | undefined;
  /** S3's id of the request: what support asks for. */
  readonly requestId?: string | undefined;
  /** How many times the request was sent. */
  readonly attempts?: number | undefined;
  /** The answer itself; its body has been read. */
  readonly response?: Response | undefined;
}

/** Marks our errors, so that {@linkcode isStorageError} also knows those of another copy of this module. */
const BRAND = Symbol.for("@storages/s3/error");

/**
 * The base of every error this module throws on purpose. No message, property or rendering of one holds a secret.
 *
 * Mistakes in a call's arguments are `TypeError` and `RangeError`, and an aborted call rejects with its signal's reason.
 *
 * @example
 * ```ts
 * import { StorageError } from "@storages/s3";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assertRejects } from "@std/assert";
 *
 * await assertRejects(() => new MemoryStorage().open("missing.txt"), StorageError);
 * ```
 */
export abstract class StorageError extends Error implements StorageErrorDetails {
  /** The bucket the request was for. */
  declare readonly bucket?: string | undefined;
  /** The full key the request was for, with the storage's location. */
  declare readonly key?: string | undefined;
  /** The S3 operation, such as `"PutObject"`. */
  declare readonly operation?: string | undefined;
  /** The HTTP status of the answer. */
  declare readonly status?: number | undefined;
  /** S3's own error code, such as `"NoSuchKey"`. */
  declare readonly s3Code?: string | undefined;
  /** S3's id of the request: what support asks for. */
  declare readonly requestId?: string | undefined;
  /** How many times the request was sent. */
  declare readonly attempts?: number | undefined;
  /**
   * The answer itself; its body has been read. Not enumerable, so that logs stay short: its headers are as the service sent
   * them, not made printable, and may repeat those of the request.
   */
  declare readonly response?: Response | undefined;

  /** What went wrong, as a stable word. */
  abstract get code(): StorageErrorCode;

  /**
   * Made by the classes below; there is no error of no kind.
   *
   * @param message What went wrong, for a person. Characters that a terminal obeys, line ends among them, are escaped.
   * @param details Where it happened and what the service said.
   */
  constructor(message: string, details: StorageErrorDetails = {}) {
    super(printable(message), details.cause === undefined ? undefined : { cause: details.cause });
    for (const property of ["bucket", "key", "operation", "status", "s3Code", "requestId", "attempts"] as const) {
      if (details[property] !== undefined) Object.assign(this, { [property]: details[property] });
    }
    Object.defineProperty(this, "response", { value: details.response, enumerable: false });
    Object.defineProperty(this, BRAND, { value: true, enumerable: false });
  }

  /** The class's name, also after minification. */
  override get name(): string {
    return `${this.code}Error`;
  }
}

/**
 * Tells whether a value is an error of this module, and of one kind if `code` is given.
 * Unlike `instanceof` it also knows errors thrown by another copy or version of this module.
 *
 * @param value Anything, usually what a `catch` caught.
 * @param code Only errors with this code.
 * @returns Whether it is.
 *
 * @example
 * ```ts
 * import { isStorageError } from "@storages/s3";
 * import { MemoryStorage } from "@storages/s3/storage";
 * import { assert } from "@std/assert";
 *
 * try {
 *   await new MemoryStorage().open("missing.txt");
 * } catch (error) {
 *   assert(isStorageError(error, "NotFound"));
 * }
 * ```
 */
export function isStorageError(value: unknown, code?: StorageErrorCode): value is StorageError {
  return value instanceof Error && BRAND in value &&
    (code === undefined || (value as unknown as StorageError).code === code);
}

/**
 * The settings cannot work: something is missing, malformed or in conflict. The message says what was given and what would be right.
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
 * A name that would leave the storage's location, or that no object can have.
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
 * There is no such object, bucket, upload or version.
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
 * The name is taken, and the call was not allowed to overwrite.
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
 * A condition of the request (`If-Match`, `If-None-Match`, …) did not hold: the object changed meanwhile.
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
 * The credentials are known, and may not do this.
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
 * The service does not accept the credentials or the signature: unknown key, wrong secret, expired token.
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
 * The service asked to slow down, and went on doing so until the retries were used up.
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
 * The service did not answer in time, retries included.
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
 * The network failed: no connection, or one that broke.
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
 * Bytes arrived that are not the ones that were sent: a checksum differs.
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
 * This storage, service or runtime cannot do that.
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
 * The service refused or failed in a way that none of the other classes names; `s3Code` and `status` tell more.
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
