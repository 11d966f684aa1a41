import { invalidArgument } from "../protocol/errors.ts";
import { setTextHeader } from "../protocol/header_text.ts";
import { headerParameters, type S3Request } from "../protocol/request.ts";
import { ANONYMOUS, type AuthenticationSettings, type Identity } from "./identity.ts";
import { checkSigV2Header, checkSigV2Query } from "./sigv2_check.ts";
import { checkSigV4Header, checkSigV4Query } from "./sigv4_check.ts";

/** Checks the signature of a request, which may have one at most; throws the error of S3 if it is invalid. */
export async function authenticate(request: S3Request, settings: AuthenticationSettings): Promise<Identity> {
  const authorization = request.headers.get("authorization");
  const sigv4Query = request.query.some(({ name }) => name === "X-Amz-Algorithm" || name === "X-Amz-Signature");
  const sigv2Query = request.query.some(({ name }) => name === "Signature" || name === "AWSAccessKeyId");
  if (Number(authorization !== null) + Number(sigv4Query) + Number(sigv2Query) > 1) {
    throw invalidArgument(
      "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter " +
        "or the Authorization header should be specified",
      "Authorization",
      "",
    );
  }
  if (sigv4Query) return await checkSigV4Query(request, settings);
  if (sigv2Query) return await checkSigV2Query(request, settings);
  if (authorization === null) {
    const payload = request.headers.get("x-amz-content-sha256") ?? ANONYMOUS.payload;
    return { ...ANONYMOUS, payload };
  }
  if (authorization.startsWith("AWS4-HMAC-SHA256")) return await checkSigV4Header(request, authorization, settings);
  if (authorization.startsWith("AWS ")) return await checkSigV2Header(request, authorization, settings);
  throw invalidArgument("Unsupported Authorization Type", "Authorization", authorization.split(" ")[0]!);
}

/**
 * The headers of an operation. In a presigned URL the lower-case `x-amz-*` parameters count as headers, so that a plain
 * request of a browser can have metadata or an ACL.
 */
export function effectiveHeaders(request: S3Request, identity: Identity): Headers {
  const headers = new Headers(request.headers);
  if (!identity.presigned) return headers;
  for (const [name, value] of headerParameters(request)) setTextHeader(headers, name, value);
  return headers;
}
