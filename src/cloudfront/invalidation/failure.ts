import { errorClassOf, type ErrorRow } from "../../aws/error_class.ts";
import { NotFoundError, type StorageError, ThrottledError } from "../../errors.ts";
import { foreignText } from "../../kit/text/foreign_text.ts";
import { child, childText, tryParseXml, type XmlElement } from "../../kit/text/xml.ts";

/** The codes and statuses that mean an error of a class for CloudFront alone. */
const CLOUDFRONT_ERRORS: readonly ErrorRow[] = [
  [NotFoundError, "404 NoSuchDistribution"],
  [ThrottledError, "TooManyInvalidationsInProgress"],
];

/**
 * Makes the error of a refused request: its class by CloudFront's code where that is known, else by the status.
 *
 * @param secrets Values to mask, as the response may repeat them.
 */
export function toStorageError(
  response: Response,
  text: string,
  distributionId: string,
  secrets: readonly (string | undefined)[],
): StorageError {
  const { status } = response;
  const { code, message, requestId } = readDocument(text, secrets);
  const why = [code, message].filter(Boolean).join(": ") || `status ${status}`;
  return new (errorClassOf(code, status, CLOUDFRONT_ERRORS))(
    `CreateInvalidation of distribution ${distributionId} failed: ${why}`,
    {
      operation: "CreateInvalidation",
      status,
      s3Code: code,
      requestId,
      response,
    },
  );
}

function readDocument(
  text: string,
  secrets: readonly (string | undefined)[],
): { readonly [Name in "code" | "message" | "requestId"]?: string | undefined } {
  const document = tryParseXml(text);
  if (document === undefined) return {};
  const read = (element: XmlElement, name: string): string | undefined =>
    foreignText(childText(element, name) ?? "", secrets) || undefined;
  const error = child(document, "Error") ?? document;
  const message = read(error, "Message")?.replace(/\.$/, "");
  return { code: read(error, "Code"), message, requestId: read(document, "RequestId") };
}
