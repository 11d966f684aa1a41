import { errorClassOf, type ErrorRow } from "../aws/error_class.ts";
import {
  ArchivedError,
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
import { foreignText } from "../kit/text/foreign_text.ts";
import { readLimited } from "../kit/bytes/read_limited.ts";
import { childText, tryParseXml, type XmlElement } from "../kit/text/xml.ts";
import type { ReceivedResponse } from "./exchange.ts";
import { TLS_ADVICE } from "./recovery/connection_advice.ts";
import {
  foreignFailureProblem,
  foreignProblem,
  foreignResponse,
  isForeignDocument,
} from "./recovery/foreign_response.ts";
import { storedResponse } from "./operations/transcoded.ts";
import { invalidResponse } from "./invalid_response.ts";
import type { S3Request } from "./request.ts";

/** The longest error document that is read; they have a few hundred bytes. */
const MAX_DOCUMENT_BYTES = 64 * 1024;

/**
 * The longest document that is read. The longest of S3 is a page of a listing: 1,000 keys of 1,024 bytes, which take up to six
 * bytes each in XML (`&quot;`), plus 1 KiB for each entry; together 7 MiB.
 */
const MAX_RESPONSE_BYTES = 16 * 1024 ** 2;

/** The content of an error response, in any of its forms. */
export interface ServiceFailure {
  readonly response: Response;
  /** The code of S3; `undefined` without a document, as for HEAD. */
  readonly s3Code: string | undefined;
  readonly message: string | undefined;
  /** The actual region of the bucket, if the service reports it. */
  readonly region: string | undefined;
  readonly requestId: string | undefined;
  /** What the response lacks, if a captive portal or a proxy has sent it in place of the service. */
  readonly foreign?: string | undefined;
}

/** A response, and what has the secrets that errors must not show. */
type FailedResponse = Pick<ReceivedResponse, "response"> & Partial<Pick<ReceivedResponse, "sent" | "credentials">>;

/** Reads a response whose status is an error. */
export async function readFailure(
  received: FailedResponse,
  request: Pick<S3Request, "method">,
): Promise<ServiceFailure> {
  // If the document is too long or incomplete, the status alone describes the failure.
  const text = await readText(received, MAX_DOCUMENT_BYTES, () => new Error()).catch(() => "too long");
  const failure = describeFailure(received, tryParseXml(text));
  return failure.s3Code === undefined
    ? { ...failure, foreign: foreignFailureProblem(received.response, request, text) }
    : failure;
}

/** Throws the error for a response. */
type Fail = (describe: () => ServiceFailure) => Promise<never>;

/** Checks a successful response that may not be of S3, and completes that of Google Cloud Storage. */
export async function checkResponse(
  received: ReceivedResponse,
  request: S3Request,
  fail: Fail,
): Promise<ReceivedResponse> {
  const { response } = received;
  if (request.root !== undefined) return received;
  const problem = foreignProblem(response, request);
  if (problem !== undefined) await fail(() => foreignFailure(received, problem));
  try {
    return { ...received, response: storedResponse(response, request) };
  } catch (error) {
    response.body?.cancel().catch(() => {}); // an unread body would block its connection
    throw error;
  }
}

/** A response with its document. */
export interface ReceivedDocument extends ReceivedResponse {
  readonly document: XmlElement;
}

/**
 * Reads the document of a successful response.
 *
 * @param root The name of its root element.
 */
export async function readResult(
  received: ReceivedResponse,
  request: S3Request,
  root: string,
  fail: Fail,
): Promise<ReceivedDocument> {
  const document = await readDocument(received, request.operation, request);
  // Copies and completions respond with 200 before they are finished; the document may then report a failure.
  if (document?.name === "Error") await fail(() => describeFailure(received, document));
  // moto names some roots after the response.
  if (document?.name === root || document?.name === root.replace(/Result$/, "Response")) {
    return { ...received, document };
  }
  const problem = `missing document ${root}`;
  if (isForeignDocument(received.response, document !== undefined)) await fail(() => foreignFailure(received, problem));
  throw invalidResponse(request.operation, problem, request);
}

/** Describes a response that is not of S3. */
function foreignFailure(received: FailedResponse, foreign: string): ServiceFailure {
  received.response.body?.cancel().catch(() => {}); // an unread body would block its connection
  return { ...describeFailure(received, undefined), foreign };
}

/**
 * Reads the document of a response.
 *
 * @throws {ServiceError} If it is longer than any document of S3.
 */
export async function readDocument(
  received: FailedResponse,
  operation: string,
  { bucket, key }: StorageErrorDetails,
): Promise<XmlElement | undefined> {
  const message = `Invalid response to ${operation}: longer than ${MAX_RESPONSE_BYTES} bytes`;
  const tooLong = (): Error => new ServiceError(message, { operation, bucket, key });
  return tryParseXml(await readText(received, MAX_RESPONSE_BYTES, tooLong));
}

async function readText({ response: { body } }: FailedResponse, limit: number, tooLong: () => Error): Promise<string> {
  return body === null ? "" : new TextDecoder().decode(await readLimited(body, limit, tooLong));
}

/** Describes a failure by its document, also one with status 200. */
export function describeFailure(received: FailedResponse, document: XmlElement | undefined): ServiceFailure {
  const { response } = received;
  const secrets = secretsOf(received);
  const find = (name: string, header?: string): string | undefined => {
    const text = (header && response.headers.get(header)) ?? (document && childText(document, name));
    return (text && foreignText(text, secrets)) || undefined;
  };
  const digests = DIGESTS.flatMap((names) => {
    const [sent, received] = names.map((name) => find(name));
    return sent && received ? ` (sent ${sent}, received ${received})` : [];
  }).join();
  return {
    response,
    s3Code: find("Code"),
    message: find("Message")?.replace(/\.?$/, () => digests) || undefined,
    region: find("Region", "x-amz-bucket-region"),
    requestId: find("RequestId", "x-amz-request-id"),
  };
}

/** Elements with the digest that was sent and that of the body that was received, for a body damaged on the way. */
const DIGESTS = [
  ["ExpectedDigest", "CalculatedDigest"],
  ["ClientComputedContentSHA256", "S3ComputedContentSHA256"],
] as const;

/** The codes and statuses that mean an error of a class for S3 alone. */
const S3_ERRORS: readonly ErrorRow[] = [
  [NotFoundError, "404 NoSuchKey NoSuchUpload"],
  [ArchivedError, "InvalidObjectState"],
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

/** Converts a failure into an error: by the code of S3 if it is known, otherwise by the status. */
export function toStorageError(failure: ServiceFailure, details: StorageErrorDetails): StorageError {
  if (failure.foreign !== undefined) return foreignResponse(failure.response, failure.foreign, details);
  const { response, s3Code, message } = failure;
  const status = response.status;
  const reason = [s3Code, message].filter(Boolean).join(": ") || `status ${status}`;
  const isPlain = status === 400 && s3Code === undefined && response.url.startsWith("http:");
  const target = details.key === undefined ? details.bucket : `${details.bucket}/${details.key}`;
  return new (errorClassOf(s3Code, status, S3_ERRORS))(
    `${details.operation} of ${target} failed: ${reason}${
      HINTS.get(isPlain ? "http" : s3Code ?? String(status)) ?? ""
    }`,
    { ...details, status, s3Code, requestId: failure.requestId, response },
  );
}

/** Advice for failures whose cause the code alone does not explain. */
const HINTS: ReadonlyMap<string, string> = new Map([
  ["403", ". S3 also sends 403 for a missing object if the credentials may not list the bucket (s3:ListBucket)"],
  ["http", `. ${TLS_ADVICE}`],
  ["InvalidObjectState", ". Restore the object first"],
  ["RequestTimeTooSkewed", ". Set this machine's clock"],
  ["SignatureDoesNotMatch", ". Check the secret key and the region"],
]);

/** The values of headers that authenticate a request, or decrypt an object, and the credentials. */
export function secretsOf({ sent, credentials }: Pick<FailedResponse, "sent" | "credentials">): string[] | undefined {
  if (sent === undefined || credentials === undefined) return undefined;
  const headers = Object.entries(sent).filter(([name]) => /authorization|token|-key$/i.test(name));
  const signature = sent.authorization?.split(/Signature=|:/).at(-1); // responses may repeat it alone
  const { secretAccessKey, accessKeyId } = credentials;
  return [...headers.map(([, value]) => value), secretAccessKey, accessKeyId, signature ?? ""];
}
