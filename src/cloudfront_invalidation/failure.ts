import {
  NotFoundError,
  PermissionDeniedError,
  ServiceError,
  type StorageError,
  type StorageErrorDetails,
  ThrottledError,
  UnauthenticatedError,
} from "../errors.ts";
import { child, childText, parseXml } from "../kit/xml.ts";

type ErrorClass = new (message: string, details: StorageErrorDetails) => StorageError;

const BY_CODE: ReadonlyMap<string, ErrorClass> = new Map<string, ErrorClass>([
  ["AccessDenied", PermissionDeniedError],
  ["NoSuchDistribution", NotFoundError],
  ["ExpiredToken", UnauthenticatedError],
  ["IncompleteSignature", UnauthenticatedError],
  ["InvalidClientTokenId", UnauthenticatedError],
  ["MissingAuthenticationToken", UnauthenticatedError],
  ["RequestExpired", UnauthenticatedError],
  ["SignatureDoesNotMatch", UnauthenticatedError],
  ["Throttling", ThrottledError],
  ["TooManyInvalidationsInProgress", ThrottledError],
]);

const BY_STATUS: ReadonlyMap<number, ErrorClass> = new Map<number, ErrorClass>([
  [401, UnauthenticatedError],
  [403, PermissionDeniedError],
  [404, NotFoundError],
  [429, ThrottledError],
  [503, ThrottledError],
]);

/** The error that CloudFront's refusal means: by its code where it gives one, else by the status. */
export function toStorageError(response: Response, text: string, distributionId: string): StorageError {
  const { status } = response;
  const { code, message, requestId } = readDocument(text);
  const errorClass = BY_CODE.get(code ?? "") ?? BY_STATUS.get(status) ?? ServiceError;
  const said = [code, message].filter(Boolean).join(": ") || `status ${status}`;
  return new errorClass(`CreateInvalidation of distribution ${distributionId} failed: ${said}`, {
    operation: "CreateInvalidation",
    status,
    s3Code: code,
    requestId,
    response,
  });
}

function readDocument(text: string): Record<"code" | "message" | "requestId", string | undefined> {
  try {
    const document = parseXml(text);
    const error = child(document, "Error") ?? document;
    const message = childText(error, "Message")?.replace(/\.$/, "");
    return { code: childText(error, "Code"), message, requestId: childText(document, "RequestId") };
  } catch {
    return { code: undefined, message: undefined, requestId: undefined }; // a proxy's HTML, say
  }
}
