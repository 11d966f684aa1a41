import { errorClassOf, type ErrorRow } from "../aws/error_class.ts";
import {
  IntegrityError,
  NotFoundError,
  NotSupportedError,
  PreconditionFailedError,
  ServiceError,
  type StorageError,
  type StorageErrorDetails,
  ThrottledError,
  TimeoutError,
  UnauthenticatedError,
} from "../errors.ts";
import { foreignText } from "../kit/text/printable.ts";
import { readLimited } from "../kit/bytes/read_limited.ts";
import { childText, tryParseXml, type XmlElement } from "../kit/text/xml.ts";
import type { Answer } from "./exchange.ts";

/** An error document is some hundred bytes; what is longer is no error document, and is not read to its end. */
const MAX_DOCUMENT_BYTES = 64 * 1024;

/**
 * The longest document that is read. A page of a listing is the longest there is: a thousand keys of 1,024 bytes, each
 * byte of which takes up to six in XML (`&quot;`), and 1 KiB of all else for each; that is 7 MiB.
 */
const MAX_ANSWER_BYTES = 16 * 1024 ** 2;

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

/** An answer, and what was sent that no error may show. */
type FailedAnswer = Pick<Answer, "response"> & Partial<Pick<Answer, "secrets">>;

/** Reads an answer that is an error by its status. */
export async function readFailure(answer: FailedAnswer): Promise<ServiceFailure> {
  // What is longer or breaks off leaves the status to say what happened.
  const text = await readText(answer, MAX_DOCUMENT_BYTES, () => new Error()).catch(() => "");
  return describeFailure(answer, tryParseXml(text));
}

/**
 * Reads the document that answers a request.
 *
 * @throws {ServiceError} If it is longer than any document of S3.
 */
export async function readDocument(
  answer: FailedAnswer,
  operation: string,
  { bucket, key }: StorageErrorDetails,
): Promise<XmlElement | undefined> {
  const said = `Invalid response to ${operation}: longer than ${MAX_ANSWER_BYTES} bytes`;
  const tooLong = (): Error => new ServiceError(said, { operation, bucket, key });
  return tryParseXml(await readText(answer, MAX_ANSWER_BYTES, tooLong));
}

async function readText({ response: { body } }: FailedAnswer, limit: number, tooLong: () => Error): Promise<string> {
  return body === null ? "" : new TextDecoder().decode(await readLimited(body, limit, tooLong));
}

/** Describes a failure from its document, also one that came with status 200. */
export function describeFailure(answer: FailedAnswer, document: XmlElement | undefined): ServiceFailure {
  const { response } = answer;
  const secrets = answer.secrets?.();
  const told = (name: string, header?: string): string | undefined => {
    const text = (header && response.headers.get(header)) ?? (document && childText(document, name));
    return (text && foreignText(text, secrets)) || undefined;
  };
  const said = SUMS.flatMap((names) => {
    const [sent, arrived] = names.map((name) => told(name));
    return sent && arrived ? ` (${sent} was sent, ${arrived} is that of what arrived)` : [];
  }).join();
  return {
    response,
    s3Code: told("Code"),
    message: told("Message")?.replace(/\.?$/, () => said) || undefined,
    region: told("Region", "x-amz-bucket-region"),
    requestId: told("RequestId", "x-amz-request-id"),
  };
}

/** Elements that tell the sum that was sent, and that of what arrived, of a body that was damaged on its way. */
const SUMS = [
  ["ExpectedDigest", "CalculatedDigest"],
  ["ClientComputedContentSHA256", "S3ComputedContentSHA256"],
] as const;

/** The codes and statuses that mean an error of a class for S3 alone. */
const S3_ERRORS: readonly ErrorRow[] = [
  [NotFoundError, "404 NoSuchKey NoSuchUpload"],
  [PreconditionFailedError, "304 412 PreconditionFailed ConditionalRequestConflict"],
  [
    UnauthenticatedError,
    "InvalidAccessKeyId InvalidToken ExpiredTokenException TokenRefreshRequired RequestTimeTooSkewed " +
    "AuthorizationHeaderMalformed",
  ],
  [ThrottledError, "ThrottlingException"],
  [TimeoutError, "408 RequestTimeout"],
  [IntegrityError, "BadDigest InvalidDigest XAmzContentSHA256Mismatch XAmzContentChecksumMismatch"],
  [NotSupportedError, "405 501"],
];

/** The error that a failure is thrown as: by S3's code where it is known, else by the status. */
export function toStorageError(failure: ServiceFailure, details: StorageErrorDetails): StorageError {
  const { response, s3Code, message } = failure;
  const status = response.status;
  const said = [s3Code, message].filter(Boolean).join(": ") || `status ${status}`;
  const target = details.key === undefined ? details.bucket : `${details.bucket}/${details.key}`;
  return new (errorClassOf(s3Code, status, S3_ERRORS))(
    `${details.operation} of ${target} failed: ${said}${HINTS.get(s3Code ?? String(status)) ?? ""}`,
    { ...details, status, s3Code, requestId: failure.requestId, response },
  );
}

/** What to do about the failures whose cause the code alone does not tell. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ["403", ". S3 also answers so for a missing object when the credentials may not list the bucket (s3:ListBucket)"],
  ["RequestTimeTooSkewed", ". Set this machine's clock"],
  ["SignatureDoesNotMatch", ". Check the secret key and the region"],
]);
