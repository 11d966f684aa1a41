import { printable } from "../kit/text/printable.ts";
import type { StoredUpload } from "./upload_options.ts";

/**
 * What can be wrong with an upload, as a stable word.
 *
 * @example
 * ```ts
 * import type { UploadErrorCode } from "@storages/s3/upload";
 * import { assertEquals } from "@std/assert";
 *
 * const code: UploadErrorCode = "TooLarge";
 * assertEquals(code, "TooLarge");
 * ```
 */
export type UploadErrorCode =
  | "CrossOrigin"
  | "Malformed"
  | "SuspiciousName"
  | "AlreadyExists"
  | "TooLarge"
  | "TooMany"
  | "UnsupportedType";

const STATUS = {
  Malformed: 400,
  SuspiciousName: 400,
  CrossOrigin: 403,
  AlreadyExists: 409,
  TooLarge: 413,
  TooMany: 413,
  UnsupportedType: 415,
} as const satisfies Record<UploadErrorCode, number>;

/**
 * An upload that is the client's mistake. What goes wrong in the storage is an error of the storage's own.
 *
 * @example
 * ```ts
 * import { UploadError } from "@storages/s3/upload";
 * import { assertEquals } from "@std/assert";
 *
 * const response = new UploadError("TooLarge", "The file is larger than 1 MiB").toResponse();
 * assertEquals([response.status, (await response.json()).error.code], [413, "TooLarge"]);
 * ```
 */
export class UploadError extends Error {
  /** Always `"UploadError"`. */
  override readonly name = "UploadError";
  /** What is wrong, as a stable word. */
  readonly code: UploadErrorCode;
  /** The HTTP status to answer with: 400, 403, 409, 413 or 415. */
  readonly status: 400 | 403 | 409 | 413 | 415;
  /** Files of the same form that are stored nevertheless: see `allOrNothing`. */
  stored: readonly StoredUpload[] = [];

  /**
   * Made by `handleUpload`, and by an application that finds something wrong itself.
   *
   * @param code What is wrong.
   * @param message The same for a person.
   * @param options.cause The error underneath.
   */
  constructor(code: UploadErrorCode, message: string, options: ErrorOptions = {}) {
    super(printable(message), options); // it may name a file as its client does
    this.code = code;
    this.status = STATUS[code];
  }

  /** An answer that says so, as JSON: `{ "error": { "code", "message" } }`. */
  toResponse(): Response {
    const { code, message, status } = this;
    return Response.json({ error: { code, message } }, { status });
  }
}
