import { parseCannedAcl, refuseGrants } from "../authentication/acl.ts";
import { S3ServerError } from "../protocol/errors.ts";
import type { ObjectAttributes } from "../store/stored_object.ts";
import { customerKeyHeaders } from "./customer_key.ts";
import { parseTaggingHeader } from "./tagging.ts";

/** The headers that S3 stores with an object and returns on every read. */
const SYSTEM_HEADERS = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "content-type",
  "expires",
  "x-amz-website-redirect-location",
  "x-amz-server-side-encryption",
  "x-amz-server-side-encryption-aws-kms-key-id",
] as const;

const STORAGE_CLASSES = new Set([
  ..."STANDARD REDUCED_REDUNDANCY STANDARD_IA ONEZONE_IA INTELLIGENT_TIERING".split(" "),
  ..."GLACIER DEEP_ARCHIVE GLACIER_IR EXPRESS_ONEZONE OUTPOSTS SNOW".split(" "),
]);

const MAX_METADATA_BYTES = 2048;

/** Reads the attributes of an object from the headers of a write. */
export function readAttributes(headers: Headers): ObjectAttributes {
  refuseUnsupported(headers);
  return {
    ...readDescription(headers),
    storageClass: readStorageClass(headers),
    acl: parseCannedAcl(headers.get("x-amz-acl")),
    tags: parseTaggingHeader(headers.get("x-amz-tagging")),
  };
}

/** Reads the attributes that CopyObject takes from the source, except with the directive REPLACE. */
export function readDescription(headers: Headers): Pick<ObjectAttributes, "systemHeaders" | "metadata"> {
  const systemHeaders = new Map<string, string>();
  for (const name of SYSTEM_HEADERS) {
    const value = name === "content-encoding" ? contentEncoding(headers) : headers.get(name);
    if (value !== null && value !== "") systemHeaders.set(name, value);
  }
  for (const [name, value] of customerKeyHeaders(headers)) systemHeaders.set(name, value);
  if (!systemHeaders.has("content-type")) systemHeaders.set("content-type", "binary/octet-stream");
  const metadata = new Map<string, string>();
  let size = 0;
  for (const [name, value] of headers) {
    if (!name.startsWith("x-amz-meta-")) continue;
    metadata.set(name.slice("x-amz-meta-".length), value);
    size += name.length - "x-amz-meta-".length + value.length;
  }
  if (size > MAX_METADATA_BYTES) {
    throw new S3ServerError("MetadataTooLarge", undefined, {
      Size: `${size}`,
      MaxSizeAllowed: `${MAX_METADATA_BYTES}`,
    });
  }
  return { systemHeaders, metadata };
}

/** The requested storage class. */
export function readStorageClass(headers: Headers): string {
  const storageClass = headers.get("x-amz-storage-class") ?? "STANDARD";
  if (!STORAGE_CLASSES.has(storageClass)) {
    throw new S3ServerError("InvalidStorageClass", undefined, { StorageClassRequested: storageClass });
  }
  return storageClass;
}

/** Refuses unsupported headers, so that no test passes because a header was ignored. */
function refuseUnsupported(headers: Headers): void {
  refuseGrants(headers);
  for (const name of headers.keys()) {
    if (name.startsWith("x-amz-object-lock-")) throw new S3ServerError("NotImplemented", undefined, { Header: name });
  }
}

/** The content encoding without `aws-chunked`, which only applies to the transfer. */
function contentEncoding(headers: Headers): string | null {
  return headers.get("content-encoding")?.split(",").map((coding) => coding.trim())
    .filter((coding) => coding.toLowerCase() !== "aws-chunked" && coding !== "").join(",") ?? null;
}
