import { encodeHex, encodeUtf8 } from "../../kit/bytes/bytes.ts";
import { md5 } from "../../kit/bytes/md5.ts";
import { isPublic } from "../authentication/acl.ts";
import type { AuthenticationSettings } from "../authentication/identity.ts";
import { readAttributes } from "../objects/attributes.ts";
import { parseTaggingDocument } from "../objects/tagging.ts";
import { newVersionHeaders } from "../objects/versions.ts";
import { xmlDocument } from "../protocol/documents.ts";
import { invalidArgument, S3ServerError } from "../protocol/errors.ts";
import { setTextHeader } from "../protocol/header_text.ts";
import { percentEncode } from "../protocol/percent.ts";
import { bucketOf, checkKeyLength, type S3Request } from "../protocol/request.ts";
import type { BucketStore } from "../store/bucket_store.ts";
import { checkFormSignature } from "./form_signature.ts";
import { parsePostedForm } from "./multipart_form.ts";
import { checkPolicy } from "./post_policy.ts";

/** Whether a request is a form upload of a browser, whose signature is in its fields. */
export function isFormUpload(request: S3Request): boolean {
  const contentType = request.headers.get("content-type") ?? "";
  return request.method === "POST" && request.bucket !== undefined && request.key === undefined &&
    /^multipart\/form-data/i.test(contentType);
}

/** PostObject: an upload from an HTML form. */
export async function postObject(
  request: S3Request,
  store: BucketStore,
  settings: AuthenticationSettings,
): Promise<Response> {
  const bucket = store.get(bucketOf(request));
  const form = parsePostedForm(request.body, request.headers.get("content-type") ?? "");
  const fields = new Map(form.fields);
  const template = fields.get("key");
  if (template === undefined || template === "") {
    throw invalidArgument(
      "Bucket POST must contain a field named 'key'. If it is specified, please check the order of " +
        "the fields.",
      "key",
      "",
    );
  }
  const key = template.replaceAll("${filename}", form.filename);
  checkKeyLength(key);
  const policy = fields.get("policy");
  if (policy === undefined) {
    if (!isPublic(bucket.acl, "WRITE")) throw new S3ServerError("AccessDenied");
  } else {
    await checkFormSignature(fields, policy, settings);
    const subject = new Map(fields).set("bucket", bucket.name).set("key", key);
    checkPolicy(policy, { fields: subject, size: form.file.length, now: settings.now });
  }
  const attributes = readAttributes(fieldHeaders(fields, form.fileContentType));
  const tagging = fields.get("tagging");
  const etag = encodeHex(md5(form.file));
  const versionId = bucket.put({
    ...attributes,
    tags: tagging === undefined ? attributes.tags : parseTaggingDocument(encodeUtf8(tagging)),
    key,
    bytes: form.file,
    etag,
    lastModified: settings.now,
    checksum: undefined,
    partSizes: undefined,
  });
  const stored = { bucket: bucket.name, key, etag };
  return formResponse(request, fields, stored, newVersionHeaders(versionId));
}

/** Converts form fields to the headers of PutObject; only `acl` has another name. */
function fieldHeaders(fields: ReadonlyMap<string, string>, fileContentType: string | undefined): Headers {
  const headers = new Headers();
  if (fileContentType !== undefined) setTextHeader(headers, "content-type", fileContentType);
  for (const [name, value] of fields) {
    if (name === "acl") setTextHeader(headers, "x-amz-acl", value);
    else if (/^(content-|cache-control$|expires$|x-amz-)/.test(name)) {
      setTextHeader(headers, name, value);
    }
  }
  return headers;
}

function formResponse(
  request: S3Request,
  fields: ReadonlyMap<string, string>,
  stored: { bucket: string; key: string; etag: string },
  version: Readonly<Record<string, string>>,
): Response {
  const quoted = `"${stored.etag}"`;
  const path = request.virtualHosted ? "" : `/${stored.bucket}`;
  const location = `${request.scheme}//${request.host}${path}/${percentEncode(stored.key, "/")}`;
  const redirect = fields.get("success_action_redirect") ?? fields.get("redirect");
  if (redirect !== undefined && URL.canParse(redirect)) {
    const target = new URL(redirect);
    target.searchParams.set("bucket", stored.bucket);
    target.searchParams.set("key", stored.key);
    target.searchParams.set("etag", quoted);
    return new Response(null, { status: 303, headers: { location: target.href, etag: quoted, ...version } });
  }
  const headers = { location, etag: quoted, ...version };
  const status = fields.get("success_action_status");
  if (status === "200") return new Response(null, { status: 200, headers });
  if (status !== "201") return new Response(null, { status: 204, headers });
  const document = { Location: location, Bucket: stored.bucket, Key: stored.key, ETag: quoted };
  return new Response(xmlDocument("PostResponse", document), {
    status: 201,
    headers: { ...headers, "content-type": "application/xml" },
  });
}
