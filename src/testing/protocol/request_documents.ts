import { parseXml, type XmlElement } from "../../kit/text/xml.ts";
import { S3ServerError } from "./errors.ts";

/** Parses the XML document of a request, which must have the given root element. */
export function parseDocument(bytes: Uint8Array, root: string): XmlElement {
  if (bytes.length === 0) throw new S3ServerError("MissingRequestBodyError");
  let element: XmlElement | undefined;
  try {
    element = parseXml(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    // Reported below with the error code of S3.
  }
  if (element?.name !== root) throw new S3ServerError("MalformedXML");
  return element;
}
