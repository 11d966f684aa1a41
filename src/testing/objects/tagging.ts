import { child, childrenNamed, childText } from "../../kit/text/xml.ts";
import { xmlResponse } from "../protocol/documents.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";
import { percentDecode } from "../protocol/percent.ts";
import { parseDocument } from "../protocol/request_documents.ts";

const MAX_TAGS = 10;

/** Parses the `x-amz-tagging` header, which has the form of a query. */
export function parseTaggingHeader(header: string | null): ReadonlyMap<string, string> {
  const pairs = (header ?? "").split("&").filter((piece) => piece !== "").map((piece): [string, string] => {
    const equals = piece.indexOf("=");
    const key = percentDecode(equals === -1 ? piece : piece.slice(0, equals), true);
    const value = percentDecode(equals === -1 ? "" : piece.slice(equals + 1), true);
    if (key === undefined || value === undefined) {
      throw invalidArgument(
        "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters " +
          "without tag name duplicates.",
        "x-amz-tagging",
        header ?? "",
      );
    }
    return [key, value];
  });
  return checkTags(pairs);
}

/** Parses a `Tagging` document. */
export function parseTaggingDocument(bytes: Uint8Array): ReadonlyMap<string, string> {
  const root = parseDocument(bytes, "Tagging");
  const set = child(root, "TagSet");
  if (set === undefined) throw new S3ServerError("MalformedXML");
  return checkTags(
    childrenNamed(set, "Tag").map((tag): [string, string] => {
      const key = childText(tag, "Key"), value = childText(tag, "Value");
      if (key === undefined || value === undefined) throw new S3ServerError("MalformedXML");
      return [key, value];
    }),
  );
}

/** The response to GetObjectTagging. */
export function taggingResponse(tags: ReadonlyMap<string, string>): Response {
  return xmlResponse("Tagging", { TagSet: { Tag: [...tags].map(([Key, Value]) => ({ Key, Value })) } });
}

function checkTags(pairs: readonly [string, string][]): ReadonlyMap<string, string> {
  if (pairs.length > MAX_TAGS) {
    throw new S3ServerError("BadRequest", `Object tags cannot be greater than ${MAX_TAGS}`);
  }
  const tags = new Map<string, string>();
  for (const [key, value] of pairs) {
    if (key === "" || key.length > 128) {
      throw new S3ServerError("InvalidTag", "The TagKey you have provided is invalid", { TagKey: key });
    }
    if (value.length > 256) {
      throw new S3ServerError("InvalidTag", "The TagValue you have provided is invalid", { TagValue: value });
    }
    if (tags.has(key)) throw new S3ServerError("InvalidTag", "Cannot provide multiple Tags with the same key");
    tags.set(key, value);
  }
  return tags;
}
