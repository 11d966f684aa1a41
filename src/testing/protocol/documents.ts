import { escapeXml } from "../../kit/text/xml.ts";

/** The content of an XML element: text, numbers, nested elements, or nothing. A list as a field repeats the element. */
export type XmlContent = string | number | boolean | undefined | XmlFields | readonly XmlContent[];

/** The children of an element, in order. */
export interface XmlFields {
  readonly [element: string]: XmlContent;
}

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

/** The content of a root element. A list of fields keeps the order of elements with different names. */
export type XmlRoot = XmlFields | readonly XmlFields[] | string;

/** Formats a document in the namespace of S3. */
export function xmlDocument(root: string, fields: XmlRoot): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${render(fields)}</${root}>`;
}

/** Formats an error document, which has no namespace in S3. */
export function errorDocument(fields: XmlFields): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${render(fields)}</Error>`;
}

/** A response with a document. */
export function xmlResponse(
  root: string,
  fields: XmlRoot,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(xmlDocument(root, fields), { headers: { "content-type": "application/xml", ...headers } });
}

function render(content: XmlContent): string {
  if (content === undefined) return "";
  if (typeof content !== "object") return xmlText(String(content));
  if (Array.isArray(content)) return content.map(render).join("");
  let xml = "";
  for (const [element, value] of Object.entries(content)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item !== undefined) xml += `<${element}>${render(item)}</${element}>`;
    }
  }
  return xml;
}

/** Escapes text. S3 writes control characters of keys as references, although XML 1.0 does not allow them. */
function xmlText(text: string): string {
  // deno-lint-ignore no-control-regex
  return escapeXml(text).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, (character) => {
    return `&#x${character.charCodeAt(0).toString(16)};`;
  });
}
