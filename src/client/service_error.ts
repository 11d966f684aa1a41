import {
  IntegrityError,
  NotFoundError,
  NotSupportedError,
  PermissionDeniedError,
  PreconditionFailedError,
  ServiceError,
  type StorageError,
  type StorageErrorDetails,
  ThrottledError,
  TimeoutError,
  UnauthenticatedError,
} from "../errors.ts";
import { childText, parseXml, type XmlElement } from "../kit/xml.ts";

/** An error document is some hundred bytes; what is longer is no error document, and is not read to its end. */
const MAX_DOCUMENT_BYTES = 64 * 1024;

/** What an error answer says, whichever of its forms it came in. */
export interface ServiceFailure {
  readonly response: Response;
  /** S3's code; where there is no document, as for HEAD, the status stands in. */
  readonly s3Code: string | undefined;
  readonly message: string | undefined;
  /** The bucket's true region, where the service names it. */
  readonly region: string | undefined;
  readonly requestId: string | undefined;
}

/** Reads an answer that is an error by its status. */
export async function readFailure(response: Response): Promise<ServiceFailure> {
  return describeFailure(response, parseDocument(await readBounded(response)));
}

/** Describes a failure from its document, also one that came with status 200. */
export function describeFailure(response: Response, document: XmlElement | undefined): ServiceFailure {
  const said = document && SUMS.flatMap((names) => {
    const [sent, arrived] = names.map((name) => childText(document, name));
    return sent && arrived ? ` (${sent} was sent, ${arrived} is that of what arrived)` : [];
  }).join();
  return {
    response,
    s3Code: document && childText(document, "Code"),
    message: (document && childText(document, "Message"))?.replace(/\.?$/, () => said!) || undefined,
    region: response.headers.get("x-amz-bucket-region") ?? (document && childText(document, "Region")) ?? undefined,
    requestId: response.headers.get("x-amz-request-id") ?? (document && childText(document, "RequestId")) ?? undefined,
  };
}

/** Elements that tell the sum that was sent, and that of what arrived, of a body that was damaged on its way. */
const SUMS = [
  ["ExpectedDigest", "CalculatedDigest"],
  ["ClientComputedContentSHA256", "S3ComputedContentSHA256"],
] as const;

type ErrorClass = new (message: string, details: StorageErrorDetails) => StorageError;

/** The class for each of S3's codes, and for each status where the code says nothing. */
const CLASSES: ReadonlyArray<readonly [errorClass: ErrorClass, codes: string]> = [
  [NotFoundError, "404 NoSuchKey NoSuchUpload"],
  [PreconditionFailedError, "304 412 PreconditionFailed ConditionalRequestConflict"],
  [PermissionDeniedError, "403 AccessDenied"],
  [
    UnauthenticatedError,
    "401 InvalidAccessKeyId SignatureDoesNotMatch InvalidToken ExpiredToken ExpiredTokenException " +
    "TokenRefreshRequired RequestExpired RequestTimeTooSkewed AuthorizationHeaderMalformed",
  ],
  [ThrottledError, "429 503 SlowDown Throttling ThrottlingException"],
  [TimeoutError, "408 RequestTimeout"],
  [IntegrityError, "BadDigest InvalidDigest XAmzContentSHA256Mismatch XAmzContentChecksumMismatch"],
  [NotSupportedError, "405 501"],
];

function classOf(code: string | number | undefined): ErrorClass | undefined {
  return CLASSES.find(([, codes]) => codes.split(" ").includes(String(code)))?.[0];
}

/** The error that a failure is thrown as: by S3's code where it is known, else by the status. */
export function toStorageError(failure: ServiceFailure, details: StorageErrorDetails): StorageError {
  const { response, s3Code, message } = failure;
  const status = response.status;
  const errorClass = classOf(s3Code) ?? classOf(status) ?? ServiceError;
  const said = [s3Code, message].filter(Boolean).join(": ") || `status ${status}`;
  const target = details.key === undefined ? details.bucket : `${details.bucket}/${details.key}`;
  return new errorClass(
    `${details.operation} of ${target} failed: ${said}${HINTS.get(s3Code ?? String(status)) ?? ""}`,
    { ...details, status, s3Code, requestId: failure.requestId, response },
  );
}

/** An answer without something it must have. */
export function lacking(operation: string, what: string, details: StorageErrorDetails): ServiceError {
  const { bucket, key, cause } = details;
  return new ServiceError(`${operation} was answered without ${what}`, { operation, bucket, key, cause });
}

/** What to do about the failures whose cause the code alone does not tell. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ["403", ". S3 also answers so for a missing object when the credentials may not list the bucket (s3:ListBucket)"],
  ["RequestTimeTooSkewed", ". Set this machine's clock"],
  ["SignatureDoesNotMatch", ". Check the secret key and the region"],
]);

async function readBounded(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (let length = 0; length <= MAX_DOCUMENT_BYTES;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      length += value.byteLength;
      text += decoder.decode(value, { stream: true });
    }
    await reader.cancel();
    return "";
  } catch {
    return ""; // the status still says what happened
  }
}

/** The document that a text is; `undefined` where it is none, but a proxy's HTML, say. */
export function parseDocument(text: string): XmlElement | undefined {
  try {
    return parseXml(text);
  } catch {
    return undefined;
  }
}
