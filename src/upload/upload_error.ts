import { printable } from "../kit/text/printable.ts";
import { formatValue } from "../kit/values/format_value.ts";
import type { StoredUpload } from "./upload_options.ts";

/**
 * The stable codes of {@linkcode UploadError}.
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
  | "Timeout"
  | "AlreadyExists"
  | "TooLarge"
  | "TooMany"
  | "UnsupportedType";

const STATUS = {
  Malformed: 400,
  SuspiciousName: 400,
  CrossOrigin: 403,
  Timeout: 408,
  AlreadyExists: 409,
  TooLarge: 413,
  TooMany: 413,
  UnsupportedType: 415,
} as const satisfies Record<UploadErrorCode, number>;

/**
 * An upload that fails because of the client. Errors of the storage are thrown as they are.
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
  /** The stable code of the problem. */
  readonly code: UploadErrorCode;
  /** The HTTP status to respond with: 400, 403, 408, 409, 413 or 415. */
  readonly status: 400 | 403 | 408 | 409 | 413 | 415;
  /** Files of the same form that stay stored: see `allOrNothing`. */
  stored: readonly StoredUpload[] = [];

  /**
   * Thrown by `handleUpload`; applications may throw it for their own checks.
   *
   * @param code The stable code of the problem.
   * @param message The problem in words.
   * @param options.cause The underlying error.
   * @throws {TypeError} If the code is unknown.
   */
  constructor(code: UploadErrorCode, message: string, options: ErrorOptions = {}) {
    if (!Object.hasOwn(STATUS, code)) {
      throw new TypeError(
        `Cannot create an UploadError: code must be one of ${Object.keys(STATUS).join(", ")}, got ${formatValue(code)}`,
      );
    }
    super(printable(message), options); // it may contain a file name of the client
    this.code = code;
    this.status = STATUS[code];
  }

  /** Makes a response with the status and a JSON body: `{ "error": { "code", "message" } }`. */
  toResponse(): Response {
    const { code, message, status } = this;
    return Response.json({ error: { code, message } }, { status });
  }
}

/** The error for a form that is not well-formed. */
export function malformedForm(reason: string, options: ErrorOptions = {}): UploadError {
  return new UploadError("Malformed", `Malformed form: ${reason}`, options);
}
