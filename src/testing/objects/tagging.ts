import { child, childrenNamed } from "../../kit/text/xml.ts";
import { xmlResponse } from "../protocol/documents.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";
import { percentDecode } from "../protocol/percent.ts";
import { parseDocument } from "../protocol/request_documents.ts";

const MAX_TAGS = 10;

/** The limits in characters, not in UTF-16 code units. */
const MAX_KEY_LENGTH = 128;
const MAX_VALUE_LENGTH = 256;

/** Letters, digits and spaces of all languages, and a few signs. */
const ALLOWED = /^[\p{L}\p{M}\p{N}\p{Z}_.:/=+\-@]*$/u;

/** Parses the `x-amz-tagging` header, which has the form of a query. */
export function parseTaggingHeader(header: string | null): ReadonlyMap<string, string> {
  const malformed = (): S3ServerError =>
    invalidArgument(
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters " +
        "without tag name duplicates.",
      "x-amz-tagging",
      header ?? "",
    );
  const pairs = (header ?? "").split("&").filter((piece) => piece !== "").map((piece): [string, string] => {
    const equals = piece.indexOf("=");
    const key = percentDecode(equals === -1 ? piece : piece.slice(0, equals), true);
    const value = percentDecode(equals === -1 ? "" : piece.slice(equals + 1), true);
    if (key === undefined || value === undefined) throw malformed();
    return [key, value];
  });
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw malformed();
  return checkTags(pairs);
}

/** Parses a `Tagging` document. */
export function parseTaggingDocument(bytes: Uint8Array): ReadonlyMap<string, string> {
  const root = parseDocument(bytes, "Tagging");
  const set = child(root, "TagSet");
  if (set === undefined) throw new S3ServerError("MalformedXML");
  return checkTags(
    childrenNamed(set, "Tag").map((tag): [string, string] => {
      const key = child(tag, "Key")?.text, value = child(tag, "Value")?.text;
      if (key === undefined || value === undefined) throw new S3ServerError("MalformedXML");
      return [key, value];
    }),
  );
}

/** The response to GetObjectTagging. */
export function taggingResponse(
  tags: ReadonlyMap<string, string>,
  headers: Readonly<Record<string, string>>,
): Response {
  return xmlResponse("Tagging", { TagSet: { Tag: [...tags].map(([Key, Value]) => ({ Key, Value })) } }, headers);
}

function checkTags(pairs: readonly [string, string][]): ReadonlyMap<string, string> {
  if (pairs.length > MAX_TAGS) {
    throw new S3ServerError("BadRequest", `Object tags cannot be greater than ${MAX_TAGS}`);
  }
  const tags = new Map<string, string>();
  for (const [key, value] of pairs) {
    if (tags.has(key)) {
      throw new S3ServerError("InvalidTag", "Cannot provide multiple Tags with the same key", { TagKey: key });
    }
    if (key.startsWith("aws:")) {
      throw new S3ServerError("InvalidTag", "Your TagKey cannot be prefixed with aws:", { TagKey: key });
    }
    if (key === "" || [...key].length > MAX_KEY_LENGTH || !ALLOWED.test(key)) {
      throw new S3ServerError("InvalidTag", "The TagKey you have provided is invalid", { TagKey: key });
    }
    if ([...value].length > MAX_VALUE_LENGTH || !ALLOWED.test(value)) {
      throw new S3ServerError("InvalidTag", "The TagValue you have provided is invalid", {
        TagKey: key,
        TagValue: value,
      });
    }
    tags.set(key, value);
  }
  return tags;
}
