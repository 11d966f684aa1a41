import { S3ServerError } from "./errors.ts";
import type { S3Request } from "./request.ts";

/** Answers a preflight request of a browser. */
export function preflight(request: S3Request, enabled: boolean): Response {
  const method = request.headers.get("access-control-request-method");
  if (!enabled || method === null || !request.headers.has("origin")) {
    throw new S3ServerError("AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.");
  }
  const headers = new Headers({
    "access-control-allow-methods": "GET, HEAD, PUT, POST, DELETE",
    "access-control-max-age": "3000",
  });
  const asked = request.headers.get("access-control-request-headers");
  if (asked !== null) headers.set("access-control-allow-headers", asked);
  return new Response(null, { status: 200, headers });
}

/** Allows pages of any origin to read a response and its headers. */
export function allowAnyOrigin(headers: Headers): void {
  headers.set("access-control-allow-origin", "*");
  headers.set("access-control-expose-headers", [...new Set(headers.keys())].join(", "));
  headers.set("vary", "Origin, Access-Control-Request-Headers, Access-Control-Request-Method");
}
