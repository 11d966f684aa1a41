import {
  NotFoundError,
  PermissionDeniedError,
  ServiceError,
  type StorageError,
  type StorageErrorDetails,
  ThrottledError,
  UnauthenticatedError,
} from "../../errors.ts";
import { foreignText } from "../../kit/text/printable.ts";
import { child, childText, parseXml, type XmlElement } from "../../kit/text/xml.ts";

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

/**
 * The error that CloudFront's refusal means: by its code where it gives one, else by the status.
 *
 * @param secrets What no error may show, though the answer repeats it.
 */
export function toStorageError(
  response: Response,
  text: string,
  distributionId: string,
  secrets: readonly (string | undefined)[],
): StorageError {
  const { status } = response;
  const { code, message, requestId } = readDocument(text, secrets);
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

function readDocument(
  text: string,
  secrets: readonly (string | undefined)[],
): Record<"code" | "message" | "requestId", string | undefined> {
  try {
    const document = parseXml(text);
    const told = (element: XmlElement, name: string): string | undefined =>
      foreignText(childText(element, name) ?? "", secrets) || undefined;
    const error = child(document, "Error") ?? document;
    const message = told(error, "Message")?.replace(/\.$/, "");
    return { code: told(error, "Code"), message, requestId: told(document, "RequestId") };
  } catch {
    return { code: undefined, message: undefined, requestId: undefined }; // a proxy's HTML, say
  }
}
